"""Whether a segment is missing whole: each seal names the one before it, and the loader remembers which that was.

Owns `.loader/<gateway>/chain.json`, the last seal met of each worker. Promises: it is written before the segment is
called finished, so a loader that dies in between checks the same seal again; a seal that names another one than the
last met becomes a gap over the time between the two. Digests alone decide, never numbers: a folder that was emptied
begins again at 1, and that is a gap too. A memory that is absent or damaged reaches back to nothing: a first seal that
names an earlier one then says that what came before it is not here.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.durable import write_whole
from analytics.evidence.seal import FIRST, Seal
from analytics.records import Gap, GapReason
from analytics.store.progress import FOLDER, seal_digest

BEFORE_SEGMENT = -2
"""`source_offset` of a gap that lies before its segment's first byte."""


@dataclass(frozen=True, slots=True)
class Link:
    """The last segment that was finished: its number, its seal's digest ("" where it had none), its last record."""

    segment: int = 0
    digest: str = FIRST
    last_ms: int = 0


def chain_path(spool_root: Path, gateway: str) -> Path:
    """Where the last link of one worker is kept."""
    return spool_root / FOLDER / gateway / "chain.json"


def read_link(path: Path) -> Link:
    """The link in the file at `path`; the very first one where there is none, or it is damaged."""
    try:
        return Link(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return Link()


def write_link(path: Path, segment: int, seal: Path | None, last_ms: int) -> None:
    """Remember the segment just finished, by its seal's bytes as they are.

    Raises:
        OSError: the disk is full or refuses.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(Link(segment, seal_digest(seal), last_ms))).encode())


def missing_before(seal: Seal, last: Link) -> Gap | None:
    """The gap before a segment whose seal does not name the last one met; None where nothing is missing.

    After a segment without a seal nothing can be said, and its own gap stands already. A seal that is itself the last
    one met was being finished when the loader died: its gap, if any, was sent before the link was written.
    """
    if last.digest in ("", seal.previous, seal.digest):
        return None
    since = last.last_ms or seal.first_ms
    return Gap(
        school=seal.school,
        gateway=seal.gateway,
        segment=seal.segment,
        ts_ms=seal.first_ms,
        reason=GapReason.SEQUENCE,
        from_ms=min(since, seal.first_ms),
        to_ms=max(since, seal.first_ms),
        count=0,
    )
