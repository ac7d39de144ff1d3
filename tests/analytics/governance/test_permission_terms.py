"""The terms of a permission: windows, and the moments between which it holds."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.contracted_hours import LONDON
from analytics.governance.permission_terms import Terms, london_date, read_terms, read_windows
from analytics.permission import is_open
from analytics.snapshot import Window
from config.errors import FairgateError
from tests.analytics.governance.office import POLICY

NOW = int(datetime(2026, 11, 24, 14, 32, tzinfo=LONDON).timestamp() * 1000)


def terms(from_ms: int | None = None, until_ms: int = 0) -> Terms:
    return read_terms(POLICY, NOW, categories=["travel"], hosts=[], windows=[], from_ms=from_ms, until_ms=until_ms)


def test_it_begins_now_or_later_and_earlier_today_means_now() -> None:
    assert terms().from_ms == NOW
    assert terms(NOW + 1).from_ms == NOW + 1
    assert terms(NOW - 14 * 3_600_000).from_ms == NOW
    with pytest.raises(FairgateError, match="no earlier than today"):
        terms(NOW - 15 * 3_600_000)


def test_it_ends_after_it_begins() -> None:
    assert terms(until_ms=NOW + 1).until_ms == NOW + 1
    with pytest.raises(FairgateError, match="end before it begins"):
        terms(until_ms=NOW)


def test_a_window_may_run_past_midnight_and_one_that_ends_at_midnight_ends_at_24() -> None:
    night = Window(weekday=4, start=1320, end=120)
    assert read_windows([night]) == (night,)
    assert read_windows([Window(weekday=4, start=1320, end=0)]) == (Window(weekday=4, start=1320, end=1440),)


@pytest.mark.parametrize(
    "window", [(7, 0, 60), (-1, 0, 60), (0, 1440, 60), (0, 60, 60), (0, 0, 1441), (0, -1, 60), (0, 0, 0)]
)
def test_a_window_that_cannot_be_read_is_refused(window: tuple[int, int, int]) -> None:
    with pytest.raises(FairgateError, match="weekly window"):
        read_windows([Window(weekday=window[0], start=window[1], end=window[2])])


WINDOWS = st.builds(Window, weekday=st.integers(0, 6), start=st.integers(0, 1439), end=st.integers(0, 1440)).filter(
    lambda window: window.start != window.end
)


@given(st.lists(WINDOWS, max_size=4), st.integers(0, 2**42))
def test_reading_windows_changes_nothing_of_what_they_cover(windows: list[Window], ts_ms: int) -> None:
    read = read_windows(windows)
    assert is_open(read, ts_ms) == is_open(windows, ts_ms)
    assert read_windows(read) == read


def test_the_date_is_londons() -> None:
    summer = int(datetime(2026, 7, 1, 0, 30, tzinfo=LONDON).timestamp() * 1000)
    assert london_date(summer) == date(2026, 7, 1)
