"""Making files durable: whole, fsynced, and named in an fsynced folder.

Promises: after `write_whole` returns, a power cut leaves the file with exactly these bytes; before, with the old ones
or none, never half; no link in the place of the fresh file is followed.
"""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write `data` to `path` by a fresh file, fsync, rename and fsync of the folder.

    Raises:
        OSError: the disk is full or refuses; the old file then stands.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names created, renamed or removed in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
