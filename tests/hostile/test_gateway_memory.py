"""How much memory a gateway may take: a promise in bytes, measured by the kernel."""

import subprocess
from pathlib import Path

import pytest

from tests.hostile.gateway_memory import pid_of, resident_kb
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School

pytestmark = pytest.mark.slow

MOST_KB = 130_000
DOWNLOADS, SIZE = 50, 20_000_000


def test_fifty_large_downloads_at_once_take_at_most_130_mb(tmp_path: Path) -> None:
    with LocalWeb(tmp_path / "web") as web:
        school = School(tmp_path / "state", web)
        with school.running():
            downloads = [
                _download(school, f"https://d{number}.argos.co.uk/large/{SIZE}") for number in range(DOWNLOADS)
            ]
            assert [download.wait(timeout=250) for download in downloads] == [0] * DOWNLOADS
            peak = resident_kb(pid_of(school), peak=True)
            assert wait_until(lambda: sum(event.bytes_down == SIZE for event in school.events()) == DOWNLOADS)
    assert peak <= MOST_KB, f"{peak} kB"


def _download(school: School, url: str) -> subprocess.Popen[bytes]:
    through = ["curl", "-sS", "-m", "240", "-x", school.proxy, "--cacert", school.ca, "-o", "/dev/null", url]
    return subprocess.Popen(through)
