"""The segment that is growing: appended to by group, then sealed, renamed and closed for good.

Promises: what `append` returned from is on disk; where the disk refused, only whole lines stay and the caller learns
how many; the seal is durable before the segment takes its closed name, which makes it read-only.
"""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from analytics.canonical import leaf_hash
from analytics.durable import sync_folder, write_whole
from analytics.evidence.merkle import RunningRoot
from analytics.evidence.seal import Seal, Sealer
from analytics.spool.line import frame
from analytics.spool.reader import CLOSED, OPEN, SEAL


class Tally:
    """What a seal states of a segment: how many records, over what time, under which root."""

    def __init__(self) -> None:
        self.leaves = RunningRoot()
        self.first_ms = self.last_ms = 0

    @property
    def count(self) -> int:
        return self.leaves.count

    def add(self, data: bytes, ts_ms: int) -> None:
        """Count one record's canonical bytes."""
        self.first_ms = min(self.first_ms, ts_ms) if self.count else ts_ms
        self.last_ms = max(self.last_ms, ts_ms) if self.count else ts_ms
        self.leaves.add(leaf_hash(data))

    def seal(self, sealer: Sealer, school: str, gateway: str, segment: int, previous: str, closed_ms: int) -> Seal:
        """The seal of all that was counted."""
        return sealer.seal(
            school=school,
            gateway=gateway,
            segment=segment,
            count=self.count,
            first_ms=self.first_ms,
            last_ms=self.last_ms,
            root=self.leaves.root(),
            previous=previous,
            closed_ms=closed_ms,
        )


class OpenSegment:
    """`00000001.open` in `folder`, made new.

    Raises:
        OSError: it exists, or the disk is full or refuses.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.path = folder / f"{number:08d}{OPEN}"
        self.tally = Tally()
        self.size = 0
        self.started = 0.0
        """Monotonic time of its first record."""
        self.broken = False
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        sync_folder(folder)

    def append(self, group: Sequence[tuple[bytes, int]]) -> int:
        """Write (canonical bytes, ts_ms) pairs and make them durable; how many: fewer where the disk is full.

        Raises:
            OSError: the disk failed. The segment is then `broken`; recovery must read what is left of it.
        """
        lines = [frame(data) for data, _ in group]
        written = self._write(b"".join(lines))
        self.broken = True
        kept = _whole_lines(lines, written)
        if kept < len(lines):
            # A reader may already have seen the whole lines, so these stay; half a line goes.
            os.ftruncate(self._handle, self.size + sum(map(len, lines[:kept])))
        self._count(group[:kept], lines[:kept])
        os.fdatasync(self._handle)
        self.broken = False
        return kept

    def close(self, seal: Seal) -> None:
        """Keep the seal, then the segment under its closed name, read-only.

        Raises:
            OSError: no room for the seal: try again later. Or, with `broken` set, the disk failed after it.
        """
        try:
            write_whole(self.path.with_suffix(SEAL), seal.encode())
        except OSError:
            self.broken = self.path.with_suffix(SEAL).exists()
            raise
        self.broken = True
        os.fchmod(self._handle, 0o400)
        take_closed_name(self.path)
        os.close(self._handle)
        self.broken = False

    def discard(self) -> None:
        """Remove a segment that nothing was written to."""
        self.path.unlink(missing_ok=True)
        os.close(self._handle)

    def abandon(self) -> None:
        """Let go of a segment whose disk failed; recovery reads what is left of it."""
        with suppress(OSError):
            os.close(self._handle)

    def _write(self, data: bytes) -> int:
        """Bytes written before the disk refused, all of them where it did not."""
        view, written = memoryview(data), 0
        with suppress(OSError):
            while written < len(data):
                written += os.write(self._handle, view[written:])
        return written

    def _count(self, group: Sequence[tuple[bytes, int]], lines: Sequence[bytes]) -> None:
        if group and not self.tally.count:
            self.started = time.monotonic()
        for data, ts_ms in group:
            self.tally.add(data, ts_ms)
        self.size += sum(map(len, lines))


def take_closed_name(path: Path) -> None:
    """Rename an open segment whose seal is durable."""
    path.rename(path.with_suffix(CLOSED))
    sync_folder(path.parent)


def _whole_lines(lines: Sequence[bytes], written: int) -> int:
    for number, line in enumerate(lines):
        written -= len(line)
        if written < 0:
            return number
    return len(lines)
