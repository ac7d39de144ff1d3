"""How far each segment is loaded, durably.

Owns `.loader/<gateway>/<segment>.ack` beside the workers' folders: one small JSON file a segment, replaced whole.
Promises: the intent to load a range is on disk before the range is sent, so that a loader that dies sends the very
same range under the same token again; a file that cannot be read counts as nothing loaded, and what is then sent twice
is counted once (see the views in migration 0001).
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.durable import write_whole

FOLDER = ".loader"


@dataclass(frozen=True, slots=True)
class Progress:
    """One segment's state. Offsets are bytes from its start."""

    loaded: int = 0
    """Everything before it is in the store."""
    intent: int = 0
    """Everything before it may be in the store; above `loaded` only between a send and its acknowledgement."""
    next_seq: int = 0
    """The sequence number the next record should have."""
    last_ms: int = 0
    """Time of the last record loaded."""
    done: bool = False
    """Closed, loaded to its end, and its seal dealt with."""
    fault: str = ""
    """Why the seal does not hold; the segment is then never pruned."""


def progress_path(spool_root: Path, gateway: str, segment: int) -> Path:
    """Where the progress of one segment is kept."""
    return spool_root / FOLDER / gateway / f"{segment:08d}.ack"


def read_progress(path: Path) -> Progress:
    """The progress in the file at `path`; a fresh one where there is none, or it is damaged."""
    try:
        return Progress(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return Progress()


def write_progress(path: Path, progress: Progress) -> None:
    """Replace the file at `path`.

    Raises:
        OSError: the disk is full or refuses.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(progress)).encode())
