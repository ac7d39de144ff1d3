"""The back-history's events, judged as live ones are."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from analytics.categorise import Judge
from analytics.demonstration.cast import BY_KEY
from analytics.demonstration.history import past_records
from analytics.demonstration.pulse import power_cut
from analytics.demonstration.school import DemoSchool
from analytics.demonstration.timetable import LONDON
from analytics.event import Grade, Hours, Kind, NotInspected, Purpose, WebEvent
from config.policy import Policy

TUESDAY_EVENING = 1_795_545_000_000


@pytest.fixture(scope="module")
def events(school: DemoSchool, policy: Policy) -> list[WebEvent]:
    return [record for record in past_records(school, policy, TUESDAY_EVENING) if isinstance(record, WebEvent)]


def chosen(events: list[WebEvent], school: DemoSchool, key: str) -> list[WebEvent]:
    person_id = school.people[key].person_id
    return [event for event in events if event.person_id == person_id and event.kind is Kind.NAVIGATION]


def test_there_is_enough_of_it_to_give_charts_their_shape(events: list[WebEvent]) -> None:
    visits = sum(event.kind is Kind.NAVIGATION for event in events)
    assert 2_000 < visits < 6_000
    assert 15_000 < len(events) < 50_000


@pytest.mark.slow
def test_the_same_date_gives_the_same_history_but_for_ids(
    events: list[WebEvent], school: DemoSchool, policy: Policy
) -> None:
    again = [record for record in past_records(school, policy, TUESDAY_EVENING) if isinstance(record, WebEvent)]
    assert [replace(event, event_id="") for event in events] == [replace(event, event_id="") for event in again]


def test_nothing_shielded_and_nobody_untold_is_in_it(events: list[WebEvent], school: DemoSchool, judge: Judge) -> None:
    assert school.people["pritchard"].person_id not in {event.person_id for event in events}
    assert not any(judge.shielded(event.host) for event in events)


def test_everybody_told_is_named_by_sign_in_or_by_their_own_device(events: list[WebEvent]) -> None:
    assert {event.attribution_grade for event in events} == {Grade.A, Grade.B}
    assert all(event.person_id for event in events)


def test_house_hunting_at_lunch_is_permitted_to_one_and_not_to_another(
    events: list[WebEvent], school: DemoSchool
) -> None:
    permitted = [event for event in chosen(events, school, "doherty") if event.category == "property"]
    assert permitted
    assert all(event.permission_id and event.hours is Hours.BREAK for event in permitted)
    drifting = [event for event in chosen(events, school, "llewellyn") if event.category == "property"]
    assert drifting
    assert not any(event.permission_id for event in drifting)


def test_the_false_alarm_embedded_a_social_network_and_visited_none(events: list[WebEvent], school: DemoSchool) -> None:
    hers = [event for event in events if event.person_id == school.people["hartley"].person_id]
    assert any(event.host == "www.facebook.com" and event.kind is Kind.EMBEDDED for event in hers)
    assert not any("social" in event.category for event in chosen(events, school, "hartley"))


def test_one_gambled_exactly_twice_in_working_time(events: list[WebEvent], school: DemoSchool) -> None:
    gambling = [event for event in events if event.purpose is Purpose.INAPPROPRIATE and event.kind is Kind.NAVIGATION]
    assert Counter(event.person_id for event in gambling) == {school.people["kowalczyk"].person_id: 2}
    assert {event.hours for event in gambling} == {Hours.CONTRACTED}


def test_banking_is_one_undecrypted_connection_and_no_visit(events: list[WebEvent]) -> None:
    banking = [event for event in events if event.not_inspected is NotInspected.BANKING]
    assert banking
    assert {(event.kind, event.path, event.status) for event in banking} == {(Kind.BACKGROUND, "", 0)}


def test_every_member_is_in_it_who_was_told(events: list[WebEvent], school: DemoSchool) -> None:
    told = {school.people[key].person_id for key, member in BY_KEY.items() if member.told}
    assert {event.person_id for event in events} == told


def test_nothing_was_recorded_in_the_power_cut(events: list[WebEvent]) -> None:
    today = datetime.fromtimestamp(TUESDAY_EVENING / 1000, LONDON).date()
    assert not [event for event in events if event.ts_ms in power_cut(today)]
