"""What goes through unopened is told by device and reason, and never by site or person."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from analytics.event import NotInspected
from analytics.event_id import new_event_id
from analytics.governance import Role
from analytics.queries import LookPurpose, PassedThrough, passed_through
from analytics.records import Condition, PinChange, PinStep, ShieldCount
from analytics.snapshot import DeviceClass
from analytics.store.columns import table_of
from config.errors import AccessDenied
from tests.analytics.queries.school_week import SchoolWeek, at, insert, visit

DAY = date(2026, 2, 10)
NEVER_ENDS = 4_000_000_000_000
HOST = "api.pinned.example"


def _change(seq: int, step: PinStep, client: str = "d-1", host: str = HOST, until_ms: int = NEVER_ENDS) -> PinChange:
    device = client if client.startswith("d-") else ""
    return PinChange(
        school="oakfield", gateway="gate-identity", segment=1, seq=seq, ts_ms=at(DAY, 9) + seq, step=step,
        device_id=device, client_ip="" if device else client, host=host, refusals=3, until_ms=until_ms,
    )  # fmt: skip


def _condition(seq: int) -> Condition:
    return Condition(
        school="oakfield", gateway="gate-0", segment=3, seq=seq, ts_ms=at(DAY, 9) + seq, since_ms=at(DAY, 8), banking=2,
        pinned=30, not_enrolled=5, not_told=7, no_sni=1, opaque=4, filter_silent=0, lists_age_hours=-1,
        snapshot_age_hours=1, policy_version="v",
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _recorded(school: SchoolWeek) -> None:
    school.governance.devices.add(
        DeviceClass.STAFF, ("10.0.0.1",), label="Laptop 7", device_id="d-1", person_id=school.people["ann"]
    )
    whole = {"host": "", "until_ms": 0}
    changes = [
        _change(0, PinStep.LEARNT),
        _change(1, PinStep.LEARNT, host="b.example", until_ms=NEVER_ENDS + 5),
        _change(2, PinStep.LEARNT, host="ended.example"),
        _change(3, PinStep.ENDED, host="ended.example"),
        _change(4, PinStep.LEARNT, host="forgotten.example"),
        _change(5, PinStep.FORGOTTEN, host="forgotten.example"),
        _change(6, PinStep.LEARNT, host="over.example", until_ms=at(DAY, 10)),
        _change(7, PinStep.LEARNT, "10.0.0.9"),
        _change(8, PinStep.DISTRUSTS, "d-2", **whole),  # type: ignore[arg-type]
        _change(9, PinStep.DISTRUSTS, "d-3", **whole),  # type: ignore[arg-type]
        _change(10, PinStep.TRUSTS, "d-3", **whole),  # type: ignore[arg-type]
        _change(11, PinStep.CAPPED, **whole),  # type: ignore[arg-type]
        _change(12, PinStep.CAPPED, "", **whole),  # type: ignore[arg-type]
    ]
    rows = [{**asdict(change), "received_ms": 1} for change in changes]
    for token in ("pins", "pins sent again"):
        school.store.insert("pins", table_of("pins", rows), token)
    conditions = [{**asdict(_condition(seq)), "received_ms": 1} for seq in (1, 2)]
    school.store.insert("conditions", table_of("conditions", conditions), "conditions of the day")
    shielded = ShieldCount(school="oakfield", gateway="gate-0", segment=3, seq=9, ts_ms=1, hour_ms=at(DAY, 9), count=6)
    row = {**asdict(shielded), "received_ms": 1}
    school.store.insert("shield_counts", table_of("shield_counts", [row, row]), "shield of the day")
    through = visit(
        school.people["ann"], at(DAY, 9), host=HOST, not_inspected=NotInspected.PINNED, bytes_down=3_000_000
    )
    insert(school.store, [through, through, replace(through, event_id=new_event_id(at(DAY, 9)))])


@pytest.fixture
def found(school: SchoolWeek) -> PassedThrough:
    return passed_through(school.reading(Role.TECHNICIAN, LookPurpose.COVERAGE), DAY, DAY)


def test_learnt_ones_are_counted_by_device_while_they_hold(found: PassedThrough) -> None:
    assert found.learnt.to_numpy().tolist() == [
        ["Laptop 7", 2, NEVER_ENDS + 5],
        ["10.0.0.9, not in the register", 1, NEVER_ENDS],
    ]
    assert found.learnt_in_all == 3


def test_who_lacks_the_certificate_is_named_by_device_until_it_has_it(found: PassedThrough) -> None:
    assert found.lacking.to_numpy().tolist() == [["d-2, not in the register", at(DAY, 9) + 8]]


def test_full_devices_and_a_full_school_are_told(found: PassedThrough) -> None:
    assert found.full.to_numpy().tolist() == [["Laptop 7", at(DAY, 9) + 11]]
    assert found.school_full


def test_connections_are_counted_by_reason_and_doubles_once(found: PassedThrough) -> None:
    assert found.closed[NotInspected.PINNED] == 60
    assert (found.closed[NotInspected.NOT_TOLD], found.closed[NotInspected.NOT_ENROLLED]) == (14, 10)
    assert found.megabytes == {NotInspected.PINNED: 6}
    assert found.shielded == 6


def test_on_another_day_nothing_went_through_and_what_is_learnt_still_is(school: SchoolWeek) -> None:
    before = passed_through(school.reading(Role.CHAIR, LookPurpose.COVERAGE), date(2026, 1, 1), date(2026, 1, 2))
    assert sum(before.closed.values()) == 0
    assert (before.shielded, before.megabytes, len(before.full)) == (0, {}, 0)
    assert before.learnt_in_all == 3


def test_no_site_and_nobody_is_in_it(found: PassedThrough, school: SchoolWeek) -> None:
    text = str(asdict(found)) + "".join(frame.to_csv() for frame in (found.learnt, found.lacking, found.full))
    assert "example" not in text
    assert not any(person_id in text for person_id in school.people.values())


@pytest.mark.parametrize("role", [Role.STAFF, Role.DSL, Role.AUDITOR])
def test_it_is_for_those_who_mend_and_those_who_answer_for_it(school: SchoolWeek, role: Role) -> None:
    with pytest.raises(AccessDenied):
        passed_through(school.reading(role, LookPurpose.COVERAGE), DAY, DAY)
