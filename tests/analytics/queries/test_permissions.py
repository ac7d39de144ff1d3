"""Who sees what of the register; and permitted use, from the Headteacher's decision to the counts on the pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Purpose
from analytics.governance import Governance, Passwords, Role
from analytics.governance.publish import publish_snapshot
from analytics.permission import permission_for
from analytics.queries import LookPurpose, overview, own_permissions, permission_register, person_summary, person_visits
from analytics.queries.permissions import given_later
from analytics.snapshot import Permission, Window, read_snapshot
from analytics.store import EventStore
from config.errors import AccessDenied
from tests.analytics.governance.office import POLICY
from tests.analytics.queries.school_week import MONDAY, SUNDAY, SchoolWeek, at, insert, open_school, visit

TUESDAY = MONDAY + timedelta(days=1)
LUNCH = Window(weekday=1, start=720, end=780)
SHOWN = {"category": "news", "host": "web.archive.org", "reason": "page_shown"}
"""A visit through a front-end: of the page it showed only the rule that decided is kept."""


@pytest.fixture
def week(store: EventStore, tmp_path: Path) -> Iterator[SchoolWeek]:
    """A school of its own: these tests decide things."""
    governance = Governance.found(
        tmp_path / "g.sqlite", "oakfield", "Oakfield Primary", passwords=Passwords(time_cost=1, memory_kib=64)
    )
    yield open_school(governance, store)
    governance.close()


def grant(week: SchoolWeek, person_id: str | None, **changes: Any) -> str:
    plain: dict[str, Any] = {"reason": "agreed", "categories": ["shopping"], "windows": [LUNCH], "now": at(MONDAY, 8)}
    role = Role.CHAIR if person_id == week.people[Role.HEADTEACHER] else Role.HEADTEACHER
    return week.governance.permissions.grant(week.viewer(role), person_id, policy=POLICY, **{**plain, **changes})


def shop(week: SchoolWeek, name: str, ts_ms: int, permissions: tuple[Permission, ...]) -> Any:
    """A visit as the gateway records it under these permissions."""
    person = week.people[name]
    found = permission_for(permissions, person, "shopping", "shop.example", ts_ms)
    return visit(person, ts_ms, Purpose.PRIVATE, category="shopping", host="shop.example", permission_id=found)


def test_permitted_use_is_shown_as_permitted_and_never_counted(week: SchoolWeek, tmp_path: Path) -> None:
    permission = grant(week, week.people["ann"])
    publish_snapshot(week.governance, "9b1c", tmp_path / "snapshot.json")
    permissions = read_snapshot(tmp_path / "snapshot.json").permissions
    lunch = [at(TUESDAY, 12, minute) for minute in range(0, 60, 2)]
    insert(week.store, [shop(week, name, ts_ms, permissions) for name in ("ann", "zoe") for ts_ms in lunch])
    insert(week.store, [shop(week, "ann", at(TUESDAY, 13), permissions)])
    reading = week.reading(Role.HEADTEACHER)
    rows = overview(reading, TUESDAY, SUNDAY).set_index("person_id")
    ann, zoe = rows.loc[week.people["ann"]], rows.loc[week.people["zoe"]]
    assert (ann["permitted_visits"], ann["private_visits"], ann["attention"]) == (30, 1, 0)
    assert (zoe["permitted_visits"], zoe["private_visits"], zoe["attention"]) == (0, 30, 1)
    assert ann["upper_s"] < zoe["upper_s"]
    summary = person_summary(reading, week.people["ann"], TUESDAY, SUNDAY)
    assert [each.permission_id for each in summary.permissions] == [permission]
    daily = week.store.query(
        "SELECT permitted, sum(visits) AS visits FROM daily_now WHERE person_id = {person_id:String} "
        "AND day = {day:Date} GROUP BY permitted ORDER BY permitted",
        {"person_id": week.people["ann"], "day": TUESDAY.isoformat()},
    )
    assert [tuple(row) for row in daily.to_numpy().tolist()] == [(0, 1), (1, 30)]


def test_a_permission_given_later_is_shown_and_changes_no_count(week: SchoolWeek) -> None:
    ann, reading = week.people["ann"], week.reading(Role.HEADTEACHER)
    insert(week.store, [shop(week, "ann", at(TUESDAY, 12, 10), ())])
    before = overview(reading, MONDAY, SUNDAY)
    permission = grant(week, ann, now=at(SUNDAY + timedelta(days=2), 9), said_earlier=MONDAY)
    assert overview(week.reading(Role.HEADTEACHER), MONDAY, SUNDAY).equals(before)
    (granted,) = person_summary(reading, ann, MONDAY, SUNDAY).permissions
    (row,) = person_visits(reading, ann, TUESDAY).to_dict("records")
    assert row["standing"] == "private"
    later = given_later((granted,), row)
    assert later is not None
    assert (later.permission_id, later.said_earlier) == (permission, MONDAY.isoformat())


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"standing": "permitted"}, False),
        ({"standing": "break"}, False),
        ({"standing": "inappropriate"}, False),
        ({"category": "news"}, False),
        ({"category": "news", "host": "www.ebay.co.uk"}, True),
        ({**SHOWN, "rule": "ebay.co.uk"}, True),
        ({**SHOWN, "rule": "www.ebay.co.uk/b"}, True),
        ({**SHOWN, "rule": "*.co.uk"}, True),
        ({**SHOWN, "rule": "etsy.com"}, False),
        ({**SHOWN, "rule": "ebay.co.uk", "reason": "listed"}, False),
        ({"start_ms": at(TUESDAY, 13)}, False),
        ({"start_ms": at(SUNDAY + timedelta(days=9), 12)}, False),
    ],
    ids=str,
)
def test_only_what_it_would_have_covered_is_marked(week: SchoolWeek, changes: dict[str, Any], shown: bool) -> None:
    grant(week, week.people["ann"], hosts=["ebay.co.uk"], now=at(SUNDAY + timedelta(days=2), 9))
    plain = {
        "standing": "private",
        "category": "shopping",
        "host": "a.example",
        "path": "",
        "start_ms": at(TUESDAY, 12),
    }
    found = given_later(week.governance.permissions.of(week.people["ann"]), plain | changes)
    assert (found is not None) is shown


def test_the_one_that_is_noted_to_have_been_agreed_by_then_is_named_first(week: SchoolWeek) -> None:
    ann = week.people["ann"]
    first = grant(week, ann, now=at(SUNDAY, 9))
    noted = grant(week, ann, now=at(SUNDAY, 10), said_earlier=MONDAY)
    row = {"standing": "private", "category": "shopping", "host": "a", "path": "", "start_ms": at(TUESDAY, 12)}
    found = given_later(week.governance.permissions.of(ann), row)
    assert found is not None
    assert found.permission_id == noted
    earlier = given_later(week.governance.permissions.of(ann), {**row, "start_ms": at(TUESDAY - timedelta(7), 12)})
    assert earlier is not None
    assert earlier.permission_id == first


def _ask(week: SchoolWeek, role: Role) -> str:
    return week.governance.permission_requests.ask(
        week.viewer(role), policy=POLICY, why="a journey", categories=["travel"]
    )


def test_who_decides_sees_what_is_theirs_to_decide_and_never_their_own(week: SchoolWeek) -> None:
    asked = {role: _ask(week, role) for role in (Role.STAFF, Role.HEADTEACHER, Role.CHAIR)}
    own = {who: grant(week, week.people[who]) for who in ("ann", Role.HEADTEACHER)}
    everyones = grant(week, None)
    head = permission_register(week.reading(Role.HEADTEACHER, LookPurpose.DECISION))
    chair = permission_register(week.reading(Role.CHAIR, LookPurpose.DECISION))
    assert {each.request_id for each in head.requests} == {asked[Role.STAFF], asked[Role.CHAIR]}
    assert {each.request_id for each in chair.requests} == {asked[Role.HEADTEACHER]}
    assert {each.permission_id for each in head.permissions} == {own["ann"], everyones}
    assert {each.permission_id for each in chair.permissions} == {own[Role.HEADTEACHER], everyones}
    assert chair.to_confirm == ((everyones, week.people[Role.HEADTEACHER]),)
    assert week.people["ann"] not in chair.names
    assert week.people[Role.HEADTEACHER] not in head.people
    assert set(chair.people) == {week.people[Role.HEADTEACHER]}


def test_whoever_left_is_permitted_nothing_new_and_stays_in_the_register(week: SchoolWeek) -> None:
    ann, own = week.people["ann"], grant(week, week.people["ann"])
    week.governance.people.leave(ann, at(MONDAY, 12))
    head = permission_register(week.reading(Role.HEADTEACHER, LookPurpose.DECISION))
    assert ann not in head.people
    assert [each.permission_id for each in head.permissions] == [own]
    assert ann in head.names


@pytest.mark.parametrize("role", [Role.STAFF, Role.HEADTEACHER, Role.TECHNICIAN, Role.DSL, Role.AUDITOR])
def test_everybody_sees_their_own_and_nobody_elses(week: SchoolWeek, role: Role) -> None:
    mine, _ = _ask(week, role), grant(week, week.people["ann"])
    _ask(week, Role.CHAIR)
    everyones = grant(week, None)
    found = own_permissions(week.reading(role, LookPurpose.OWN_DATA))
    assert [each.request_id for each in found.requests] == [mine]
    expected = [] if role is Role.HEADTEACHER else [everyones]
    assert [each.permission_id for each in found.permissions] == expected


def test_an_account_that_is_nobody_the_policy_covers_has_nothing_of_its_own(week: SchoolWeek) -> None:
    grant(week, None)
    reading = week.reading(Role.AUDITOR, LookPurpose.OWN_DATA)
    reading.viewer = replace(reading.viewer, person_id=None)
    assert own_permissions(reading).permissions == ()


@pytest.mark.parametrize("role", [Role.STAFF, Role.TECHNICIAN, Role.DSL, Role.AUDITOR, Role.VICE_CHAIR])
def test_nobody_else_sees_the_register(week: SchoolWeek, role: Role) -> None:
    with pytest.raises(AccessDenied):
        permission_register(week.reading(role, LookPurpose.DECISION))
