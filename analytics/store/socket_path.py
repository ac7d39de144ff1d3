"""Unix sockets under long paths.

The kernel takes at most 107 bytes of socket path. Promises: any state folder works; where its path is too long, the
socket is reached through /proc/self/fd, which names the same folder in a few bytes and leaves nothing behind.
"""

import os
from functools import lru_cache
from pathlib import Path

LONGEST = 107


def reachable(path: Path) -> Path:
    """`path`, or a short name for the same file; the folder must exist."""
    if len(os.fsencode(path)) <= LONGEST:
        return path
    return Path(f"/proc/self/fd/{_opened(path.parent)}") / path.name


@lru_cache(maxsize=16)
def _opened(folder: Path) -> int:
    """The folder's descriptor, held as long as the process: each name through it stays good."""
    return os.open(folder, os.O_PATH | os.O_DIRECTORY)
