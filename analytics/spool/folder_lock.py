"""The lock by which a spool folder has one writer.

Owns the lock file. Promises: two processes never write to one folder; the lock goes with its process, however it ends.
"""

import fcntl
from pathlib import Path
from typing import IO

from config.errors import FairgateError


def locked(folder: Path) -> IO[str]:
    """The folder's lock, held until it is closed; the folder is made where it is missing.

    Raises:
        FairgateError: another writer holds it, or the folder cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (folder / "writer.lock").open("a+", encoding="ascii")
    except OSError as fault:
        raise FairgateError(
            f"The spool folder {folder} cannot be made or written ({fault.strerror}). "
            "Give it to the account the gateway runs as."
        ) from fault
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as held:
        handle.close()
        raise FairgateError(
            f"Another process already writes to the spool folder {folder}. Stop that one first."
        ) from held
    return handle
