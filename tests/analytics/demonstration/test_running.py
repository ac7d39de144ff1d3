"""One demonstration at a time in one folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from analytics.demonstration.running import only_one_in, say_address
from analytics.demonstration.school import own_folder
from config.errors import FairgateError
from config.state import StateFolder

HOLD = """\
import sys, time
from pathlib import Path
from analytics.demonstration.running import only_one_in
with only_one_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_refused_with_the_address_of_the_first(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    with only_one_in(state.root):
        assert state.demonstration
        with pytest.raises(FairgateError, match="it is still starting; stop it with Ctrl-C"), only_one_in(state.root):
            pass
        own_folder(state).mkdir()
        say_address(state, "http://127.0.0.1:1234/")
        wanted = f"^A demonstration already runs in {state.root}; it is at http://127.0.0.1:1234/; stop it with Ctrl-C"
        with pytest.raises(FairgateError, match=wanted), only_one_in(state.root):
            pass


def test_the_next_one_does_not_hear_of_the_address_of_the_one_before(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    with only_one_in(state.root):
        own_folder(state).mkdir()
        say_address(state, "http://127.0.0.1:1234/")
    with only_one_in(state.root), pytest.raises(FairgateError, match="still starting"), only_one_in(state.root):
        pass


def test_another_folder_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all")
    with pytest.raises(FairgateError, match="is not a demonstration's folder"), only_one_in(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_the_lock_of_a_killed_one_is_free_again(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(FairgateError, match="already runs"), only_one_in(tmp_path):
            pass
        holder.kill()
    with only_one_in(tmp_path):
        pass
