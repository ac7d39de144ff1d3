"""Damaged lines, set aside so that nothing is thrown away.

Owns `quarantine/` in a worker's folder: one file a damaged stretch, named by segment, offset and the hash of its
bytes. Promises: the same damage is set aside once, however often it is met; nothing here is ever deleted by us.
"""

import hashlib
from pathlib import Path

from analytics.durable import write_whole

FOLDER = "quarantine"


def set_aside(folder: Path, segment: int, offset: int, data: bytes) -> bool:
    """Keep `data`, found at byte `offset` of `segment` in the worker's `folder`; False where it was kept before.

    Raises:
        OSError: the disk is full or refuses.
    """
    path = folder / FOLDER / f"{segment:08d}-{offset:010d}-{hashlib.sha256(data).hexdigest()[:16]}.bad"
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(path, data)
    return True


def last_segment(folder: Path) -> int:
    """The highest segment number anything was set aside from; 0 where nothing was."""
    return max((int(path.name[:8]) for path in (folder / FOLDER).glob("*.bad")), default=0)
