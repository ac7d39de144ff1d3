"""Weekly hours as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import WeeklyWindow
from config.weekly_hours import MIDNIGHT, WEEKDAYS, read_stretch, weekly_windows


def test_a_stretch_is_minutes_since_midnight() -> None:
    assert read_stretch("08:30-15:45") == (510, 945)
    assert read_stretch("18:00-24:00") == (1080, 1440)


@pytest.mark.parametrize(
    "written", ["", "8:30-15:30", "08:30", "08:30-08:30", "25:00-26:00", "24:00-01:00", "08:60-09:00"]
)
def test_what_is_no_stretch_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match="08:30-15:30"):
        read_stretch(written)


def test_a_stretch_past_midnight_is_split_there_also_from_sunday_to_monday() -> None:
    assert weekly_windows({"sunday": ["22:00-06:00"], "tuesday": ["22:00-00:00"]}) == (
        WeeklyWindow(weekday=0, start=0, end=360),
        WeeklyWindow(weekday=1, start=1320, end=1440),
        WeeklyWindow(weekday=6, start=1320, end=1440),
    )


@given(st.sampled_from(WEEKDAYS), st.integers(0, 1439), st.integers(0, 1439))
def test_splitting_keeps_the_length_and_never_crosses_midnight(day: str, start: int, end: int) -> None:
    if start == end:
        return
    text = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    windows = weekly_windows({day: [text]})  # type: ignore[dict-item]
    assert sum(window.end - window.start for window in windows) == (end - start) % MIDNIGHT
    assert all(0 <= window.start < window.end <= MIDNIGHT for window in windows)
