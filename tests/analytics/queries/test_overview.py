"""The overview counts what it says it counts, for those it is for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from analytics.event import Grade, Purpose
from analytics.governance import Role
from analytics.queries import overview, per_day, person_categories, person_days, person_summary
from analytics.queries.overview import COLUMNS
from analytics.queries.standing import Standing
from config.errors import FairgateError
from tests.analytics.queries.school_week import MONDAY, SUNDAY, SchoolWeek, at, busy_day, insert, visit


def test_the_headteacher_sees_everybody_but_themself_and_the_chair(school: SchoolWeek) -> None:
    frame = overview(school.reading(Role.HEADTEACHER), MONDAY, SUNDAY)
    assert tuple(frame.columns) == COLUMNS
    hidden = {school.people[Role.HEADTEACHER], school.people[Role.CHAIR]}
    assert set(frame["person_id"]) == set(school.people.values()) - hidden


@pytest.mark.parametrize(("role", "subject"), [(Role.CHAIR, Role.HEADTEACHER), (Role.VICE_CHAIR, Role.CHAIR)])
def test_the_overseers_see_the_one_they_oversee(school: SchoolWeek, role: Role, subject: Role) -> None:
    frame = overview(school.reading(role), MONDAY, SUNDAY)
    assert list(frame["person_id"]) == [school.people[subject]]
    assert list(frame["private_visits"]) == [1]
    days = per_day(school.reading(role), MONDAY, SUNDAY)
    assert set(days["person_id"]) == {school.people[subject]}


def test_standings_divide_the_visits_and_only_some_are_counted(school: SchoolWeek) -> None:
    ann = _row(school, "ann")
    counts = {standing: int(ann[f"{standing}_visits"]) for standing in Standing}
    assert counts == {
        "unlawful": 0, "inappropriate": 2, "private": 2, "break": 1, "permitted": 1, "work": 1, "unknown": 1,
        "infrastructure": 0, "unsure": 0,
    }  # fmt: skip
    assert ann["max_gravity"] == 3
    assert ann["attention"] == 2
    assert ann["rank"] == 1
    assert ann["why"] == "2 visits judged inappropriate, the gravest 3 of 4."
    assert ann["lower_s"] <= ann["upper_s"]


def test_whoever_was_not_told_stands_there_with_nothing_counted(school: SchoolWeek) -> None:
    untold = _row(school, "untold")
    assert not untold["told"]
    assert sum(int(untold[f"{standing}_visits"]) for standing in Standing) == 0
    assert untold["why"].startswith("Not yet told")
    assert school.people["untold"] not in set(per_day(school.reading(Role.HEADTEACHER), MONDAY, SUNDAY)["person_id"])


def test_every_page_counts_the_same_visits(school: SchoolWeek) -> None:
    reading, ann = school.reading(Role.HEADTEACHER), school.people["ann"]
    row = _row(school, "ann")
    summary = person_summary(reading, ann, MONDAY, SUNDAY)
    frames = [
        per_day(reading, MONDAY, SUNDAY).query("person_id == @ann"),
        per_day(reading, MONDAY, SUNDAY, ann),
        person_days(reading, ann, MONDAY, SUNDAY),
        person_categories(reading, ann, MONDAY, SUNDAY),
    ]
    for standing in Standing:
        count = int(row[f"{standing}_visits"])
        assert getattr(summary, f"{standing}_visits") == count
        for frame in frames:
            assert int(frame.loc[frame["standing"] == standing, "visits"].sum()) == count
    assert summary.sessions == 4
    assert summary.usual_per_week is None


def test_what_may_be_somebody_elses_counts_against_nobody(school: SchoolWeek) -> None:
    before, day = _row(school, "zoe"), MONDAY + timedelta(days=3)
    doubtful = [
        visit(school.people["zoe"], at(day, hour), purpose, gravity=4, attribution_grade=Grade.C)
        for hour in range(1, 24)
        for purpose in (Purpose.UNLAWFUL, Purpose.INAPPROPRIATE, Purpose.PRIVATE)
    ]
    insert(school.store, doubtful)
    after = _row(school, "zoe")
    assert int(after["unsure_visits"]) == len(doubtful)
    changed = {name for name in COLUMNS if name != "unsure_visits" and before[name] != after[name]}
    assert changed <= {"usual_per_week"}  # NaN, which equals nothing
    assert after["attention"] == 0


def test_a_doubled_or_late_event_counts_once(school: SchoolWeek) -> None:
    zoe = school.people["zoe"]
    events = [visit(zoe, at(MONDAY, 11)), visit(zoe, at(MONDAY, 8))]
    insert(school.store, events)
    insert(school.store, [replace(event) for event in events])
    frame = person_days(school.reading(Role.HEADTEACHER), zoe, MONDAY, MONDAY)
    assert frame["visits"].tolist() == [3]


def test_another_schools_events_are_nobodys_here(school: SchoolWeek) -> None:
    zoe, before = school.people["zoe"], _visits(school, "zoe")
    insert(school.store, [visit(zoe, at(MONDAY, 9), school="elsewhere")])
    assert _visits(school, "zoe") == before


def test_days_are_london_days_and_both_ends_are_in(school: SchoolWeek) -> None:
    dsl = school.people[Role.DSL]
    late = MONDAY + timedelta(days=10)
    insert(school.store, [visit(dsl, at(late, 0)), visit(dsl, at(late, 23, 59, 59)), visit(dsl, at(late, 0) - 1)])
    reading = school.reading(Role.HEADTEACHER)
    assert person_days(reading, dsl, late, late)["visits"].tolist() == [2]
    assert person_days(reading, dsl, late - timedelta(days=1), late)["day"].tolist() == ["2026-11-25", "2026-11-26"]


def test_the_usual_is_the_median_of_the_weeks_before(school: SchoolWeek) -> None:
    auditor, events = school.people[Role.AUDITOR], []
    for weeks_ago, count in ((1, 4), (2, 40), (3, 6), (4, 2), (5, 500)):
        day = MONDAY - timedelta(weeks=weeks_ago)
        events += [visit(auditor, at(day, 9) + number * 1000) for number in range(count)]
    events += [visit(auditor, at(MONDAY, 11) + number * 1000) for number in range(14)]
    insert(school.store, events)
    summary = person_summary(school.reading(Role.HEADTEACHER), auditor, MONDAY, SUNDAY)
    assert summary.usual_per_week == 5
    assert summary.private_per_week == 15
    assert summary.attention == 1
    assert summary.why == ("More private visits than usual: 15 without permission, breaks left out; usual is 5 a week.")


def test_no_total_the_headteacher_sees_moves_with_their_own_browsing(school: SchoolWeek) -> None:
    reading = school.reading(Role.HEADTEACHER)
    before = overview(reading, MONDAY, SUNDAY), per_day(reading, MONDAY, SUNDAY)
    insert(school.store, busy_day(school.people[Role.HEADTEACHER]))
    insert(school.store, [visit(school.people[Role.HEADTEACHER], at(MONDAY, 14), Purpose.UNLAWFUL)])
    after = overview(reading, MONDAY, SUNDAY), per_day(reading, MONDAY, SUNDAY)
    for old, new in zip(before, after, strict=True):
        assert old.equals(new)
    assert overview(school.reading(Role.CHAIR), MONDAY, SUNDAY)["attention"].tolist() == [3]


def test_days_the_wrong_way_round_are_explained(school: SchoolWeek) -> None:
    with pytest.raises(FairgateError, match="last day is before"):
        overview(school.reading(Role.HEADTEACHER), SUNDAY, MONDAY)


def _row(school: SchoolWeek, name: str) -> dict[str, Any]:
    frame = overview(school.reading(Role.HEADTEACHER), MONDAY, SUNDAY)
    (row,) = frame[frame["person_id"] == school.people[name]].to_dict("records")
    return {str(column): value for column, value in row.items()}


def _visits(school: SchoolWeek, name: str) -> int:
    return int(person_days(school.reading(Role.HEADTEACHER), school.people[name], MONDAY, SUNDAY)["visits"].sum())


def test_what_may_have_been_a_frame_counts_against_nobody(school: SchoolWeek) -> None:
    zoe = school.people["zoe"]
    before = _row(school, "zoe")
    doubtful = [
        visit(zoe, at(MONDAY, 14, number), Purpose.INAPPROPRIATE, gravity=3, kind_confidence=45) for number in range(30)
    ]
    insert(school.store, doubtful)
    after = _row(school, "zoe")
    assert (after["inappropriate_visits"], after["attention"]) == (before["inappropriate_visits"], before["attention"])
    assert after["unknown_visits"] == before["unknown_visits"] + 30
