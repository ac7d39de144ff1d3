"""A real gateway under way while the technician imports lists with the real command."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.event import Purpose, WebEvent
from tests.end_to_end.browsing import page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, web: LocalWeb) -> Iterator[School]:
    school = School(tmp_path_factory.mktemp("school") / "state", web)
    with school.running():
        yield school


def command(school: School, *arguments: str) -> str:
    asked = [sys.executable, "-m", "fairgate", "lists", *arguments, "--state", str(school.root)]
    done = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def folder(path: Path, **categories: str) -> str:
    for category, name in categories.items():
        (path / category).mkdir(parents=True)
        (path / category / "domains").write_text(name)
    return str(path)


def visited(school: School, host: str) -> WebEvent:
    """The event of one more visit to `host`."""

    def events() -> list[WebEvent]:
        return [event for event in school.events() if event.host == host]

    before = len(events())
    assert page(school, f"https://{host}/").status == 200
    assert wait_until(lambda: len(events()) > before)
    return events()[-1]


def test_lists_come_into_force_while_the_gateway_runs_and_go_again(school: School, tmp_path: Path) -> None:
    first = visited(school, "www.casino.example")
    assert (first.category, first.purpose, first.list_name) == ("unknown", Purpose.UNKNOWN, "")
    lists = folder(tmp_path / "b", gambling="casino.example", sect="temple.example")
    assert "In force: version" in command(school, "import", lists, "--list", "ut1", "--apply")

    def judged_by_list() -> bool:
        return visited(school, "www.casino.example").category == "gambling"

    assert wait_until(judged_by_list)
    second = visited(school, "www.casino.example")
    assert (second.purpose, second.gravity, second.rule) == (Purpose.UNKNOWN, 0, "casino.example")
    assert second.list_name == "UT1 lists, University of Toulouse Capitole"
    assert second.policy_version != first.policy_version

    assert page(school, "https://www.temple.example/hours", "--insecure").status == 200
    assert [event for event in school.events() if "temple" in event.host] == []

    (school.root / "lists" / "in-force.lists").unlink()
    (school.root / "lists" / "in-force.lists").write_bytes(b"damaged")
    time.sleep(1)  # long enough for it to have been looked at and refused
    assert visited(school, "www.casino.example").policy_version == second.policy_version
