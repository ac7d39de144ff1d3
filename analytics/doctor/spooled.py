"""What the spool itself tells, read from its files and not from the store, which may be down.

Owns the finding of a worker's newest record and of the records that are not events. Promises: only the kind and the
counts of a record are looked at; an event is never decoded.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from analytics import records
from analytics.records import Record
from analytics.spool import segments
from analytics.spool.line import parse
from config.errors import RecordError

NOT_A_WORKER: Final = "."
_TAIL: Final = 256 * 1024
_MARK: Final = b'"record":"%s"'
_TIME: Final = b'"ts_ms":'


def workers(spool: Path) -> list[Path]:
    """Each worker's folder."""
    try:
        return sorted(path for path in spool.iterdir() if path.is_dir() and not path.name.startswith(NOT_A_WORKER))
    except OSError:
        return []


def newest_ms(folder: Path) -> int | None:
    """When (UTC ms) the worker wrote its newest whole record; None where there is none."""
    for segment in reversed(segments(folder)):
        for line in reversed(_tail(segment.path)):
            if (when := time_of(line)) is not None:
                return when
    return None


def time_of(line: bytes) -> int | None:
    """When the record on this line is of; None where the line is damaged or cut short."""
    data = parse(line)
    if data is None:
        return None
    digits = data.rpartition(_TIME)[2]
    end = next((at for at, byte in enumerate(digits) if not 48 <= byte <= 57), len(digits))
    return int(digits[:end]) if end else None


def of_kinds(folder: Path, kinds: tuple[str, ...], since_ms: int) -> Iterator[Record]:
    """The worker's good records of these kinds, none of them events, in segments written to since `since_ms`."""
    for segment in segments(folder):
        try:
            if segment.path.stat().st_mtime * 1000 >= since_ms:
                yield from _of_kinds(segment.path, kinds, since_ms)
        except OSError:
            continue  # it was closed, and renamed, meanwhile: the next look finds it


def _of_kinds(path: Path, kinds: tuple[str, ...], since_ms: int) -> Iterator[Record]:
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            for kind in kinds:
                for line in _marked(whole, _MARK % kind.encode()):
                    record = _decoded(line)
                    if record is not None and record.ts_ms >= since_ms:
                        yield record


def _marked(whole: mmap.mmap, mark: bytes) -> Iterator[bytes]:
    at = whole.find(mark)
    while at >= 0:
        start, end = whole.rfind(b"\n", 0, at) + 1, whole.find(b"\n", at)
        if end < 0:
            return
        yield whole[start : end + 1]
        at = whole.find(mark, end)


def _decoded(line: bytes) -> Record | None:
    data = parse(line)
    try:
        return None if data is None else records.decode(data)
    except RecordError:
        return None


def _tail(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            return file.read().splitlines(keepends=True)
    except OSError:
        return []
