"""Ranges of days in school words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.periods import DEFAULT, PRESETS, day_in_address, period

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("today", date(2026, 11, 23), date(2026, 11, 23)),
        ("this-week", date(2026, 11, 23), date(2026, 11, 23)),
        ("seven-days", date(2026, 11, 17), date(2026, 11, 23)),
        ("last-week", date(2026, 11, 16), date(2026, 11, 22)),
        ("four-weeks", date(2026, 10, 27), date(2026, 11, 23)),
    ],
)
def test_a_preset_seen_on_a_monday(key: str, first: date, last: date) -> None:
    found = period(key, MONDAY)
    assert (found.first, found.last) == (first, last)
    assert found.days[0] == first
    assert found.days[-1] == last


@given(st.none() | st.text(), st.dates())
def test_whatever_an_address_says_gives_a_range_that_is_not_in_the_future(key: str | None, today: date) -> None:
    if today.toordinal() < 40:
        return
    found = period(key, today)
    assert found.first <= found.last <= today
    assert found.key == (key if key in PRESETS else DEFAULT)


@given(st.text())
def test_a_day_that_is_none_falls_back(text: str) -> None:
    assert day_in_address(text, MONDAY, MONDAY) <= MONDAY


@pytest.mark.parametrize("text", ["2026-02-30", "9999-12-31", "0001-01-01", "2026-11-24", "yesterday", ""])
def test_a_day_that_cannot_be_shown_falls_back(text: str) -> None:
    assert day_in_address(text, date(2026, 11, 20), MONDAY) == date(2026, 11, 20)


def test_a_day_in_an_address_is_taken() -> None:
    assert day_in_address("2026-02-28", MONDAY, MONDAY) == date(2026, 2, 28)
