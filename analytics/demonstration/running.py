"""One demonstration at a time in one folder.

Owns the lock on the folder's DEMONSTRATION mark, and STATE/demonstration/address with where the dashboard is. Promises:
a second start is refused in one sentence before it touches anything of the first; the lock ends with its process,
however that ends; a folder that is not a demonstration's is left as it was.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from analytics.demonstration.school import MARK_TEXT, own_folder, refuse_other
from analytics.durable import write_whole
from config.errors import FairgateError
from config.state import DEMONSTRATION_MARK, StateFolder


@contextmanager
def only_one_in(root: Path) -> Iterator[None]:
    """Be the one demonstration in the state folder `root`, which is made where there is none.

    Raises:
        FairgateError: one runs there already, the folder is not a demonstration's, or it cannot be written.
    """
    state = StateFolder(root)
    refuse_other(state)
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark = (root / DEMONSTRATION_MARK).open("a+", encoding="utf-8")
    except OSError as fault:
        raise FairgateError(
            f"{root} cannot be written ({fault.strerror}). Name another folder with --state."
        ) from fault
    with mark:
        _hold(mark, state)
        _address_file(state).unlink(missing_ok=True)
        yield
        _address_file(state).unlink(missing_ok=True)


def say_address(state: StateFolder, url: str) -> None:
    """Leave word, for whoever starts a second one, of where this one's dashboard is."""
    write_whole(_address_file(state), url.encode())


def _hold(mark: IO[str], state: StateFolder) -> None:
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        raise FairgateError(
            f"A demonstration already runs in {state.root}; {_where(state)}; "
            "stop it with Ctrl-C, or name another folder with --state."
        ) from held
    if not mark.tell():
        mark.write(MARK_TEXT)
        mark.flush()


def _where(state: StateFolder) -> str:
    try:
        return f"it is at {_address_file(state).read_text('utf-8')}"
    except OSError:
        return "it is still starting"


def _address_file(state: StateFolder) -> Path:
    return own_folder(state) / "address"
