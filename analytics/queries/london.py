"""London time: what people read. Everything is kept in UTC milliseconds.

Owns the conversions; the clock changes at the end of March and October are the zone's own.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pandas as pd

LONDON: Final = ZoneInfo("Europe/London")


def london_today() -> date:
    """The date in London."""
    return datetime.now(LONDON).date()


def london_day(ts_ms: int) -> date:
    """The date in London at `ts_ms`."""
    return datetime.fromtimestamp(ts_ms / 1000, UTC).astimezone(LONDON).date()


def day_bounds(first_day: date, last_day: date) -> tuple[int, int]:
    """UTC ms of the first day's beginning, and of the end of the last day (excluded)."""
    return _midnight(first_day), _midnight(last_day + timedelta(days=1))


def london_text(ts_ms: int) -> str:
    """Such as "2026-11-24 09:05:07"."""
    return datetime.fromtimestamp(ts_ms / 1000, UTC).astimezone(LONDON).strftime("%Y-%m-%d %H:%M:%S")


def london_texts(ts_ms: "pd.Series[int]") -> "pd.Series[str]":
    """`london_text` of a column."""
    return ts_ms.map(london_text).astype("str")


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time.min, LONDON).timestamp() * 1000)
