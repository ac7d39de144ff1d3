"""What kind of day each date is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import load_policy
from config.school_calendar import BankHolidays, Closure, DayKind, InsetDay, SchoolCalendar, Term

WHO = {"why": "x", "author": "x"}


def calendar(**changes: object) -> SchoolCalendar:
    """Two terms of 2026, with a half-term, an INSET day before term, one in term, and a day of snow."""
    parts: dict[str, object] = {
        "terms": (
            Term(title="Spring", first=date(2026, 1, 6), last=date(2026, 3, 27), **WHO,
                 half_term=(date(2026, 2, 16), date(2026, 2, 20))),
            Term(title="Summer", first=date(2026, 4, 13), last=date(2026, 7, 21), half_term=None, **WHO),
        ),
        "inset": (InsetDay(day=date(2026, 1, 5), **WHO), InsetDay(day=date(2026, 6, 1), **WHO)),
        "closures": (Closure(first=date(2026, 1, 14), last=date(2026, 1, 15), **WHO),),
        "bank_holidays": BankHolidays(source="x", first=date(2026, 1, 1), last=date(2026, 12, 31),
                                      days=(date(2026, 1, 1), date(2026, 5, 4))),
    }  # fmt: skip
    return SchoolCalendar(**{**parts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 1, 4), DayKind.UNKNOWN),
        (date(2026, 1, 5), DayKind.INSET),
        (date(2026, 1, 6), DayKind.TERM),
        (date(2026, 1, 15), DayKind.CLOSED),
        (date(2026, 1, 16), DayKind.TERM),
        (date(2026, 2, 15), DayKind.TERM),
        (date(2026, 2, 16), DayKind.HOLIDAY),
        (date(2026, 2, 20), DayKind.HOLIDAY),
        (date(2026, 2, 21), DayKind.TERM),
        (date(2026, 3, 28), DayKind.HOLIDAY),
        (date(2026, 4, 12), DayKind.HOLIDAY),
        (date(2026, 5, 4), DayKind.BANK_HOLIDAY),
        (date(2026, 6, 1), DayKind.INSET),
        (date(2026, 7, 21), DayKind.TERM),
        (date(2026, 7, 22), DayKind.UNKNOWN),
        (date(2027, 1, 1), DayKind.UNKNOWN),
    ],
)
def test_terms_breaks_and_the_days_that_differ(day: date, kind: DayKind) -> None:
    assert calendar().kind(day) is kind


def test_in_a_term_for_which_bank_holidays_are_not_known_nothing_is_guessed() -> None:
    known = BankHolidays(source="x", first=date(2026, 1, 1), last=date(2026, 4, 30), days=(date(2026, 1, 1),))
    half_known = calendar(bank_holidays=known)
    assert half_known.kind(date(2026, 4, 30)) is DayKind.TERM
    assert half_known.kind(date(2026, 5, 4)) is DayKind.UNKNOWN
    assert half_known.kind(date(2026, 6, 1)) is DayKind.INSET
    assert half_known.last == date(2026, 4, 30)


def test_halves_of_terms_leave_the_break_out() -> None:
    assert list(calendar().half_terms()) == [
        (date(2026, 1, 6), date(2026, 2, 15)),
        (date(2026, 2, 21), date(2026, 3, 27)),
        (date(2026, 4, 13), date(2026, 7, 21)),
    ]


@given(st.dates())
def test_every_date_has_an_answer_and_beyond_its_reach_it_is_not_known(day: date) -> None:
    kind = calendar().kind(day)
    if day < date(2026, 1, 5) or day > calendar().last:
        assert kind in (DayKind.UNKNOWN, DayKind.BANK_HOLIDAY)


def easter(year: int) -> date:
    """Easter Sunday, by the rule of the Book of Common Prayer in its usual arithmetic form."""
    century, of_19 = divmod(year, 100)[0], year % 19
    moon = (19 * of_19 + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * ((21 - of_19) // 11))
    days = moon - (year + year // 4 + moon + 2 - century + century // 4) % 7
    return date(year, 3 + (days + 40) // 44, days + 28 - 31 * ((3 + (days + 40) // 44) // 4))


def monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def usual_bank_holidays(year: int) -> set[date]:
    """What statute, common law and the usual proclamations give England and Wales in a year without a special one."""
    new_year = date(year, 1, 1)
    found = {
        monday_on_or_after(new_year) if new_year.weekday() > 4 else new_year,
        easter(year) - timedelta(days=2),
        easter(year) + timedelta(days=1),
        monday_on_or_after(date(year, 5, 1)),
        monday_on_or_after(date(year, 5, 25)),
        monday_on_or_after(date(year, 8, 25)),
    }
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    match christmas.weekday():
        case 4:
            return found | {christmas, date(year, 12, 28)}
        case 5:
            return found | {date(year, 12, 27), date(year, 12, 28)}
        case 6:
            return found | {boxing, date(year, 12, 27)}
        case _:
            return found | {christmas, boxing}


def test_the_shipped_bank_holidays_are_those_that_the_law_gives() -> None:
    known = load_policy().calendar.bank_holidays
    years = range(known.first.year, known.last.year + 1)
    assert set(known.days) == set().union(*map(usual_bank_holidays, years))


def test_the_shipped_terms_are_three_school_years_marked_as_an_example() -> None:
    shipped = load_policy().calendar
    assert len(shipped.terms) == 9
    assert (shipped.terms[0].first.year, shipped.terms[-1].last.year) == (2025, 2028)
    assert len(shipped.inset) == 15
    reasons = [*(term.why for term in shipped.terms), *(inset.why for inset in shipped.inset)]
    assert all(why.startswith("Example only") for why in reasons)
    for term in shipped.terms:
        assert term.first.weekday() < 5
        assert term.last.weekday() < 5
        assert not {term.first, term.last} & set(shipped.bank_holidays.days)
