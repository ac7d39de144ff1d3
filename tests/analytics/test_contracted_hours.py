"""Where a moment stands against contracted hours, on a London clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import contracted_hours
from analytics.contracted_hours import london_week_minute, works_on
from analytics.event import Hours
from config.policy import HoursPattern, SchoolCalendar, WeeklyWindow, load_policy
from config.school_calendar import Closure, DayKind
from config.weekly_hours import MIDNIGHT, WEEKDAYS, weekly_windows

POLICY = load_policy()
TEACHER, CARETAKER, VOLUNTEER = POLICY.hours["teacher"], POLICY.hours["site_team"], POLICY.hours["volunteer"]
CALENDAR = POLICY.calendar
LONDON = ZoneInfo("Europe/London")
REACHED = st.dates(date(2025, 9, 3), CALENDAR.last)
FAR = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000


def at(text: str) -> int:
    """UTC milliseconds of a London wall-clock time; append "+" for the second of a repeated hour."""
    local = datetime.fromisoformat(text.rstrip("+")).replace(tzinfo=LONDON, fold=int(text.endswith("+")))
    return int(local.timestamp()) * 1000


def pattern(weeks: Literal["term", "all_year"] = "all_year", **week: list[str]) -> HoursPattern:
    windows = weekly_windows(week)  # type: ignore[arg-type]
    return HoursPattern(key="x", title="x", why="x", author="x", weeks=weeks, contracted=windows, breaks=())


def hours_at(pattern: HoursPattern | None, ts_ms: int, calendar: SchoolCalendar = CALENDAR) -> Hours:
    return contracted_hours.hours_at(pattern, calendar, ts_ms)


def always(weeks: Literal["term", "all_year"]) -> HoursPattern:
    """Contracted around the clock, so that the calendar alone decides."""
    return pattern(weeks, **{day: ["00:00-24:00"] for day in WEEKDAYS})


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
    assert hours_at(VOLUNTEER, at("2026-11-23T10:00:00")) is Hours.OUTSIDE
    assert hours_at(None, at("2026-11-23T10:00:00")) is Hours.NOT_STATED


@given(st.integers(0, int(datetime(2099, 1, 1, tzinfo=UTC).timestamp()) * 1000 + 999))
def test_the_london_clock_agrees_with_the_time_zone_database(ts_ms: int) -> None:
    local = datetime.fromtimestamp(ts_ms // 1000, LONDON)
    assert london_week_minute(ts_ms) == (local.weekday(), local.hour * 60 + local.minute)


@given(st.integers(0, FAR))
def test_every_moment_from_1970_to_9999_has_an_answer(ts_ms: int) -> None:
    assert hours_at(TEACHER, ts_ms) in Hours


def test_a_window_is_its_day_alone() -> None:
    assert WeeklyWindow(weekday=0, start=495, end=960) in TEACHER.contracted


@pytest.mark.parametrize(
    ("when", "teacher", "caretaker"),
    [
        ("2026-10-23T09:00:00", Hours.CONTRACTED, Hours.CONTRACTED),
        ("2026-10-26T09:00:00", Hours.OUTSIDE, Hours.CONTRACTED),
        ("2026-12-22T09:00:00", Hours.OUTSIDE, Hours.CONTRACTED),
        ("2026-12-25T09:00:00", Hours.OUTSIDE, Hours.OUTSIDE),
        ("2026-12-28T09:00:00", Hours.OUTSIDE, Hours.OUTSIDE),
        ("2026-05-04T09:00:00", Hours.OUTSIDE, Hours.OUTSIDE),
        ("2026-09-01T09:00:00", Hours.CONTRACTED, Hours.CONTRACTED),
        ("2025-08-29T09:00:00", Hours.NOT_STATED, Hours.CONTRACTED),
        ("2028-05-02T09:00:00", Hours.NOT_STATED, Hours.NOT_STATED),
        ("2028-05-02T23:00:00", Hours.OUTSIDE, Hours.OUTSIDE),
    ],
)
def test_holidays_bind_term_time_staff_and_bank_holidays_everybody(when: str, teacher: Hours, caretaker: Hours) -> None:
    assert (hours_at(TEACHER, at(when)), hours_at(CARETAKER, at(when))) == (teacher, caretaker)


def test_a_break_is_no_break_in_the_holidays() -> None:
    assert hours_at(TEACHER, at("2026-11-24T12:30:00")) is Hours.BREAK
    assert hours_at(TEACHER, at("2026-10-27T12:30:00")) is Hours.OUTSIDE


def test_when_the_school_is_closed_nobody_works() -> None:
    snow = Closure(first=date(2026, 11, 24), last=date(2026, 11, 24), why="Snow", author="Head")
    closed = replace(CALENDAR, closures=(snow,))
    for worker in (TEACHER, CARETAKER):
        assert hours_at(worker, at("2026-11-24T09:00:00"), closed) is Hours.OUTSIDE
        assert hours_at(worker, at("2026-11-25T09:00:00"), closed) is Hours.CONTRACTED


def test_a_night_shift_ends_at_midnight_before_a_bank_holiday_and_begins_again_after_it() -> None:
    night = pattern("all_year", **{day: ["22:00-06:00"] for day in WEEKDAYS})
    eve, after = at("2025-12-31T23:59:00"), at("2026-01-01T00:00:00")
    assert [hours_at(night, eve), hours_at(night, after)] == [Hours.CONTRACTED, Hours.OUTSIDE]
    assert hours_at(night, at("2026-01-01T23:00:00")) is Hours.OUTSIDE
    assert hours_at(night, at("2026-01-02T05:59:00")) is Hours.CONTRACTED


@given(REACHED, st.integers(0, MIDNIGHT - 1))
def test_where_the_calendar_reaches_the_kind_of_day_alone_decides_for_who_works_round_the_clock(
    day: date, minute: int
) -> None:
    ts_ms = at(f"{day}T{minute // 60:02}:{minute % 60:02}:00")
    met = datetime.fromtimestamp(ts_ms / 1000, LONDON)
    kind = CALENDAR.kind(met.date())
    works = kind in (DayKind.TERM, DayKind.INSET)
    assert hours_at(always("term"), ts_ms) is (Hours.CONTRACTED if works else Hours.OUTSIDE)
    shut = kind in (DayKind.BANK_HOLIDAY, DayKind.CLOSED)
    assert hours_at(always("all_year"), ts_ms) is (Hours.OUTSIDE if shut else Hours.CONTRACTED)


@given(st.integers(0, FAR))
def test_the_calendar_only_ever_takes_hours_away_and_never_guesses(ts_ms: int) -> None:
    weekday, minute = london_week_minute(ts_ms)
    for worker in (TEACHER, CARETAKER, VOLUNTEER, always("term")):
        named = any(w.weekday == weekday and w.start <= minute < w.end for w in worker.contracted)
        found = hours_at(worker, ts_ms)
        if not named:
            assert found is Hours.OUTSIDE
        day = datetime.fromtimestamp(ts_ms // 1000, LONDON).date()
        if found in (Hours.CONTRACTED, Hours.BREAK):
            assert works_on(worker, CALENDAR, day)
        if found is Hours.NOT_STATED:
            assert works_on(worker, CALENDAR, day) is None


@given(st.dates(date(2025, 9, 3), CALENDAR.last), st.sampled_from(sorted(POLICY.hours)))
def test_a_day_has_as_many_minutes_of_work_as_its_windows_but_for_the_nights_the_clocks_change(
    day: date, key: str
) -> None:
    worker = POLICY.hours[key]
    start, end = (at(f"{each}T00:00:00") for each in (day, day + timedelta(days=1)))
    worked = sum(hours_at(worker, ts) in (Hours.CONTRACTED, Hours.BREAK) for ts in range(start, end, 60_000))
    named = sum(w.end - w.start for w in worker.contracted if w.weekday == day.weekday())
    assert worked == (named if works_on(worker, CALENDAR, day) else 0)
