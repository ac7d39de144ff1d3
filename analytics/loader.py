"""The loader: from the gateways' spools into the store, exactly once.

Owns what is loaded, in which ranges, under which tokens. Invariants, each tested in tests/analytics/test_loader*.py:

1. A range is named on disk before it is sent; a loader that dies anywhere sends the same range under the same token.
   The token tells the range's bytes apart as well as its place.
2. A range is acknowledged only when the store has said that it is written, and the person-days it touched are noted.
3. Open segments are followed as they grow: what the gateway has written is in the store on the next step, and on the
   disk before that, so that a power cut leaves nothing in the store that the spool has lost.
4. A damaged line is set aside in quarantine, becomes a gap, and stops nothing. So does a hole in the sequence.
5. A segment's leaf hashes are kept in `seals` only when they give the signed root; otherwise a gap says so, and the
   segment's file is never removed. A segment that is missing whole breaks the chain of seals, and becomes a gap.
6. While the store is down nothing is lost: the spool is the queue.
7. A loaded and sealed segment is kept for seven days more, and a worker's newest for good: the next seal names it.
8. Progress is believed of the contents it was made on, never of a number alone. Where somebody empties or replaces a
   worker's folder, the writer uses numbers again: such a segment is loaded from its start, its first seal becomes a
   gap, and no segment is removed whose seal is not the one it was finished with.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import structlog

from analytics.late_ends import days_after
from analytics.pending import Pending
from analytics.rebuild import Rebuilder
from analytics.spool import Segment, SpoolLine, quarantine, read_lines, segments, sync_segment
from analytics.store import EventStore
from analytics.store.chain import chain_path, read_link, write_link
from analytics.store.progress import (
    FOLDER,
    Progress,
    first_digest,
    identity_of,
    progress_path,
    read_progress,
    seal_digest,
    size_of,
    unlike,
    write_progress,
)
from analytics.store.record_rows import Origin, RecordRows, rows_of
from analytics.store.sealed import leaves_of, met_before, range_digest, sealed_tables
from analytics.store.touched import touched_days

BATCH_LINES = 50_000
BATCH_BYTES = 32 * 2**20
KEPT_SECONDS = 7 * 86_400
REBUILT_AT_ONCE = 32
CLEAN_SECONDS = 600

_log = structlog.get_logger("fairgate.loader")


@dataclass(slots=True)
class LoadResult:
    """What one step did."""

    records: int = 0
    events: int = 0
    damaged: int = 0
    segments: int = 0
    """Segments finished: loaded to their end, and their seals dealt with."""
    rebuilt: int = 0
    """Person-days rebuilt."""
    behind_bytes: int = 0
    """Still in the spool, when the step ended."""

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.records or self.damaged or self.segments or self.rebuilt)


class Loader:
    """Loads every worker's spool under `spool_root` into `store`. One instance a spool; `step` from one thread."""

    def __init__(
        self,
        spool_root: Path,
        store: EventStore,
        school: str,
        *,
        batch_lines: int = BATCH_LINES,
        kept_seconds: int = KEPT_SECONDS,
    ) -> None:
        self._root = spool_root
        self._store = store
        self._school = school
        self._batch_lines = batch_lines
        self._kept_seconds = kept_seconds
        self._pending = Pending(spool_root / FOLDER / "rebuild.json")
        self._rebuilder = Rebuilder(store, school)
        self._done: dict[tuple[str, int], tuple[int, ...]] = {}
        self._leaves: dict[Path, tuple[int, list[bytes]]] = {}
        self._cleaned = time.monotonic()

    @property
    def behind_person_days(self) -> int:
        """How many person-days' visits are still to be rebuilt."""
        return len(self._pending)

    def step(self) -> LoadResult:
        """Load at most one batch of each segment, rebuild what was touched longest ago, and prune.

        Raises:
            StoreError: the store is down or refuses; call again later, nothing is lost.
            OSError: the spool's disk is full or refuses.
        """
        result = LoadResult()
        for folder in self._workers():
            finish = True
            for segment in segments(folder):
                if self._done.get((folder.name, segment.number)) != identity_of(segment):
                    finish = self._advance(folder, segment, result, finish=finish) and finish
        self._rebuild(result)
        self._tidy()
        return result

    def run_until_idle(self) -> LoadResult:
        """Step until nothing is left to do, and sum up. For tests, imports and the demonstration.

        Raises:
            StoreError, OSError: as `step`.
        """
        total = LoadResult()
        while not (result := self.step()).idle:
            total.records += result.records
            total.events += result.events
            total.damaged += result.damaged
            total.segments += result.segments
            total.rebuilt += result.rebuilt
        return total

    def _workers(self) -> list[Path]:
        if not self._root.is_dir():
            return []
        return sorted(path for path in self._root.iterdir() if path.is_dir() and path.name != FOLDER)

    def _advance(self, folder: Path, segment: Segment, result: LoadResult, *, finish: bool) -> bool:
        """Load the segment's next batch; `finish` it where all before it are finished. Whether it is finished now."""
        path = progress_path(self._root, folder.name, segment.number)
        identity, progress = identity_of(segment), self._believed(path, segment)
        if not progress.done:
            progress = self._load(folder, segment, progress, path, result)
        if finish and segment.closed and not progress.done and progress.loaded >= size_of(segment):
            progress = self._finish(folder, segment, progress, path)
            result.segments += 1
        if progress.done:
            self._done[folder.name, segment.number] = identity
        else:
            result.behind_bytes += max(size_of(segment) - progress.loaded, 0)
        return progress.done

    def _believed(self, path: Path, segment: Segment) -> Progress:
        """The segment's progress; a fresh one where what is kept was made on other contents."""
        progress = read_progress(path)
        if why := unlike(progress, segment):
            _log.warning("segment_is_not_the_one_that_was_loaded", segment=segment.number, why=why)
            self._leaves.pop(path, None)
            progress = Progress()
            write_progress(path, progress)
        return progress

    def _load(self, folder: Path, segment: Segment, progress: Progress, path: Path, result: LoadResult) -> Progress:
        lines = list(self._range(segment, progress))
        if not lines:
            return progress
        if not segment.closed:
            sync_segment(segment)
        if progress.intent <= progress.loaded:
            first = progress.first or first_digest(segment)
            progress = replace(progress, intent=lines[-1].next_offset, first=first)
            write_progress(path, progress)
        origin = Origin(self._school, folder.name, segment.number, progress.next_seq, progress.last_ms)
        rows = rows_of(lines, origin, _now_ms())
        for line in rows.damaged:
            quarantine.set_aside(folder, segment.number, line.offset, line.data)
        leaves = leaves_of(lines)
        place = f"{self._school}/{folder.name}/{segment.number}/{progress.loaded}-{progress.intent}"
        self._send(rows, f"{place}/{range_digest(leaves, lines)}")
        progress = replace(
            progress, loaded=lines[-1].next_offset, intent=0, next_seq=rows.next_seq, last_ms=rows.last_ms
        )
        write_progress(path, progress)
        self._remember_leaves(path, lines, leaves)
        result.records += rows.records
        result.damaged += len(rows.damaged)
        result.events += rows.tables["events"].num_rows if "events" in rows.tables else 0
        return progress

    def _range(self, segment: Segment, progress: Progress) -> Iterator[SpoolLine]:
        """The range that was meant to be sent, where a send was broken off; else the next batch."""
        lines = read_lines(segment.path, progress.loaded)
        if progress.intent > progress.loaded:
            yield from takewhile(lambda line: line.next_offset <= progress.intent, lines)
            return
        for number, line in enumerate(lines, 1):
            yield line
            if number >= self._batch_lines or line.next_offset - progress.loaded >= BATCH_BYTES:
                return

    def _send(self, rows: RecordRows, token: str) -> None:
        for table, content in rows.tables.items():
            self._store.insert(table, content, f"{token}/{table}")
        if "events" in rows.tables:
            self._pending.add(touched_days(rows.tables["events"]))
        if "bindings" in rows.tables:
            self._pending.add(days_after(self._store, self._school, rows.tables["bindings"]))

    def _finish(self, folder: Path, segment: Segment, progress: Progress, path: Path) -> Progress:
        """Check the seal of a segment loaded to its end, and keep its leaf hashes, or say why not."""
        origin = Origin(self._school, folder.name, segment.number, progress.next_seq, progress.last_ms)
        chain = chain_path(self._root, folder.name)
        leaves = self._all_leaves(path, segment, progress)
        tables, fault = sealed_tables(segment, leaves, origin, read_link(chain), _now_ms())
        progress = replace(progress, done=True, fault=fault, seal=seal_digest(segment.seal))
        token = f"{self._school}/{folder.name}/{segment.number}/seal/{(progress.seal or progress.first)[:16]}"
        if not (tables.keys() == {"seals", "gaps"} and met_before(self._store, tables["seals"])):
            # The gap before the link, and the link before the seal: whoever dies in between sends the same again.
            self._insert_all(tables, ("gaps",), token)
            write_link(chain, segment.number, segment.seal, progress.last_ms)
            self._insert_all(tables, ("seals",), token)
        write_progress(path, progress)
        return progress

    def _insert_all(self, tables: dict[str, pa.Table], names: tuple[str, ...], token: str) -> None:
        for table in names:
            if table in tables:
                self._store.insert(table, tables[table], f"{token}/{table}")

    def _remember_leaves(self, path: Path, lines: list[SpoolLine], read: list[bytes]) -> None:
        """Keep the leaf hashes of what was just read, so that a segment is read once."""
        upto, leaves = self._leaves.get(path, (0, []))
        if upto == lines[0].offset:
            leaves += read
            self._leaves[path] = (lines[-1].next_offset, leaves)

    def _all_leaves(self, path: Path, segment: Segment, progress: Progress) -> list[bytes]:
        """Every leaf hash of a segment; read again where an earlier loader read a part of it."""
        upto, leaves = self._leaves.pop(path, (0, []))
        return leaves if upto == progress.loaded else leaves_of(read_lines(segment.path))

    def _rebuild(self, result: LoadResult) -> None:
        due = self._pending.next_day(REBUILT_AT_ONCE)
        if due:
            self._rebuilder.rebuild(due)
            self._pending.remove(due)
            result.rebuilt = len(due)

    def _tidy(self) -> None:
        """Now and then: clean replaced builds, and remove what was loaded long ago."""
        if time.monotonic() - self._cleaned < CLEAN_SECONDS:
            return
        self._cleaned = time.monotonic()
        self._rebuilder.clean()
        self.prune()

    def prune(self) -> int:
        """Remove segments loaded and sealed longer ago than they are kept, and say how many.

        Raises:
            OSError: the disk refuses.
        """
        return sum(self._prune(folder, segment) for folder in self._workers() for segment in segments(folder)[:-1])

    def _prune(self, folder: Path, segment: Segment) -> bool:
        path = progress_path(self._root, folder.name, segment.number)
        progress = read_progress(path)
        if not (progress.done and progress.seal) or progress.fault or unlike(progress, segment):
            return False
        if time.time() - path.stat().st_mtime < self._kept_seconds:
            return False
        segment.path.unlink(missing_ok=True)
        if segment.seal is not None:
            segment.seal.unlink(missing_ok=True)
        path.unlink()
        self._done.pop((folder.name, segment.number), None)
        return True


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
