"""Which person-days a batch of events touches."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

_LONDON = ZoneInfo("Europe/London")
_LATEST_MS = 4_102_444_800_000
_HOUR_MS = 3_600_000


def london_day(ts_ms: int) -> date:
    """The London date of a UTC time in ms, within the bounds of the `day` column (migration 0001)."""
    return datetime.fromtimestamp(min(max(ts_ms, 0), _LATEST_MS) // 1000, UTC).astimezone(_LONDON).date()


def touched_days(events: pa.Table) -> set[tuple[str, date]]:
    """The (person, London day) pairs of `events` that name a person."""
    named = events.filter(pc.is_valid(events["person_id"]))
    # London's clock changes only at whole hours, so an hour is of one day.
    hours = pc.divide(pc.max_element_wise(named["ts_ms"], 0), _HOUR_MS)
    pairs = pa.table({"person": named["person_id"], "hour": hours}).group_by(["person", "hour"]).aggregate([])
    return {(row["person"], london_day(row["hour"] * _HOUR_MS)) for row in pairs.to_pylist()}
