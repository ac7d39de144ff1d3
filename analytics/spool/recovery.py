"""Opening a worker's folder again: what a crash left is healed, sealed and accounted for.

Owns the state a writer starts from. Promises: every whole line before a torn tail survives where it stood (a reader's
byte offsets stay right); the torn tail and every damaged line are set aside; a leftover open segment ends sealed; the
time from its last record until now is owed as a gap. The leftover keeps its open name, the sign of a crash, until that
gap is durable (`put_away`), so healing that is itself cut short is simply done again.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from analytics.durable import write_whole
from analytics.event import parse_record
from analytics.evidence.seal import FIRST, Sealer
from analytics.records import GapReason
from analytics.spool import quarantine
from analytics.spool.line import SpoolLine
from analytics.spool.losses import Losses
from analytics.spool.reader import CLOSED, OPEN, SEAL, read_lines
from analytics.spool.segment import Tally, take_closed_name
from config.errors import RecordError


@dataclass(frozen=True, slots=True)
class Start:
    """Where a writer goes on: the digest its next seal names, the number of its next segment, and what a crash left,
    to be put away once the gap is durable."""

    previous: str
    number: int
    healed: tuple[Path, ...] = ()


@dataclass(slots=True)
class _Scan:
    """A leftover segment, read: whole lines with their (seq, ts_ms), damage among them, and where the tail tears."""

    tally: Tally = field(default_factory=Tally)
    stamps: list[tuple[int, int]] = field(default_factory=list)
    damaged: list[SpoolLine] = field(default_factory=list)
    tail: list[SpoolLine] = field(default_factory=list)
    end: int = 0


def recover(folder: Path, school: str, gateway: str, sealer: Sealer, losses: Losses, now_ms: int) -> Start:
    """Heal `folder` and say where to go on; what was lost is added to `losses`.

    Raises:
        OSError: the disk is full or refuses; nothing is lost by trying again.
    """
    for unfinished in folder.glob("*.new"):
        unfinished.unlink()
    number = max(_last_number(folder), quarantine.last_segment(folder))
    leftovers = tuple(sorted(folder.glob(f"*{OPEN}")))
    for path in leftovers:
        _heal(path, school, gateway, sealer, losses, now_ms)
    return Start(previous_digest(folder), number + 1, leftovers)


def put_away(path: Path) -> None:
    """Give a healed segment its closed name; remove it where it held nothing.

    Raises:
        OSError: the disk refuses.
    """
    if path.with_suffix(SEAL).exists():
        path.chmod(0o400)
        take_closed_name(path)
    else:
        path.unlink()


def previous_digest(folder: Path) -> str:
    """Digest of the folder's last seal; `FIRST` where there is none.

    Taken over its bytes as they are: a damaged seal must not stop recording, and breaks the chain for all to see.
    """
    last = max(folder.glob(f"*{SEAL}"), default=None)
    return hashlib.sha256(last.read_bytes()).hexdigest() if last else FIRST


def _last_number(folder: Path) -> int:
    return max((int(p.stem) for p in folder.iterdir() if p.suffix in (OPEN, CLOSED, SEAL)), default=0)


def _heal(path: Path, school: str, gateway: str, sealer: Sealer, losses: Losses, now_ms: int) -> None:
    scan = _scan(path)
    since = scan.tally.last_ms if scan.tally.count else path.stat().st_mtime_ns // 1_000_000
    if not path.with_suffix(SEAL).exists():
        _set_aside(path, scan)
        if scan.tally.count:
            previous = previous_digest(path.parent)
            seal = scan.tally.seal(sealer, school, gateway, int(path.stem), previous, now_ms)
            write_whole(path.with_suffix(SEAL), seal.encode())
    for count, from_ms, to_ms in _holes(scan.stamps):
        losses.add(GapReason.DAMAGED, count, from_ms, to_ms)
    losses.add(GapReason.CRASHED, 0, min(since, now_ms), now_ms)


def _scan(path: Path) -> _Scan:
    scan = _Scan()
    for line in read_lines(path, unfinished=True):
        stamp = None if line.fault else _stamp(line.data)
        if stamp is None:
            scan.tail.append(line)
            continue
        scan.damaged, scan.tail = scan.damaged + scan.tail, []
        scan.stamps.append(stamp)
        scan.tally.add(line.data, stamp[1])
        scan.end = line.next_offset
    return scan


def _stamp(data: bytes) -> tuple[int, int] | None:
    try:
        plain = parse_record(data)
    except RecordError:
        return None
    seq, ts_ms = plain.get("seq"), plain.get("ts_ms")
    return (seq, ts_ms) if type(seq) is int and type(ts_ms) is int else None


def _set_aside(path: Path, scan: _Scan) -> None:
    number = int(path.stem)
    for line in scan.damaged:
        quarantine.set_aside(path.parent, number, line.offset, line.data)
    if scan.tail:
        torn = b"".join(line.data for line in scan.tail)
        quarantine.set_aside(path.parent, number, scan.end, torn)
    with path.open("r+b") as file:
        file.truncate(scan.end)
        os.fsync(file.fileno())


def _holes(stamps: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(records missing, time before, time after) of each hole in the sequence numbers, which start at 0."""
    known = list(stamps)
    if known:
        known.insert(0, (-1, known[0][1]))
    for (before, from_ms), (after, to_ms) in pairwise(known):
        if after - before > 1:
            yield after - before - 1, min(from_ms, to_ms), max(from_ms, to_ms)
