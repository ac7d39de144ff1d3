"""Reading calendar.toml, and refusing dates that cannot be meant.

Owns the file's shape and its checks. Promises: every mistake names file, line, key, what was found and what is allowed.
Refused are: dates the wrong way round; terms that overlap; a half-term that is not inside its term; more than ten weeks
without a term (one was left out); an INSET day at a weekend, on a bank holiday, in a closure, or twice; closures that
overlap; a bank holiday twice, or outside the years for which the list says it is complete.
An INSET day in a holiday is allowed: many schools hold one before term.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from config.errors import ConfigError
from config.policy_table import IF_MISSING, Reasoned, Sentence, Table
from config.school_calendar import BankHolidays, Closure, InsetDay, SchoolCalendar, Term
from config.toml_file import fault_at, read_toml, validated

MOST_DAYS_WITHOUT_TERM: Final = 70

type Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
type _Keys = tuple[str | int, ...]


class _Stretch(Reasoned):
    first: Day
    last: Day


class _Term(_Stretch):
    title: Sentence
    half_term_first: Day | None = None
    half_term_last: Day | None = None


class _Inset(Reasoned):
    day: Day


class _BankHolidays(Table):
    source: Sentence
    first: Day
    last: Day
    days: Annotated[list[Day], Field(min_length=1)]


class _Calendar(Table):
    terms: Annotated[list[_Term], Field(min_length=1)]
    inset: list[_Inset] = Field(default_factory=list)
    closures: list[_Stretch] = Field(default_factory=list)
    bank_holidays: _BankHolidays


def read_calendar(path: Path) -> SchoolCalendar:
    """The calendar in the file at `path`.

    Raises:
        ConfigError: see the module's promise.
    """
    plain = read_toml(path, IF_MISSING)
    tables = validated(lambda: _Calendar.model_validate(plain), path)
    for keys, found, allowed in _faults(tables):
        raise fault_at(path, keys, str(found), allowed)
    return _calendar(tables, path)


def _calendar(tables: _Calendar, path: Path) -> SchoolCalendar:
    holidays = tables.bank_holidays
    calendar = SchoolCalendar(
        terms=tuple(_term(term) for term in tables.terms),
        inset=tuple(InsetDay(**each.model_dump()) for each in tables.inset),
        closures=tuple(Closure(**each.model_dump()) for each in tables.closures),
        bank_holidays=BankHolidays(**{**holidays.model_dump(), "days": tuple(holidays.days)}),
    )
    if calendar.last < calendar.terms[0].first:
        raise ConfigError(
            f"{path}: the terms begin on {calendar.terms[0].first}, and the bank holidays are known to "
            f"{holidays.last}; allowed: bank holidays that reach into the terms."
        )
    return calendar


def _term(table: _Term) -> Term:
    first, last = table.half_term_first, table.half_term_last
    plain = table.model_dump(exclude={"half_term_first", "half_term_last"})
    return Term(half_term=(first, last) if first and last else None, **plain)


def _faults(tables: _Calendar) -> Iterator[tuple[_Keys, object, str]]:
    """What is wrong: the keys where it stands, what was found, and what is allowed."""
    yield from _stretch_faults("terms", tables.terms)
    yield from _stretch_faults("closures", tables.closures)
    for number, term in enumerate(tables.terms):
        yield from _half_term_faults(("terms", number), term)
    yield from _gap_faults(tables.terms)
    yield from _bank_holiday_faults(tables.bank_holidays)
    yield from _inset_faults(tables)


def _stretch_faults(key: str, stretches: Sequence[_Stretch]) -> Iterator[tuple[_Keys, object, str]]:
    for number, each in enumerate(stretches):
        if each.last < each.first:
            yield (key, number, "last"), each.last, f"a day not before the first, {each.first}"
    for number, (earlier, later) in enumerate(pairwise(stretches), 1):
        if later.first <= earlier.last:
            yield (key, number, "first"), later.first, f"a day after the last of the one before, {earlier.last}"


def _half_term_faults(keys: _Keys, term: _Term) -> Iterator[tuple[_Keys, object, str]]:
    first, last = term.half_term_first, term.half_term_last
    if first is None or last is None:
        if first or last:
            missing = "half_term_last" if first else "half_term_first"
            yield (*keys, missing), "nothing", "both days of the half-term, or neither"
        return
    if last < first:
        yield (*keys, "half_term_last"), last, f"a day not before the half-term's first, {first}"
    if not term.first < first:
        yield (*keys, "half_term_first"), first, f"a day inside the term, after {term.first}"
    if not last < term.last:
        yield (*keys, "half_term_last"), last, f"a day inside the term, before {term.last}"


def _gap_faults(terms: list[_Term]) -> Iterator[tuple[_Keys, object, str]]:
    for number, (earlier, later) in enumerate(pairwise(terms), 1):
        days = (later.first - earlier.last).days - 1
        if days > MOST_DAYS_WITHOUT_TERM:
            most = (
                f"at most {MOST_DAYS_WITHOUT_TERM} days after the term before ({earlier.last}); add what was left out"
            )
            yield (("terms", number, "first"), later.first, most)


def _bank_holiday_faults(table: _BankHolidays) -> Iterator[tuple[_Keys, object, str]]:
    keys = ("bank_holidays", "days")
    if table.last < table.first:
        yield ("bank_holidays", "last"), table.last, f"a day not before the first, {table.first}"
    for earlier, later in pairwise(table.days):
        if later <= earlier:
            yield keys, later, f"each day once, in order: after {earlier}"
    for day in table.days:
        if not table.first <= day <= table.last:
            yield keys, day, f"a day from {table.first} to {table.last}, for which the list is complete"


def _inset_faults(tables: _Calendar) -> Iterator[tuple[_Keys, object, str]]:
    seen: set[date] = set()
    for number, each in enumerate(tables.inset):
        keys = ("inset", number, "day")
        if each.day.weekday() > 4:
            yield keys, each.day, "a day from Monday to Friday"
        if each.day in seen:
            yield keys, each.day, "each INSET day once"
        if each.day in tables.bank_holidays.days:
            yield keys, each.day, "a day that is no bank holiday"
        if any(closure.first <= each.day <= closure.last for closure in tables.closures):
            yield keys, each.day, "a day on which the school is not closed"
        seen.add(each.day)
