"""Stock mitmdump with our addons records what the lean gateway records."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analytics.event import NotInspected, WebEvent, as_dict
from analytics.records import Heartbeat, ShieldCount
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School, stop

pytestmark = pytest.mark.slow

MITMDUMP = [str(Path(sys.executable).with_name("mitmdump")), "-q", "-s", "proxy_addons/gateway.py"]
_OF_THE_MOMENT = ("event_id", "ts_ms", "duration_ms", "segment", "seq")


def browse(school: School, web: LocalWeb) -> None:
    page(school, "https://www.amazon.co.uk/gp?x=1")
    page(school, "http://www.argos.co.uk/")
    page(school, "https://www.johnlewis.com/moved", "-L")
    page(school, "https://www.samaritans.org/")
    fetch(school, "https://www.barclays.co.uk/", ca=str(web.authority.certificate))
    fetch(school, "https://big.argos.co.uk/chunked/1000000", "-o", "/dev/null")
    page(school, "https://www.google.com/search?q=maths+games")


def plain(event: WebEvent) -> dict[str, Any]:
    kept = {name: value for name, value in as_dict(event).items() if name not in _OF_THE_MOMENT}
    if event.not_inspected is not NotInspected.INSPECTED:
        # A handshake's signatures are a byte longer or shorter each time.
        del kept["bytes_up"], kept["bytes_down"]
    return kept


def recorded(school: School, web: LocalWeb, command: list[str] | None) -> list[WebEvent]:
    school.prepare()
    process = school.start(ready=False, command=command)
    try:
        assert wait_until(lambda: fetch(school, "http://www.samaritans.org/").status == 200)
        browse(school, web)
        assert wait_until(lambda: len(school.events()) >= 7)
    finally:
        stop(process)
    return school.events()


def test_the_same_browsing_leaves_the_same_records(tmp_path: Path) -> None:
    with LocalWeb(tmp_path / "web") as web:
        lean, stock = School(tmp_path / "lean", web), School(tmp_path / "stock", web)
        ours = [plain(event) for event in recorded(lean, web, None)]
        theirs = [plain(event) for event in recorded(stock, web, [*MITMDUMP, "-p", str(stock.port)])]
    assert len(ours) == 7
    assert ours == theirs
    for school in (lean, stock):
        # Two records where the hour changed between the two.
        assert sum(record.count for record in school.records() if isinstance(record, ShieldCount)) == 2
        assert [record.passed_through for record in school.records() if isinstance(record, Heartbeat)] == [1]


def test_in_another_mode_than_the_schools_it_stops(tmp_path: Path) -> None:
    school = School(tmp_path / "state", gateway={"mode": "transparent"})
    school.prepare()
    done = subprocess.run(
        [*MITMDUMP, "-p", str(school.port)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "FAIRGATE_STATE": str(school.root)},
    )
    assert "another mode" in done.stdout + done.stderr


def test_without_a_state_folder_mitmdump_does_not_start() -> None:
    done = subprocess.run(
        MITMDUMP,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp"},
    )
    assert done.returncode != 0
    assert "Set FAIRGATE_STATE" in done.stdout + done.stderr
