"""Stretches of days in school words, as they stand in page addresses.

Owns the presets and their names. A week runs from Monday to Sunday; every bound is a London date, both included.
"""

from dataclasses import dataclass
from datetime import date, timedelta

PRESETS = {
    "today": "Today",
    "this-week": "This week",
    "seven-days": "Last seven days",
    "last-week": "Last week",
    "four-weeks": "Last four weeks",
}
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


def period(key: str | None, today: date) -> Period:
    """The preset named `key`; the default one for anything else, since an address can hold anything."""
    monday = today - timedelta(days=today.weekday())
    bounds = {
        "today": (today, today),
        "this-week": (monday, today),
        "seven-days": (today - timedelta(days=6), today),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "four-weeks": (today - timedelta(days=27), today),
    }
    known = key if key in bounds else DEFAULT
    return Period(known, *bounds[known])


def day_in_address(text: str | None, fallback: date, today: date) -> date:
    """The ISO date in an address, or `fallback` where it is none or was none of ours: before 2000, or to come."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return fallback
    return found if _EARLIEST <= found <= today else fallback
