"""How far each segment is loaded, durably.

Owns `.loader/<gateway>/<segment>.ack` beside the workers' folders: one small JSON file a segment, replaced whole.
Promises: the intent to load a range is on disk before the range is sent, so that a loader that dies sends the very
same range under the same token again; a file that cannot be read counts as nothing loaded, and what is then sent twice
is counted once (see the views in migration 0001). A number says nothing of contents: progress is of the segment that
has its first line, and, once finished, its seal; `unlike` says where it is of another.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.durable import write_whole
from analytics.spool import Segment, read_lines
from analytics.spool.reader import CLOSED

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
    first: str = ""
    """SHA-256 of its first line, from the first range on."""
    seal: str = ""
    """SHA-256 of the seal file it was finished with; "" where it had none."""


def progress_path(spool_root: Path, gateway: str, segment: int) -> Path:
    """Where the progress of one segment is kept."""
    return spool_root / FOLDER / gateway / f"{segment:08d}.ack"


def read_progress(path: Path) -> Progress:
    """The progress in the file at `path`; a fresh one where there is none, or it is damaged."""
    try:
        return Progress(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return Progress()


def unlike(progress: Progress, segment: Segment) -> str:
    """Why `progress` is of other contents than the segment's; "" where it is of these.

    Raises:
        OSError: the segment cannot be read.
    """
    if size_of(segment) < max(progress.loaded, progress.intent):
        return "shorter than what was loaded of it"
    if progress.done and not segment.closed:
        return "open again"
    if progress.done and progress.seal != seal_digest(segment.seal):
        return "another seal"
    if not progress.seal and progress.first and progress.first != first_digest(segment):
        return "another first line"
    return ""


def size_of(segment: Segment) -> int:
    """Its bytes; a segment that closes while we look has its size under its closed name."""
    try:
        return segment.path.stat().st_size
    except FileNotFoundError:
        return segment.path.with_suffix(CLOSED).stat().st_size


def identity_of(segment: Segment) -> tuple[int, ...]:
    """What tells, without reading it, that a finished segment's seal is still the same file; () while it is open."""
    if not segment.closed:
        return ()
    told = (segment.seal or segment.path).stat()
    return told.st_ino, told.st_ctime_ns, told.st_size


def seal_digest(seal: Path | None) -> str:
    """SHA-256 of a seal file's bytes as they are, as the next seal names it; "" for none."""
    return hashlib.sha256(seal.read_bytes()).hexdigest() if seal is not None else ""


def first_digest(segment: Segment) -> str:
    """SHA-256 of a segment's first whole line; "" where there is none yet."""
    first = next(read_lines(segment.path), None)
    return hashlib.sha256(first.data).hexdigest() if first is not None else ""


def write_progress(path: Path, progress: Progress) -> None:
    """Replace the file at `path`.

    Raises:
        OSError: the disk is full or refuses.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(progress)).encode())
