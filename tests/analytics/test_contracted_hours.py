"""Where a moment stands against contracted hours, on a London clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.contracted_hours import hours_at, london_week_minute
from analytics.event import Hours
from config.policy import HoursPattern, WeeklyWindow, load_policy
from config.weekly_hours import weekly_windows

TEACHER = load_policy().hours["teacher"]
LONDON = ZoneInfo("Europe/London")


def at(text: str) -> int:
    """UTC milliseconds of a London wall-clock time; append "+" for the second of a repeated hour."""
    local = datetime.fromisoformat(text.rstrip("+")).replace(tzinfo=LONDON, fold=int(text.endswith("+")))
    return int(local.timestamp()) * 1000


def pattern(**week: list[str]) -> HoursPattern:
    windows = weekly_windows(week)  # type: ignore[arg-type]
    return HoursPattern(key="x", title="x", why="x", author="x", contracted=windows, breaks=())


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("2026-11-23T08:14:59", Hours.OUTSIDE),
        ("2026-11-23T08:15:00", Hours.CONTRACTED),
        ("2026-11-23T12:00:00", Hours.BREAK),
        ("2026-11-23T12:59:59", Hours.BREAK),
        ("2026-11-23T13:00:00", Hours.CONTRACTED),
        ("2026-11-23T16:00:00", Hours.OUTSIDE),
        ("2026-07-06T08:15:00", Hours.CONTRACTED),
        ("2026-07-06T16:00:00", Hours.OUTSIDE),
        ("2026-11-28T10:00:00", Hours.OUTSIDE),
    ],
)
def test_hours_are_read_off_the_clock_on_the_wall_in_winter_and_summer(when: str, hours: Hours) -> None:
    assert hours_at(TEACHER, at(when)) is hours


def test_the_hour_that_is_repeated_in_autumn_counts_both_times() -> None:
    night = pattern(sunday=["01:00-02:00"])
    first, second = at("2026-10-25T01:30:00"), at("2026-10-25T01:30:00+")
    assert second - first == 3_600_000
    assert [hours_at(night, first), hours_at(night, second)] == [Hours.CONTRACTED, Hours.CONTRACTED]


def test_the_hour_that_is_skipped_in_spring_is_never_met() -> None:
    skipped = pattern(sunday=["01:00-02:00"])
    midnight = at("2026-03-29T00:00:00")
    met = [minute for minute in range(24 * 60) if hours_at(skipped, midnight + minute * 60_000) is Hours.CONTRACTED]
    assert met == []


def test_a_night_shift_runs_on_over_midnight() -> None:
    night = pattern(sunday=["22:00-06:00"])
    assert hours_at(night, at("2026-11-22T23:30:00")) is Hours.CONTRACTED
    assert hours_at(night, at("2026-11-23T05:59:00")) is Hours.CONTRACTED
    assert hours_at(night, at("2026-11-23T06:00:00")) is Hours.OUTSIDE
    assert hours_at(night, at("2026-11-24T05:59:00")) is Hours.OUTSIDE


def test_a_volunteer_has_no_working_hours_and_nobody_without_a_pattern_is_guessed_at() -> None:
    assert hours_at(load_policy().hours["volunteer"], at("2026-11-23T10:00:00")) is Hours.OUTSIDE
    assert hours_at(None, at("2026-11-23T10:00:00")) is Hours.NOT_STATED


@given(st.integers(0, int(datetime(2099, 1, 1, tzinfo=UTC).timestamp()) * 1000 + 999))
def test_the_london_clock_agrees_with_the_time_zone_database(ts_ms: int) -> None:
    local = datetime.fromtimestamp(ts_ms // 1000, LONDON)
    assert london_week_minute(ts_ms) == (local.weekday(), local.hour * 60 + local.minute)


@given(st.integers(0, int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000))
def test_every_moment_from_1970_to_9999_has_an_answer(ts_ms: int) -> None:
    assert hours_at(TEACHER, ts_ms) in Hours


def test_a_window_is_its_day_alone() -> None:
    assert WeeklyWindow(weekday=0, start=495, end=960) in TEACHER.contracted
