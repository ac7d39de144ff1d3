"""Memory over days of browsing: what a gateway holds does not grow with what passed through it.

It is looked at when the gateway has given back what it no longer uses, as it does twice a minute.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.state import DEMONSTRATION_MARK
from proxy_addons.spare_memory import SECONDS
from tests.end_to_end.browsing import fetch
from tests.hostile.gateway_memory import pid_of, resident_kb
from tests.hostile.test_gateway_memory import MOST_KB
from tests.proxy_addons.local_web import Authority, LocalWeb, free_port, wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School

pytestmark = pytest.mark.soak

HUGE = 5_000_000_000
EARLY, LATE = 20_000, 200_000
STEP = 60_000
MOST_GROWTH = 0.02
AT_REST = SECONDS + 5


def test_memory_at_request_200_000_is_what_it_was_at_20_000(tmp_path: Path) -> None:
    authority, port = Authority(tmp_path / "web"), free_port()
    web = _process("tests.benchmarks.tiny_web", str(authority.leaf("*.argos.co.uk")), str(port))
    options = {"stand_in": f"127.0.0.1:{port}", "upstream_ca": str(authority.certificate)}
    school = School(tmp_path / "state", gateway=options)
    school.state.prepare()
    (school.root / DEMONSTRATION_MARK).touch()
    with school.running():
        browsing = _process("tests.hostile.steady_browsing", str(school.port), school.ca, "6", ready=False)
        resident: dict[int, int] = {}
        for made in range(EARLY, LATE + 1, STEP):
            _make(browsing, made - max(resident, default=0))
            time.sleep(AT_REST)
            resident[made] = resident_kb(pid_of(school))
            sys.stdout.write(f"{made} requests: {resident[made]} kB\n")
        browsing.communicate(timeout=60)
    web.communicate(timeout=60)
    assert len(school.events()) == LATE
    assert resident[LATE] <= resident[EARLY] * (1 + MOST_GROWTH), resident


def test_a_download_of_five_gigabytes_is_counted_to_the_byte_in_the_same_memory(tmp_path: Path) -> None:
    with LocalWeb(tmp_path / "web") as web:
        school = School(tmp_path / "state", web)
        with school.running():
            assert (
                fetch(school, f"https://huge.argos.co.uk/large/{HUGE}", "-o", "/dev/null", "-m", "3600").status == 200
            )
            peak = resident_kb(pid_of(school), peak=True)
            assert wait_until(lambda: any(event.bytes_down == HUGE for event in school.events()))
    assert peak <= MOST_KB


def _process(module: str, *given: str, ready: bool = True) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *given], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if ready:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    return process


def _make(browsing: subprocess.Popen[str], exchanges: int) -> None:
    assert browsing.stdin is not None
    assert browsing.stdout is not None
    browsing.stdin.write(f"{exchanges}\n")
    browsing.stdin.flush()
    assert browsing.stdout.readline() == f"{exchanges}\n"
