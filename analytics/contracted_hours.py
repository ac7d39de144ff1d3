"""Where a moment stands against somebody's contracted hours, by the clock on the wall in London.

Owns nothing but that reckoning. Promises: an answer for every moment from 1970 to 9999; on the night the clocks go
back, both of the repeated hours belong to the window that names them; the hour that is skipped in spring is never met.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.event import Hours
from config.policy import HoursPattern, WeeklyWindow

LONDON: Final = ZoneInfo("Europe/London")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def hours_at(pattern: HoursPattern | None, ts_ms: int) -> Hours:
    """Whether `ts_ms` (UTC milliseconds) is contracted time, a break in it, or neither; not stated without one."""
    if pattern is None:
        return Hours.NOT_STATED
    weekday, minute = london_week_minute(ts_ms)
    if not _within(pattern.contracted, weekday, minute):
        return Hours.OUTSIDE
    return Hours.BREAK if _within(pattern.breaks, weekday, minute) else Hours.CONTRACTED


def london_week_minute(ts_ms: int) -> tuple[int, int]:
    """Weekday (Monday is 0) and minutes since midnight on a London clock."""
    local = (_EPOCH + timedelta(milliseconds=ts_ms)).astimezone(LONDON)
    return local.weekday(), local.hour * 60 + local.minute


def _within(windows: tuple[WeeklyWindow, ...], weekday: int, minute: int) -> bool:
    return any(window.weekday == weekday and window.start <= minute < window.end for window in windows)
