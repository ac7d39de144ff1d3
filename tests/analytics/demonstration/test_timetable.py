"""The timetable of the back-history."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from analytics.contracted_hours import hours_at
from analytics.demonstration.cast import BY_KEY, CAST
from analytics.demonstration.member import Slot
from analytics.demonstration.sites import BY_HOST
from analytics.demonstration.timetable import LONDON, chosen_pages, inset_day, school_days, stretches
from analytics.event import Hours
from config.policy import Policy

TODAY = date(2026, 11, 24)


def test_it_covers_the_weekdays_of_four_weeks_and_today() -> None:
    days = list(school_days(TODAY))
    assert days[0] == (date(2026, 10, 27), 0)
    assert days[-1] == (TODAY, 4)
    assert len(days) == 21
    assert all(day.weekday() < 5 for day, _ in days)


def test_a_weekend_today_is_still_no_school_day() -> None:
    assert list(school_days(date(2026, 11, 22)))[-1][0] == date(2026, 11, 20)


@pytest.mark.parametrize("member", CAST, ids=lambda member: member.key)
def test_the_same_day_always_comes_out_the_same_and_in_order(member: object, policy: Policy) -> None:
    assert isinstance(member, type(CAST[0]))
    for day, week in school_days(TODAY):
        hours = policy.hours[member.hours]
        pages = chosen_pages(member, hours, day, week)
        assert pages == chosen_pages(member, hours, day, week)
        assert all(first.ts_ms <= second.ts_ms for first, second in pairwise(pages))
        assert {page.url.split("/")[2] for page in pages} <= BY_HOST.keys()
        assert {datetime.fromtimestamp(page.ts_ms / 1000, UTC).astimezone(LONDON).date() for page in pages} <= {day}


def test_lesson_breaks_and_evenings_are_what_the_contract_says(policy: Policy) -> None:
    hours = policy.hours["teacher"]
    expected = {Slot.LESSON: Hours.CONTRACTED, Slot.BREAK: Hours.BREAK, Slot.EARLY: Hours.OUTSIDE}
    for slot, where in expected.items():
        for start, _ in stretches(hours, 0, slot):
            moment = datetime(2026, 11, 23, start // 60, start % 60, tzinfo=LONDON)
            assert hours_at(hours, policy.calendar, int(moment.timestamp() * 1000)) is where


def test_one_drifts_and_the_inset_day_is_training_for_everybody(policy: Policy) -> None:
    member = BY_KEY["llewellyn"]
    hours = policy.hours[member.hours]
    private = {"shopping", "property"}
    weekly = [0] * 5
    for day, week in school_days(TODAY):
        weekly[week] += sum(
            BY_HOST[page.url.split("/")[2]].topic in private for page in chosen_pages(member, hours, day, week)
        )
    assert weekly[0] < weekly[1] < weekly[3]
    inset = chosen_pages(member, hours, inset_day(TODAY), 1)
    assert {BY_HOST[page.url.split("/")[2]].topic for page in inset} == {"teaching"}
