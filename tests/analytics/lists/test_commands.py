"""`fairgate lists`, as a technician types it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.lists.compiled import open_compiled
from analytics.lists.shelf import in_force_file
from config.errors import FairgateError
from fairgate import app
from tests.analytics.lists.small_lists import SHARED
from tests.tracked import ROOT


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "fairgate.toml").write_text('school = "oak"\nschool_name = "Oak"\n')
    return folder


def run(state: Path, *arguments: str) -> str:
    """What the command says; its fault is raised as the front door meets it."""
    done = CliRunner().invoke(app, ["lists", *arguments, "--state", str(state)])
    if done.exception is not None:
        raise done.exception
    return done.output


def ut1(folder: Path, *names: str) -> str:
    (folder / "b" / "gambling").mkdir(parents=True, exist_ok=True)
    (folder / "b" / "gambling" / "domains").write_text("\n".join(names))
    return str(folder / "b")


def judged(state: Path, host: str) -> dict[str, object]:
    done = CliRunner().invoke(app, ["judge", "--json", "--state", str(state), host])
    answer: dict[str, object] = json.loads(done.output)
    return answer


def test_import_waits_apply_puts_in_force_and_rollback_takes_back(state: Path, tmp_path: Path) -> None:
    assert "No imported lists are in force" in run(state, "show")
    told = run(state, "import", ut1(tmp_path, "casino.example", "co.uk"), "--list", "ut1")
    assert "1 added, 0 removed" in told
    assert "gambling/domains, line 2: 'co.uk'" in told
    assert "It waits. Put it in force: fairgate lists apply." in told
    assert judged(state, "casino.example")["category"] == "unknown"
    assert "In force: version" in run(state, "apply")
    assert judged(state, "casino.example")["list"] == "UT1 lists, University of Toulouse Capitole"
    assert "not kept carefully enough" in str(judged(state, "casino.example")["reason"])
    run(state, "import", ut1(tmp_path, "other.example"), "--list", "ut1", "--apply")
    assert judged(state, "casino.example")["category"] == "unknown"
    assert "In force again" in run(state, "rollback")
    assert judged(state, "casino.example")["category"] == "gambling"
    assert "gambling (Gambling, hint)" in run(state, "show")
    assert "Those were the first. Now no imported lists are in force" in run(state, "rollback")
    assert judged(state, "casino.example")["category"] == "unknown"
    assert "No imported lists are in force" in run(state, "show")
    run(state, "import", ut1(tmp_path, "casino.example"), "--list", "ut1", "--apply")
    assert judged(state, "casino.example")["category"] == "gambling"


def test_faults_are_sentences(state: Path, tmp_path: Path) -> None:
    with pytest.raises(FairgateError, match="declares no imported list"):
        run(state, "import", ut1(tmp_path, "casino.example"), "--list", "none")
    with pytest.raises(FairgateError, match="--format: found 'xml'"):
        run(state, "import", ut1(tmp_path, "casino.example"), "--list", "ut1", "--format", "xml")
    with pytest.raises(FairgateError, match="No lists wait"):
        run(state, "apply")
    with pytest.raises(FairgateError, match="nothing before that to go back to"):
        run(state, "rollback")
    with pytest.raises(FairgateError, match="declares no imported list"):
        run(state, "update", "none")


def test_without_a_state_folder_judge_asks_no_lists(state: Path, tmp_path: Path) -> None:
    run(state, "import", ut1(tmp_path, "casino.example"), "--list", "ut1", "--apply")
    done = CliRunner().invoke(app, ["judge", "--json", "casino.example"])
    assert json.loads(done.output)["category"] == "unknown"


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_file(), reason="the real UT1 archive is not on this machine")
def test_the_real_archive_is_imported_by_the_real_command(state: Path) -> None:
    command = [sys.executable, "-m", "fairgate", "lists", "import", str(SHARED), "--list", "ut1", "--apply"]
    done = subprocess.run([*command, "--state", str(state)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "jobsearch (Job search, hint): 60,7" in done.stdout
    lists = open_compiled(in_force_file(state / "lists"))
    lists.check_whole()
    assert lists.domains > 200_000
    assert in_force_file(state / "lists").stat().st_size <= 12 * lists.domains
