"""Stretches of days in school words, as they stand in page addresses.

Owns the presets and their names. A week runs from Monday to Sunday; every bound is a London date, both included. Terms
and half-terms are those of the school's calendar; in a holiday, "this" one is the one that has just ended. Where the
calendar does not reach, they give way to the default.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from config.policy import SchoolCalendar
from config.school_calendar import DayKind

PRESETS = {
    "today": "Today",
    "this-week": "This week",
    "seven-days": "Last seven days",
    "last-week": "Last week",
    "four-weeks": "Last four weeks",
    "half-term": "This half-term",
    "term": "This term",
    "last-term": "Last term",
}
_OF_THE_CALENDAR = ("half-term", "term", "last-term")
DEFAULT = "seven-days"
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """`first` to `last`, both included, under the name of its preset."""

    key: str
    first: date
    last: date

    @property
    def title(self) -> str:
        return PRESETS[self.key]

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def period(key: str | None, today: date, calendar: SchoolCalendar) -> Period:
    """The preset named `key`; the default one for anything else, since an address can hold anything."""
    monday = today - timedelta(days=today.weekday())
    bounds = {
        "today": (today, today),
        "this-week": (monday, today),
        "seven-days": (today - timedelta(days=6), today),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "four-weeks": (today - timedelta(days=27), today),
        **_in_terms(today, calendar),
    }
    known = key if key in bounds else DEFAULT
    return Period(known, *bounds[known])


def offered(today: date, calendar: SchoolCalendar) -> dict[str, str]:
    """The presets that mean something today, by key: what the calendar does not know is not offered."""
    known = _in_terms(today, calendar).keys()
    return {key: words for key, words in PRESETS.items() if key not in _OF_THE_CALENDAR or key in known}


def _in_terms(today: date, calendar: SchoolCalendar) -> dict[str, tuple[date, date]]:
    """The presets that need the calendar, as far as it reaches."""
    if calendar.kind(today) is DayKind.UNKNOWN:
        return {}
    halves = [(first, last) for first, last in calendar.half_terms() if first <= today]
    terms = [(term.first, term.last) for term in calendar.terms if term.first <= today]
    newest = {"half-term": halves[-1:], "term": terms[-1:], "last-term": terms[-2:-1]}
    return {key: (first, min(last, today)) for key, found in newest.items() for first, last in found}


def day_in_address(text: str | None, fallback: date, today: date) -> date:
    """The ISO date in an address, or `fallback` where it is none or was none of ours: before 2000, or to come."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return fallback
    return found if _EARLIEST <= found <= today else fallback
