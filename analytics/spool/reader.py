"""Reading a worker's spool folder, while its writer writes or after.

Promises: never changes anything; yields every whole line and every damaged one, in order; of a segment still open it
yields no unfinished last line. A segment that closes between listing and reading is read under its closed name.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analytics import records
from analytics.spool.line import SpoolLine, parse, with_damaged_end
from config.errors import RecordError

OPEN, CLOSED, SEAL = ".open", ".seg", ".seal"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment in a worker's folder. `seal` is None until it is closed."""

    number: int
    path: Path
    seal: Path | None

    @property
    def closed(self) -> bool:
        return self.path.suffix == CLOSED


def segments(folder: Path) -> list[Segment]:
    """The folder's segments by number, oldest first; none where it does not exist yet."""
    if not folder.is_dir():
        return []
    found: dict[int, Path] = {}
    # A segment that is renamed while we list may show up under both names or, rarely, neither: the next look finds it.
    for path in sorted(folder.iterdir(), key=lambda path: path.suffix == CLOSED):
        if path.suffix in (OPEN, CLOSED) and path.stem.isdigit():
            found[int(path.stem)] = path
    return [Segment(number, path, _seal_of(path)) for number, path in sorted(found.items())]


def read_records(path: Path, from_offset: int = 0) -> Iterator[SpoolLine]:
    """Lines of the segment at `path` from byte `from_offset`, their records decoded and checked."""
    for line in read_lines(path, from_offset):
        yield line if line.fault else _decoded(line)


def read_lines(path: Path, from_offset: int = 0, *, unfinished: bool = False) -> Iterator[SpoolLine]:
    """As `read_records`, but only frames and checksums are checked: `record` stays None. Several times faster.

    `unfinished` also yields an open segment's cut-short last line, as damaged: for recovery, when nobody writes.
    """
    with _open(path) as file:
        file.seek(from_offset)
        offset = from_offset
        while raw := file.readline():
            line = _line(raw, offset)
            if not (unfinished or raw.endswith(b"\n")) and path.suffix == OPEN:
                return
            if line.next_offset != offset + len(raw):
                file.seek(line.next_offset)
            offset = line.next_offset
            yield line


def sync_segment(segment: Segment) -> None:
    """Make what was read of a growing segment durable: a reader may see a line before its writer has synced it.

    Raises:
        OSError: the disk refuses; what was read may not survive a power cut.
    """
    with _open(segment.path) as file:
        os.fdatasync(file.fileno())


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        if path.suffix != OPEN:
            raise
        return path.with_suffix(CLOSED).open("rb")


def _line(raw: bytes, offset: int) -> SpoolLine:
    data = parse(raw)
    if data is not None:
        return SpoolLine(offset, offset + len(raw), data, None, "")
    first = with_damaged_end(raw)
    if first is not None and first < len(raw):
        return SpoolLine(offset, offset + first, raw[:first], None, "the line's end is damaged")
    fault = "the line does not match its checksum" if raw.endswith(b"\n") else "the line is cut short"
    return SpoolLine(offset, offset + len(raw), raw, None, fault)


def _decoded(line: SpoolLine) -> SpoolLine:
    try:
        return SpoolLine(line.offset, line.next_offset, line.data, records.decode(line.data), "")
    except RecordError as fault:
        return SpoolLine(line.offset, line.next_offset, line.data, None, str(fault))


def _seal_of(path: Path) -> Path | None:
    seal = path.with_suffix(SEAL)
    return seal if path.suffix == CLOSED and seal.exists() else None
