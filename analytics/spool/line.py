"""One line of a segment: `<byte length> <crc32 hex> <canonical JSON>` and a newline.

Owns the framing. Canonical JSON holds no raw newline, so `grep`, `wc -l` and three lines of Python read a segment.
Promises: `parse(frame(data)) == data`; a line in any other spelling (upper-case hex, leading zero, trailing blank) is
a fault, so no changed byte passes.
"""

import zlib
from dataclasses import dataclass

from analytics.records import Record


@dataclass(frozen=True, slots=True)
class SpoolLine:
    """A line as found: whole (`record` set, `fault` "") or damaged (`record` None, `fault` says how).

    `offset` and `next_offset` are byte positions in the segment; `data` is the canonical JSON of a whole line, and
    the raw bytes of a damaged one.
    """

    offset: int
    next_offset: int
    data: bytes
    record: Record | None
    fault: str


def frame(data: bytes) -> bytes:
    """The line that keeps `data`."""
    return b"%d %08x %b\n" % (len(data), zlib.crc32(data), data)


def parse(line: bytes) -> bytes | None:
    """The data of a whole line, or None where it is not exactly what `frame` writes."""
    data = _declared(line)
    return data if data is not None and frame(data) == line else None


def with_damaged_end(line: bytes) -> int | None:
    """Length of the first record's line in `line`, where only the newline after it was damaged; None if not so."""
    data = _declared(line)
    if data is None:
        return None
    whole = frame(data)
    return len(whole) if line.startswith(whole[:-1]) else None


def _declared(line: bytes) -> bytes | None:
    length, _, rest = line[:32].partition(b" ")
    start = len(length) + len(b" 01234567 ")
    if not length.isdigit() or len(rest) < len(b"01234567 "):
        return None
    data = line[start : start + int(length)]
    return data if len(data) == int(length) else None
