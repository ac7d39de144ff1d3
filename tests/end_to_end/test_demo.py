"""`fairgate demo`, as a person runs it."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.standing_demo import free_port, left_behind, standing_demo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def once(state: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    ports = ["--gateway-port", str(free_port()), "--dashboard-port", str(free_port())]
    done = subprocess.run(
        [sys.executable, "-m", "fairgate", "demo", "--once", "--json", "--state", str(state), *ports],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.stdout, done.stderr
    return done, json.loads(done.stdout)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "state"


def test_once_every_request_is_one_event_every_chosen_page_one_visit_and_the_bundle_holds(state: Path) -> None:
    done, result = once(state)
    assert done.returncode == 0, done.stderr
    assert "Writing four weeks of history" in done.stderr
    assert (result["lost"], result["doubled"], result["unanswered"]) == (0, 0, 0)
    assert result["events_stored"] == result["events_expected"] > 250
    assert result["visits"] == result["visits_expected"] == sum(result["by_purpose"].values()) > 30
    assert {"work", "private", "unknown"} <= result["by_purpose"].keys()
    assert result["not_recorded_shielded"] > 0
    assert result["not_recorded_not_told"] > 0
    total = result["events_expected"] + result["not_recorded_shielded"] + result["not_recorded_not_told"]
    assert result["requests_sent"] == total
    assert result["verified"] is True
    assert Path(result["bundle"]) == state / "bundle.zip"
    assert left_behind(state) == []


def test_a_second_run_on_the_same_state_counts_only_its_own(state: Path) -> None:
    done, result = once(state)
    assert done.returncode == 0, done.stderr
    assert result["events_stored"] == result["events_expected"]
    assert "Writing four weeks of history" not in done.stderr


def test_standing_it_says_where_everything_is_and_ctrl_c_leaves_nothing_running(state: Path, tmp_path: Path) -> None:
    with standing_demo(state, tmp_path / "said") as demo:
        said = (tmp_path / "said").read_text("utf-8")
        for part in (demo.dashboard, str(demo.gateway_ca), f"127.0.0.1:{demo.gateway_port}", demo.password("okafor")):
            assert part in said
        assert len(left_behind(state)) >= 4
    assert demo.process.returncode == 0
    assert left_behind(state) == []
    assert not list((state / "run").glob("*.ready"))


def test_a_second_start_is_refused_at_once_and_the_first_goes_on(state: Path, tmp_path: Path) -> None:
    with standing_demo(state, tmp_path / "said") as demo:
        before = left_behind(state)
        done = subprocess.run(
            [sys.executable, "-m", "fairgate", "demo", "--state", str(state)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert f"A demonstration already runs in {state}; it is at {demo.dashboard}; stop it with" in done.stderr
        assert "Traceback" not in done.stderr
        assert sorted(left_behind(state)) == sorted(before)
        with urllib.request.urlopen(demo.dashboard, timeout=30) as page:  # noqa: S310 - its own http address
            assert page.status == 200
        assert sorted(path.stem for path in (state / "run").glob("*.ready")) == [
            "dashboard",
            "gateway",
            "gateway-0",
            "store",
        ]
        assert demo.process.poll() is None
    assert demo.process.returncode == 0


def test_a_school_that_is_no_demonstration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fairgate.toml").write_text('school = "real"\nschool_name = "Real"\n')
    done = subprocess.run(
        [sys.executable, "-m", "fairgate", "demo", "--once", "--json", "--state", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "is not a demonstration's folder" in done.stderr
