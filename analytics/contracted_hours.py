"""Where a moment stands against somebody's contracted hours, by the clock on the wall in London.

Owns nothing but that reckoning: the week's hours of a pattern, laid over the school's calendar. Promises:
- an answer for every moment from 1970 to 9999, and the same one for whoever has the pattern;
- on the night the clocks go back, both of the repeated hours belong to the window that names them; the hour that is
  skipped in spring is never met;
- outside the week's hours it is outside, whatever the day; within them it is outside on a bank holiday and when the
  school is closed, and for those who work in term time alone also in the holidays;
- where the calendar does not say, it is not stated. Each date stands for itself: a night shift that runs into a bank
  holiday is outside from midnight on.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.event import Hours
from config.policy import HoursPattern, SchoolCalendar, WeeklyWindow
from config.school_calendar import DayKind

LONDON: Final = ZoneInfo("Europe/London")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY_WORKS: Final = (DayKind.BANK_HOLIDAY, DayKind.CLOSED)


def hours_at(pattern: HoursPattern | None, calendar: SchoolCalendar, ts_ms: int) -> Hours:
    """Whether `ts_ms` (UTC milliseconds) is contracted time, a break in it, or neither; not stated without a pattern,
    or where `calendar` does not reach."""
    if pattern is None:
        return Hours.NOT_STATED
    local = _london(ts_ms)
    weekday, minute = local.weekday(), local.hour * 60 + local.minute
    if not _within(pattern.contracted, weekday, minute):
        return Hours.OUTSIDE
    works = works_on(pattern, calendar, local.date())
    if works is None:
        return Hours.NOT_STATED
    if not works:
        return Hours.OUTSIDE
    return Hours.BREAK if _within(pattern.breaks, weekday, minute) else Hours.CONTRACTED


def works_on(pattern: HoursPattern, calendar: SchoolCalendar, day: date) -> bool | None:
    """Whether the pattern's hours hold on this London date; None where the calendar does not say."""
    kind = calendar.kind(day)
    if kind in _NOBODY_WORKS:
        return False
    if pattern.weeks == "all_year":
        return True if kind is DayKind.INSET or calendar.bank_holidays_known(day) else None
    return None if kind is DayKind.UNKNOWN else kind in (DayKind.TERM, DayKind.INSET)


def london_week_minute(ts_ms: int) -> tuple[int, int]:
    """Weekday (Monday is 0) and minutes since midnight on a London clock."""
    local = _london(ts_ms)
    return local.weekday(), local.hour * 60 + local.minute


def london_day(ts_ms: int) -> date:
    """The London date."""
    return _london(ts_ms).date()


def _london(ts_ms: int) -> datetime:
    return (_EPOCH + timedelta(milliseconds=ts_ms)).astimezone(LONDON)


def _within(windows: tuple[WeeklyWindow, ...], weekday: int, minute: int) -> bool:
    return any(window.weekday == weekday and window.start <= minute < window.end for window in windows)
