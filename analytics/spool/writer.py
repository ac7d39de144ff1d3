"""The one writer of a worker's spool folder.

Owns the queue, the writing thread and the folder's lock. The promises are the invariants in analytics.spool.
`put` only appends to a queue; everything slow (encoding, writing, fdatasync, sealing) happens in the thread, one
group a window.
"""

import errno
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import structlog

from analytics import event, records
from analytics.event import WebEvent
from analytics.evidence.seal import Sealer
from analytics.records import Gap, GapReason, Record
from analytics.spool.folder_lock import locked
from analytics.spool.losses import Losses
from analytics.spool.recovery import Start, put_away, recover
from analytics.spool.segment import OpenSegment

_GROUP_RECORDS: Final = 1000
"""Most records written before one fdatasync: keeps a group shorter than the window under load."""
_RETRY_SECONDS: Final = 1.0
"""How long a refusing disk is left alone; records wait in the queue meanwhile."""

log = structlog.get_logger()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class SpoolWriter:
    """Writes one worker's records into `folder`.

    `max_bytes` and `max_seconds` close a segment (64 MiB, 5 min); `queue_limit` records may wait; `now_ms` is the
    clock gap records and seals are dated by.

    Raises:
        FairgateError: another writer holds the folder, or it cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        school: str,
        gateway: str,
        sealer: Sealer,
        *,
        max_bytes: int = 64 * 2**20,
        max_seconds: float = 300.0,
        group_commit_seconds: float = 0.1,
        queue_limit: int = 50_000,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self._folder, self._school, self._gateway, self._sealer = folder, school, gateway, sealer
        self._max_bytes, self._max_seconds, self._queue_limit = max_bytes, max_seconds, queue_limit
        self._pause, self._now_ms = group_commit_seconds / 2, now_ms
        self._queue: deque[Record] = deque()
        self._losses = Losses(school, gateway)
        self._refused = GapReason.QUEUE_FULL
        self._retry_at = 0.0
        self._taken = self._durable = self._faults = 0
        self._start: Start | None = None
        self._segment: OpenSegment | None = None
        self._stop = threading.Event()
        self._lock = locked(folder)
        self._attempt(self._open)
        self._thread = threading.Thread(target=self._run, name=f"spool {gateway}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Records lost since this writer started; all of them stand in gap records, or will."""
        return self._losses.total

    @property
    def taken(self) -> int:
        """Records taken since this writer started."""
        return self._taken

    @property
    def durable(self) -> int:
        """How many of these, the first ones, are on disk; what could not be written stands in a gap record."""
        return self._durable

    @property
    def faults(self) -> int:
        """How often the disk failed so that it cannot be said what became of the last ones taken."""
        return self._faults

    def put(self, record: Record) -> bool:
        """Take a record; False where it had to be dropped, which is counted. Never blocks, never raises."""
        if not self.offer(record):
            now = self._now_ms()
            self._losses.add(self._refused, 1, now, now)
            return False
        return True

    def offer(self, record: Record) -> bool:
        """Take a record; False where there is no room, which is no loss: it is kept by whoever offers it."""
        if self._stop.is_set() or len(self._queue) >= self._queue_limit:
            return False
        self._queue.append(record)
        self._taken += 1
        return True

    def close(self) -> None:
        """Write what was put, seal the segment, release the folder. Safe to call again."""
        self._stop.set()
        self._thread.join()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # -- the thread

    def _run(self) -> None:
        while not self._stop.wait(self._wait()):
            if time.monotonic() >= self._retry_at:
                self._attempt(self._step)
        self._end()

    def _end(self) -> None:
        """Write what is left; what the disk refuses is lost, and counted. A loss that cannot be written leaves the
        segment open: the sign by which the next start knows that something is missing."""
        if not self._written() and self._queue:
            now = self._now_ms()
            self._losses.add(self._refused, len(self._queue), now, now)
            self._queue.clear()
        if self._written():
            self._attempt(self._finish)

    def _written(self) -> bool:
        """Whether all that waits could be written."""
        while self._attempt(self._step):
            if not (self._queue or self._losses.owed):
                return True
        return False

    def _wait(self) -> float:
        """No pause while a full group is waiting, unless the disk refused it."""
        return 0 if len(self._queue) >= _GROUP_RECORDS and not self._retry_at else self._pause

    def _attempt(self, work: Callable[[], object]) -> bool:
        """Do `work`; a fault of any kind is logged and costs no more than a later try."""
        try:
            work()
        except OSError as fault:
            self._trouble("spool disk refuses", errno=fault.errno)
        except Exception as fault:
            self._trouble("spool writer fault", kind=type(fault).__name__)
        else:
            self._retry_at, self._refused = 0.0, GapReason.QUEUE_FULL
            return True
        return False

    def _trouble(self, what: str, **details: object) -> None:
        if not self._retry_at:
            log.error(what, gateway=self._gateway, waiting=len(self._queue), **details)
        self._retry_at = time.monotonic() + _RETRY_SECONDS
        self._refused = GapReason.DISK_FULL
        if self._segment and self._segment.broken:
            self._segment.abandon()
            self._segment = self._start = None

    def _recover(self) -> None:
        self._start = recover(self._folder, self._school, self._gateway, self._sealer, self._losses, self._now_ms())

    def _open(self) -> OpenSegment:
        if self._segment is None:
            if self._start is None:
                self._recover()
            self._segment = OpenSegment(self._folder, cast(Start, self._start).number)
        return self._segment

    def _step(self) -> None:
        segment = self._open()
        gaps = self._losses.gaps(self._now_ms())
        taken, group = self._take(segment, gaps)
        settled = self._taken - len(self._queue)
        if group:
            self._write(segment, gaps, taken, group)
            self._put_away_healed()
        self._durable = settled
        if self._due(segment):
            self._roll(segment)

    def _take(self, segment: OpenSegment, gaps: list[Gap]) -> tuple[list[Record], list[tuple[bytes, int]]]:
        """The next group, gap records first, numbered and encoded; as many as the segment has room for."""
        taken: list[Record] = []
        group: list[tuple[bytes, int]] = []
        waiting, size = deque[Record](gaps), segment.size
        while len(group) < _GROUP_RECORDS and size < self._max_bytes and (waiting or self._queue):
            record = (waiting or self._queue).popleft()
            data = self._encoded(record, segment, segment.tally.count + len(group))
            if data is not None:
                taken.append(record)
                group.append((data, record.ts_ms))
                size += len(data)
        return taken, group

    def _encoded(self, record: Record, segment: OpenSegment, seq: int) -> bytes | None:
        """Canonical bytes of the numbered record; None, and a loss, where it cannot be written."""
        try:
            return encoded(record, self._gateway, segment.number, seq)
        except Exception as fault:
            # Whatever is wrong with one record, those taken with it must not be lost with it.
            log.error("record cannot be written", gateway=self._gateway, kind=type(fault).__name__)
            now = self._now_ms()
            self._losses.add(GapReason.HOOK_ERROR, 1, now, now)
            return None

    def _write(
        self, segment: OpenSegment, gaps: list[Gap], taken: list[Record], group: list[tuple[bytes, int]]
    ) -> None:
        try:
            kept = segment.append(group)
        except Exception:
            self._faults += 1
            raise
        written = taken[:kept]
        self._losses.settle([gap for gap in gaps if gap in written])
        if kept < len(taken):
            self._queue.extendleft(reversed([record for record in taken[kept:] if record not in gaps]))
            raise OSError(errno.ENOSPC, "the disk took only part of a group")

    def _due(self, segment: OpenSegment) -> bool:
        if not segment.tally.count:
            return False
        return segment.size >= self._max_bytes or time.monotonic() - segment.started >= self._max_seconds

    def _roll(self, segment: OpenSegment) -> None:
        # The next one stands first: an open segment found at start is how a crash is known.
        upcoming = OpenSegment(self._folder, segment.number + 1)
        try:
            self._close_segment(segment)
        except OSError:
            upcoming.discard()
            raise
        self._segment = upcoming

    def _close_segment(self, segment: OpenSegment) -> None:
        previous = cast(Start, self._start).previous
        seal = segment.tally.seal(self._sealer, self._school, self._gateway, segment.number, previous, self._now_ms())
        segment.close(seal)
        self._start = Start(seal.digest, segment.number + 1)

    def _put_away_healed(self) -> None:
        start = cast(Start, self._start)
        for path in start.healed:
            put_away(path)
        self._start = replace(start, healed=())

    def _finish(self) -> None:
        if self._segment is None:
            return
        if self._segment.tally.count:
            self._close_segment(self._segment)
        else:
            self._segment.discard()


def encoded(record: Record, gateway: str, segment: int, seq: int) -> bytes:
    """Canonical bytes of `record` with its place in the spool set.

    Raises:
        RecordError: a field holds what the canonical form cannot keep.
    """
    if isinstance(record, WebEvent):
        return event.encode_placed(record, gateway, segment, seq)
    return records.encode(replace(record, gateway=gateway, segment=segment, seq=seq))
