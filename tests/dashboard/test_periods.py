"""Ranges of days in school words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import load_policy
from config.school_calendar import DayKind
from dashboard.periods import DEFAULT, PRESETS, day_in_address, period

MONDAY = date(2026, 11, 23)
CALENDAR = load_policy().calendar
OF_THE_CALENDAR = {"half-term", "term", "last-term"}


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("today", date(2026, 11, 23), date(2026, 11, 23)),
        ("this-week", date(2026, 11, 23), date(2026, 11, 23)),
        ("seven-days", date(2026, 11, 17), date(2026, 11, 23)),
        ("last-week", date(2026, 11, 16), date(2026, 11, 22)),
        ("four-weeks", date(2026, 10, 27), date(2026, 11, 23)),
        ("half-term", date(2026, 10, 31), date(2026, 11, 23)),
        ("term", date(2026, 9, 3), date(2026, 11, 23)),
        ("last-term", date(2026, 4, 13), date(2026, 7, 21)),
    ],
)
def test_a_preset_seen_on_a_monday(key: str, first: date, last: date) -> None:
    found = period(key, MONDAY, CALENDAR)
    assert (found.first, found.last) == (first, last)
    assert found.days[0] == first
    assert found.days[-1] == last


@given(st.none() | st.text(), st.dates())
def test_whatever_an_address_says_gives_a_range_that_is_not_in_the_future(key: str | None, today: date) -> None:
    if today.toordinal() < 40:
        return
    found = period(key, today, CALENDAR)
    assert found.first <= found.last <= today
    assert found.key in {key, DEFAULT}
    if key in PRESETS.keys() - OF_THE_CALENDAR:
        assert found.key == key


@pytest.mark.parametrize(
    ("key", "today", "first", "last"),
    [
        ("half-term", date(2026, 10, 28), date(2026, 9, 3), date(2026, 10, 25)),
        ("term", date(2026, 10, 28), date(2026, 9, 3), date(2026, 10, 28)),
        ("term", date(2026, 8, 10), date(2026, 4, 13), date(2026, 7, 21)),
        ("last-term", date(2026, 8, 10), date(2026, 1, 5), date(2026, 3, 27)),
        ("half-term", date(2026, 9, 3), date(2026, 9, 3), date(2026, 9, 3)),
    ],
)
def test_in_a_holiday_this_one_is_the_one_that_has_just_ended(key: str, today: date, first: date, last: date) -> None:
    found = period(key, today, CALENDAR)
    assert (found.key, found.first, found.last) == (key, first, last)


@pytest.mark.parametrize("key", sorted(OF_THE_CALENDAR))
@pytest.mark.parametrize("today", [date(2025, 9, 1), date(2029, 5, 1)])
def test_where_the_calendar_does_not_reach_no_term_is_guessed(key: str, today: date) -> None:
    assert CALENDAR.kind(today) in (DayKind.UNKNOWN, DayKind.INSET)
    assert period(key, today, CALENDAR).key == DEFAULT


def test_there_is_no_last_term_before_the_second() -> None:
    assert period("last-term", date(2025, 10, 1), CALENDAR).key == DEFAULT
    assert period("term", date(2025, 10, 1), CALENDAR).key == "term"


@given(st.text())
def test_a_day_that_is_none_falls_back(text: str) -> None:
    assert day_in_address(text, MONDAY, MONDAY) <= MONDAY


@pytest.mark.parametrize("text", ["2026-02-30", "9999-12-31", "0001-01-01", "2026-11-24", "yesterday", ""])
def test_a_day_that_cannot_be_shown_falls_back(text: str) -> None:
    assert day_in_address(text, date(2026, 11, 20), MONDAY) == date(2026, 11, 20)


def test_a_day_in_an_address_is_taken() -> None:
    assert day_in_address("2026-02-28", MONDAY, MONDAY) == date(2026, 2, 28)
