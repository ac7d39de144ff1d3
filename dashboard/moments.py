"""Times and days as a Headteacher reads them: Europe/London, plain words, time always as a range.

Owns the wording of every time on screen. Stored times are UTC milliseconds; a day is a London date.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now_ms() -> int:
    """UTC milliseconds now."""
    return int(datetime.now(UTC).timestamp() * 1000)


def london(ms: int) -> datetime:
    """The London wall clock at `ms`."""
    return datetime.fromtimestamp(ms / 1000, LONDON)


def london_day(ms: int) -> date:
    """The London date at `ms`."""
    return london(ms).date()


def wall(ms: int) -> datetime:
    """London wall-clock time without a zone, for chart axes: a chart must not shift it to the reader's own zone."""
    return london(ms).replace(tzinfo=None)


def day_bounds_ms(day: date) -> tuple[int, int]:
    """First millisecond of the London day and of the next: 23, 24 or 25 hours apart."""
    start, end = (datetime(each.year, each.month, each.day, tzinfo=LONDON) for each in (day, day + timedelta(days=1)))
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000)


def clock(ms: int) -> str:
    """14:32"""
    return f"{london(ms):%H:%M}"


def short_day(day: date) -> str:
    """Mon 16 Nov"""
    return f"{day:%a} {day.day} {day:%b}"


def long_day(day: date) -> str:
    """Monday 16 November 2026"""
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_date(ms: int) -> str:
    """16 November 2026, of a moment."""
    day = london_day(ms)
    return f"{day.day} {day:%B %Y}"


def span_words(first: date, last: date) -> str:
    """One day, or "Monday 16 to Sunday 22 November 2026", as briefly as stays clear."""
    if first == last:
        return long_day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%A} {first.day} to {long_day(last)}"
    if first.year == last.year:
        return f"{first:%A} {first.day} {first:%B} to {long_day(last)}"
    return f"{long_day(first)} to {long_day(last)}"


def moment_words(ms: int, today: date) -> str:
    """14:32 · 14:32 yesterday · 14:32 on Monday 16 November"""
    day = london_day(ms)
    if day == today:
        return clock(ms)
    if day == today - timedelta(days=1):
        return f"{clock(ms)} yesterday"
    return f"{clock(ms)} on {day:%A} {day.day} {day:%B}"


def range_words(lower_s: int, upper_s: int) -> str:
    """How long, between two bounds in seconds: "2 to 9 min". Never a single invented figure."""
    if upper_s < 60:
        return "under a minute"
    if lower_s < 60:
        return f"up to {_length(-(-upper_s // 60))}"
    low, high = _length(lower_s // 60), _length(-(-upper_s // 60))
    if low == high:
        return f"about {high}"
    return f"{low.removesuffix(' min') if 'h' not in high else low} to {high}"


def _length(minutes: int) -> str:
    """5 min · 1 h · 1 h 5 min"""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)
