"""A permission in plain words: what, at which times, from when until when.

Owns those sentences, on the page and on the forms alike. A day is a London date; "until" names the last day on which
it holds, since that is how people say it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from analytics.governance.permissions import Granted
from analytics.snapshot import Window
from config.policy import Policy
from dashboard.moments import clock, day_bounds_ms, london_day, long_day, short_date
from dashboard.wording import listed

STATES: Mapping[str, str] = {
    "waiting": "Waiting for an answer",
    "granted": "Granted",
    "limited": "Granted in part",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MIDNIGHT = 24 * 60


def what_words(categories: Sequence[str], sites: Sequence[str], policy: Policy) -> str:
    """Shopping, Travel and holidays, and rightmove.co.uk"""
    titles = [policy.categories[key].title if key in policy.categories else key for key in categories]
    return listed([*titles, *sites])


def times_words(windows: Sequence[Window]) -> str:
    """Monday to Friday, 12:00 to 13:00; Saturday, 22:00 to 02:00 the next day"""
    if not windows:
        return "At any time"
    days: dict[tuple[int, int], list[int]] = {}
    for window in windows:
        days.setdefault((window.start, window.end), []).append(window.weekday)
    return "; ".join(f"{days_words(sorted(which))}, {stretch_words(*stretch)}" for stretch, which in days.items())


def days_words(days: Sequence[int]) -> str:
    """Every day · Monday to Friday · Monday, Wednesday and Friday"""
    if len(days) == 7:
        return "Every day"
    if len(days) > 2 and all(after - before == 1 for before, after in pairwise(days)):
        return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    return listed([_DAYS[day] for day in days])


def stretch_words(start: int, end: int) -> str:
    """12:00 to 13:00 · all day · 22:00 to 02:00 the next day"""
    if (start, end) == (0, _MIDNIGHT):
        return "all day"
    said = "{:02d}:{:02d} to {:02d}:{:02d}".format(*divmod(start, 60), *divmod(end, 60))
    return f"{said} the next day" if end <= start else said


def period_words(from_ms: int, until_ms: int) -> str:
    """From Monday 16 November 2026 until Friday 18 December 2026 included"""
    return f"From {_moment(from_ms)} {_until(until_ms)}"


def wanted_words(from_ms: int, until_ms: int, asked_ms: int) -> str:
    """The period of a request: as soon as it is granted, where it was to begin at once."""
    if from_ms > asked_ms:
        return period_words(from_ms, until_ms)
    return f"From when it is granted {_until(until_ms)}"


def given_later_words(granted: Granted) -> str:
    """Permission given later, on 3 March 2026; noted as agreed by word of mouth on 20 February 2026."""
    given_ms = max(granted.granted_ms, *(held.from_ms for held in granted.held_back), 0)
    said = f"Permission given later, on {short_date(given_ms)}"
    return f"{said}; {said_earlier_words(granted)}." if granted.said_earlier else f"{said}."


def said_earlier_words(granted: Granted) -> str:
    """What the granter noted of an earlier word."""
    day = date.fromisoformat(granted.said_earlier)
    return f"noted as agreed by word of mouth on {day.day} {day:%B %Y}"


def _until(until_ms: int) -> str:
    if not until_ms:
        return "until further notice"
    last = london_day(until_ms - 1)
    if day_bounds_ms(last)[1] == until_ms:
        return f"until {long_day(last)} included"
    return f"until {clock(until_ms)} on {long_day(london_day(until_ms))}"


def _moment(ms: int) -> str:
    """The day; with the time where it does not begin at midnight."""
    day = long_day(london_day(ms))
    return day if day_bounds_ms(london_day(ms))[0] == ms else f"{day}, {clock(ms)}"
