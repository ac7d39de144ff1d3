"""Times as people read them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.moments import (
    LONDON,
    clock,
    day_bounds_ms,
    london_day,
    moment_words,
    range_words,
    short_date,
    short_day,
    span_words,
    wall,
)

HOUR_MS = 3_600_000


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=LONDON).timestamp() * 1000)  # type: ignore[misc,arg-type]


def test_a_date_in_a_sentence_is_londons() -> None:
    assert short_date(ms(2026, 7, 1, 0, 30)) == "1 July 2026"


def test_a_summer_time_is_read_on_the_london_clock() -> None:
    assert clock(ms(2026, 7, 1, 9, 5)) == "09:05"
    assert wall(ms(2026, 7, 1, 9, 5)) == datetime(2026, 7, 1, 9, 5)  # noqa: DTZ001 - the wall clock has no zone


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 6, 1), 24), (date(2026, 10, 25), 25)])
def test_a_day_has_as_many_hours_as_london_gave_it(day: date, hours: int) -> None:
    first, after = day_bounds_ms(day)
    assert after - first == hours * HOUR_MS


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_days_bounds_hold_exactly_that_day(day: date) -> None:
    first, after = day_bounds_ms(day)
    assert london_day(first) == london_day(after - 1) == day


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ((2026, 11, 24, 14, 32), "14:32"),
        ((2026, 11, 23, 14, 32), "14:32 yesterday"),
        ((2026, 11, 16, 8, 1), "08:01 on Monday 16 November"),
    ],
)
def test_a_moment_says_the_day_only_where_it_must(moment: tuple[int, ...], said: str) -> None:
    assert moment_words(ms(*moment), date(2026, 11, 24)) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 16), date(2026, 11, 16), "Monday 16 November 2026"),
        (date(2026, 11, 16), date(2026, 11, 22), "Monday 16 to Sunday 22 November 2026"),
        (date(2026, 10, 28), date(2026, 11, 24), "Wednesday 28 October to Tuesday 24 November 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "Monday 28 December 2026 to Sunday 3 January 2027"),
    ],
)
def test_a_span_repeats_nothing(first: date, last: date, said: str) -> None:
    assert span_words(first, last) == said


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (0, 30, "under a minute"),
        (0, 300, "up to 5 min"),
        (120, 540, "2 to 9 min"),
        (300, 300, "about 5 min"),
        (720, 44_460, "12 min to 12 h 21 min"),
        (3600, 7200, "1 h to 2 h"),
        (420, 36_000, "7 min to 10 h"),
    ],
)
def test_time_is_a_range(lower: int, upper: int, said: str) -> None:
    assert range_words(lower, upper) == said


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_range_never_begins_above_its_lower_bound(lower: int, more: int) -> None:
    said = range_words(lower, lower + more)
    assert said
    if " to " in said and "h" not in said and not said.startswith("up"):
        assert int(said.split(" to ")[0].removesuffix(" min")) * 60 <= lower


def test_a_short_day_fits_a_table() -> None:
    assert short_day(date(2026, 11, 6)) == "Fri 6 Nov"
