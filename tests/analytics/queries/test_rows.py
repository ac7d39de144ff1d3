"""Events come out as they went in, once, and with their seals."""

from dataclasses import asdict, replace

from analytics.canonical import leaf_hash
from analytics.event import encode
from analytics.evidence.seal import Seal
from analytics.governance import Action, Role
from analytics.queries import LookPurpose, event_rows, seal_rows
from analytics.store.columns import table_of
from tests.analytics.queries.school_week import MONDAY, SchoolWeek, at, insert, visit


def _seal(segment: int, first_ms: int, last_ms: int) -> Seal:
    return Seal(
        school="oakfield", gateway="gate-7", segment=segment, count=1, first_ms=first_ms, last_ms=last_ms, root="aa",
        previous="bb", key_id="cc", demonstration=True, closed_ms=last_ms, public_key="dd", signature=f"ee{segment}",
    )  # fmt: skip


def test_events_come_out_with_the_same_leaf_hash_and_once(school: SchoolWeek) -> None:
    zoe = school.people["zoe"]
    events = [
        visit(zoe, at(MONDAY, 9, minute), path="/a'b\\c\n\t\x00é", device_id=None, permission_id="m-1", media=True)
        for minute in range(5)
    ]
    insert(school.store, reversed(events))
    insert(school.store, events)
    reading = school.reading(Role.HEADTEACHER, LookPurpose.EXPORT)
    found = {event.event_id: leaf_hash(encode(event)) for event in event_rows(reading, zoe, MONDAY, MONDAY)}
    assert len(found) == len(list(event_rows(reading, zoe, MONDAY, MONDAY))) == 6
    for event in events:
        assert found[event.event_id] == leaf_hash(encode(event))


def test_the_look_is_noted_before_the_first_event_is_taken(school: SchoolWeek) -> None:
    event_rows(school.reading(Role.HEADTEACHER, LookPurpose.EXPORT), school.people["ann"], MONDAY, MONDAY)
    newest = school.governance.audit.entries(limit=1)[0]
    assert newest.what == Action.TOOK_ROWS
    assert newest.whom == school.people["ann"]


def test_the_seals_are_those_of_the_days_and_of_the_persons_events(school: SchoolWeek) -> None:
    zoe = school.people["zoe"]
    late = at(MONDAY, 20)
    insert(school.store, [visit(zoe, late, gateway="gate-7", segment=2)])
    seals = [_seal(1, at(MONDAY, 9), at(MONDAY, 10)), _seal(2, 5, 6), _seal(3, 7, 8)]
    rows = [{**asdict(seal), "leaves": ["ab", "cd"], "received_ms": 1} for seal in seals]
    school.store.insert("seals", table_of("seals", rows), "seals-once")
    school.store.insert("seals", table_of("seals", rows), "seals-twice")
    reading = school.reading(Role.HEADTEACHER, LookPurpose.EXPORT)
    found = list(seal_rows(reading, zoe, MONDAY, MONDAY))
    assert [row.seal for row in found] == seals[:2]
    assert found[0].leaves == ("ab", "cd")
    assert list(seal_rows(reading, school.people["ann"], MONDAY.replace(year=2019), MONDAY.replace(year=2019))) == []


def test_rows_are_an_iterator_a_day_at_a_time(school: SchoolWeek) -> None:
    reading = school.reading(Role.HEADTEACHER, LookPurpose.EXPORT)
    rows = event_rows(reading, school.people["zoe"], MONDAY.replace(year=2025), MONDAY)
    first = next(rows)
    assert replace(first) == first
