"""The state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.errors import FairgateError
from config.state import DEMONSTRATION_MARK, StateFolder


def test_preparing_makes_every_folder_private(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    folders = [folder for folder in (state.root, *state.root.rglob("*")) if folder.is_dir()]
    assert len(folders) >= 8
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_a_folder_that_is_a_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(FairgateError, match=r"state cannot be made or written .*--state"):
        StateFolder(tmp_path / "state").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FairgateError, match="--state"):
        StateFolder(tmp_path / "state").prepare()


def test_it_can_be_prepared_again(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    (state.spool / "gate-0").mkdir()
    state.prepare()
    assert (state.spool / "gate-0").is_dir()


def test_a_folder_that_holds_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(FairgateError, match=r"holds other things \(holiday\.jpg"):
        StateFolder(tmp_path).prepare()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert [entry.name for entry in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_second_instance_is_refused_and_told_which_process_runs(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    with state.lock("gateway"), pytest.raises(FairgateError, match=rf"gateway \(process {os.getpid()}\) is already"):
        state.lock("gateway")


def test_another_process_is_refused_too_and_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    attempt = (
        "import sys; from pathlib import Path; from config.state import StateFolder; "
        "StateFolder(Path(sys.argv[1])).lock('store')"
    )
    command = [sys.executable, "-c", attempt, str(tmp_path)]
    with state.lock("store"):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "is already running" in refused.stderr
    assert subprocess.run(command, check=False).returncode == 0


def test_two_processes_of_different_kinds_run_side_by_side(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    with state.lock("gateway"), state.lock("store"):
        pass


def test_a_demonstration_is_known_by_its_mark(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    assert not state.demonstration
    (tmp_path / DEMONSTRATION_MARK).touch()
    assert state.demonstration


def test_a_lock_that_is_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    (tmp_path / "victim").write_text("kept")
    (state.root / "run" / "nft.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(FairgateError, match=r"nft\.lock cannot be opened .*remove it"):
        state.lock("nft")
    assert (tmp_path / "victim").read_text() == "kept"
