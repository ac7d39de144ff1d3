"""Lines of a segment as rows of the store's tables.

Promises: a row is made only of a record that is exactly what its line holds, and that belongs to the segment it stands
in; every other line comes back as damaged, never fatal. Missing sequence numbers that no damaged line explains come
back as gaps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics import records
from analytics.event import WebEvent, as_dict
from analytics.records import (
    Acknowledgement,
    Attempts,
    BindingChange,
    Condition,
    Gap,
    GapReason,
    Heartbeat,
    PinChange,
    Record,
    ShieldCount,
)
from analytics.spool import SpoolLine
from analytics.store.columns import table_of
from analytics.store.fast_events import MARK, parsed_events
from config.errors import RecordError

_TABLES = {
    WebEvent: "events",
    Gap: "gaps",
    ShieldCount: "shield_counts",
    Heartbeat: "heartbeats",
    BindingChange: "bindings",
    Acknowledgement: "acknowledgements",
    PinChange: "pins",
    Attempts: "attempts",
    Condition: "conditions",
}
_LOST = -1


@dataclass(frozen=True, slots=True)
class Origin:
    """The segment lines come from, and where its sequence and clock stand before them."""

    school: str
    gateway: str
    segment: int
    next_seq: int
    last_ms: int


@dataclass(slots=True)
class RecordRows:
    """What a run of lines holds."""

    tables: dict[str, pa.Table]
    damaged: list[SpoolLine]
    next_seq: int
    last_ms: int
    records: int


@dataclass(slots=True)
class _Found:
    """Sequence number (or `_LOST`) and time of each line, as they become known."""

    seqs: np.ndarray[Any, np.dtype[np.int64]]
    times: np.ndarray[Any, np.dtype[np.int64]]
    received_ms: int
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def rows_of(lines: Sequence[SpoolLine], origin: Origin, received_ms: int) -> RecordRows:
    """The rows of `lines`, which follow each other in one segment."""
    found = _Found(np.full(len(lines), _LOST, np.int64), np.zeros(len(lines), np.int64), received_ms)
    fast, rest = _fast_events(lines, origin, found)
    for place in rest:
        _slow(lines[place], place, origin, found)
    _add_gaps(lines, origin, found)
    tables = {
        name: table_of(name, [{"received_ms": received_ms, **row} for row in rows]) for name, rows in found.rows.items()
    }
    if fast is not None and fast.num_rows:
        stamped = fast.append_column("received_ms", pa.repeat(pa.scalar(received_ms, pa.int64()), fast.num_rows))
        tables["events"] = pa.concat_tables([stamped, *([tables["events"]] if "events" in tables else [])])
    good = np.flatnonzero(found.seqs != _LOST)
    return RecordRows(
        tables=tables,
        damaged=[line for line, seq in zip(lines, found.seqs, strict=True) if seq == _LOST],
        next_seq=int(found.seqs[good[-1]]) + len(lines) - int(good[-1]) if len(good) else origin.next_seq + len(lines),
        last_ms=int(found.times[good[-1]]) if len(good) else origin.last_ms,
        records=len(good),
    )


def _fast_events(lines: Sequence[SpoolLine], origin: Origin, found: _Found) -> tuple[pa.Table | None, list[int]]:
    """Events the short cut proves, and the places of every line that is left for the slow way."""
    places = [place for place, line in enumerate(lines) if not line.fault and MARK in line.data]
    parsed = parsed_events([lines[place].data for place in places]) if places else None
    if parsed is None:
        return None, [place for place, line in enumerate(lines) if not line.fault]
    table, exact = parsed
    for name, value in (("school", origin.school), ("gateway", origin.gateway), ("segment", origin.segment)):
        exact = pc.and_(exact, pc.equal(table[name], value))
    exact = pc.and_(exact, pc.greater_equal(table["seq"], 0))
    proven = exact.to_numpy(zero_copy_only=False)
    at = np.array(places)[proven]
    table = table.filter(exact).combine_chunks()
    found.seqs[at], found.times[at] = table["seq"].to_numpy(), table["ts_ms"].to_numpy()
    taken = set(at.tolist())
    return table, [place for place, line in enumerate(lines) if not line.fault and place not in taken]


def _slow(line: SpoolLine, place: int, origin: Origin, found: _Found) -> None:
    try:
        record = records.decode(line.data)
    except RecordError:
        return
    if (record.school, record.gateway, record.segment) != (
        origin.school,
        origin.gateway,
        origin.segment,
    ) or record.seq < 0:
        return
    found.seqs[place], found.times[place] = record.seq, record.ts_ms
    found.rows.setdefault(_TABLES[type(record)], []).append(_plain(record))


def _plain(record: Record) -> dict[str, Any]:
    if isinstance(record, WebEvent):
        return as_dict(record)
    plain = asdict(record)
    return {**plain, "source_offset": -1} if isinstance(record, Gap) else plain


def _add_gaps(lines: Sequence[SpoolLine], origin: Origin, found: _Found) -> None:
    """Note every damaged stretch and every hole in the sequence as a gap of the loader's own."""
    good = np.flatnonzero(found.seqs != _LOST)
    places = np.concatenate(([-1], good, [len(lines)]))
    seqs = np.concatenate(([origin.next_seq - 1], found.seqs[good]))
    # Almost every line follows the one before it; only where one does not is there anything to say.
    odd = np.flatnonzero((np.diff(places) != 1) | np.append(np.diff(seqs) != 1, False))
    for here in odd.tolist():
        missing = int(seqs[here + 1] - seqs[here] - (places[here + 1] - places[here])) if here + 1 < len(seqs) else 0
        for gap, offset in _between(int(places[here]), int(places[here + 1]), missing, lines, origin, found):
            found.rows.setdefault("gaps", []).append({**asdict(gap), "source_offset": offset})


def _between(
    before: int, after: int, missing: int, lines: Sequence[SpoolLine], origin: Origin, found: _Found
) -> Iterator[tuple[Gap, int]]:
    """The gaps between two good lines: what is damaged there, and what is `missing` beside that."""
    damaged = after - before - 1
    from_ms = origin.last_ms if before < 0 else int(found.times[before])
    to_ms = int(found.times[after]) if after < len(lines) else from_ms
    gap = Gap(
        school=origin.school,
        gateway=origin.gateway,
        segment=origin.segment,
        ts_ms=to_ms or from_ms or found.received_ms,
        reason=GapReason.DAMAGED,
        from_ms=from_ms or to_ms,
        to_ms=to_ms,
        count=damaged,
    )
    if damaged:
        yield gap, lines[before + 1].offset
    if missing:
        yield replace(gap, reason=GapReason.SEQUENCE, count=max(missing, 0)), lines[after].offset
