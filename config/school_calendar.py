"""The school's calendar: what kind of day each date is.

Owns the dates of terms, half-terms, INSET days, bank holidays and closures, and which of them wins on one date.
Promises: every date has exactly one answer; a date that the calendar does not reach is `UNKNOWN`, never a guess; a date
stands for itself, so what is worked past midnight belongs to the next date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class DayKind(StrEnum):
    """What kind of day a date is, whatever the weekday."""

    TERM = "term"
    INSET = "inset"
    """Staff work, pupils stay at home."""
    HOLIDAY = "holiday"
    BANK_HOLIDAY = "bank_holiday"
    CLOSED = "closed"
    """The school is shut, to those who work all the year too."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term, both days included; `half_term` is its break's first and last day, None where it has none."""

    title: str
    first: date
    last: date
    half_term: tuple[date, date] | None
    why: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InsetDay:
    """A day of training, in a term or outside it."""

    day: date
    why: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Days on which nobody works, both included."""

    first: date
    last: date
    why: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankHolidays:
    """The bank holidays of England and Wales; the list is complete from `first` to `last`."""

    source: str
    first: date
    last: date
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCalendar:
    """Terms in order of time, and the days that differ from them. config.calendar_file checks that they agree."""

    terms: tuple[Term, ...]
    inset: tuple[InsetDay, ...]
    closures: tuple[Closure, ...]
    bank_holidays: BankHolidays

    @property
    def last(self) -> date:
        """The last day of which it can be said whether term-time staff work."""
        return min(self.terms[-1].last, self.bank_holidays.last)

    def kind(self, day: date) -> DayKind:
        """What kind of day `day` is. What the school wrote down for the very day comes first."""
        if any(closure.first <= day <= closure.last for closure in self.closures):
            return DayKind.CLOSED
        if any(inset.day == day for inset in self.inset):
            return DayKind.INSET
        if not self.bank_holidays.first <= day <= self.bank_holidays.last:
            return DayKind.UNKNOWN
        if day in self.bank_holidays.days:
            return DayKind.BANK_HOLIDAY
        if not self.terms[0].first <= day <= self.terms[-1].last:
            return DayKind.UNKNOWN
        return DayKind.TERM if self._within_term(day) else DayKind.HOLIDAY

    def bank_holidays_known(self, day: date) -> bool:
        """Whether it is known of `day` if it is a bank holiday."""
        return self.bank_holidays.first <= day <= self.bank_holidays.last

    def half_terms(self) -> Iterator[tuple[date, date]]:
        """Each half of each term (the whole of one without a break), first and last day, in order of time."""
        for term in self.terms:
            if term.half_term is None:
                yield term.first, term.last
            else:
                yield term.first, term.half_term[0] - timedelta(days=1)
                yield term.half_term[1] + timedelta(days=1), term.last

    def _within_term(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.half_terms())
