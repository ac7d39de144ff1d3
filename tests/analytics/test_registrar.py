"""The registrar: each change is written once, with its record, and never rewrites what was."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from analytics.bindings import IdentityTable
from analytics.event import Method
from analytics.records import Acknowledgement, BindingChange, BindingStep, PinChange, PinStep, Record
from analytics.registrar import Found, Registrar

ANNE = Found(
    source=Method.RADIUS, session="s-1", person_id="p-anne", device_id="d-1", client_ip="10.0.0.5", from_ms=100
)


@dataclass
class Desk:
    table: IdentityTable
    spooled: list[Record] = field(default_factory=list)
    refusing: bool = False
    now: int = 1000

    def put(self, record: Record) -> bool:
        if not self.refusing:
            self.spooled.append(record)
        return not self.refusing

    def registrar(self) -> Registrar:
        return Registrar(self.table, self, "oak", "gate-identity", lambda: self.now)

    def steps(self) -> list[tuple[str, BindingStep, int]]:
        changes = [record for record in self.spooled if isinstance(record, BindingChange)]
        return [(change.person_id, change.step, change.until_ms) for change in changes]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    table = IdentityTable(tmp_path / "identity.sqlite")
    yield Desk(table)
    table.close()


def test_a_sign_in_and_a_sign_out_are_two_records(desk: Desk) -> None:
    registrar = desk.registrar()
    binding = registrar.open(ANNE)
    registrar.end(binding.binding_id, 500)
    registrar.end(binding.binding_id, 900)
    assert desk.steps() == [("p-anne", BindingStep.OPENED, 0), ("p-anne", BindingStep.CLOSED, 500)]


@pytest.mark.parametrize("change", [{"session": "s-2"}, {"session": "s-2", "device_id": ""}, {"client_ip": "10.0.0.9"}])
def test_the_next_sign_in_at_the_same_device_ends_the_one_before(desk: Desk, change: dict[str, str]) -> None:
    registrar = desk.registrar()
    registrar.open(ANNE)
    registrar.open(replace(ANNE, person_id="p-ben", from_ms=300, **change))  # type: ignore[arg-type]
    assert desk.steps() == [
        ("p-anne", BindingStep.OPENED, 0),
        ("p-anne", BindingStep.SUPERSEDED, 300),
        ("p-ben", BindingStep.OPENED, 0),
    ]
    assert [binding.person_id for binding in registrar.open_bindings] == ["p-ben"]


def test_another_source_ends_nothing(desk: Desk) -> None:
    registrar = desk.registrar()
    registrar.open(ANNE)
    registrar.open(replace(ANNE, source=Method.PORTAL, session="cookie", person_id="p-ben"))
    assert {binding.person_id for binding in registrar.open_bindings} == {"p-anne", "p-ben"}


def test_what_is_not_heard_of_again_expires_when_it_said(desk: Desk) -> None:
    registrar = desk.registrar()
    binding = registrar.open(replace(ANNE, expires_ms=600))
    registrar.renew(binding.binding_id, 1500)
    registrar.expire()
    assert registrar.open_bindings != ()
    desk.now = 2000
    registrar.expire()
    assert desk.steps()[-1] == ("p-anne", BindingStep.EXPIRED, 1500)


def test_open_bindings_outlive_the_process(desk: Desk) -> None:
    binding = desk.registrar().open(ANNE)
    assert desk.registrar().open_bindings == (binding,)


def test_the_second_acknowledgement_of_a_notice_is_a_reminder(desk: Desk) -> None:
    registrar = desk.registrar()
    registrar.acknowledge("p-anne", "v1", "page_visit", "d-1")
    desk.now = 2000
    registrar.acknowledge("p-anne", "v1", "page_visit", "d-1")
    registrar.acknowledge("p-anne", "v2", "page_visit", "d-1")
    told = [record for record in desk.spooled if isinstance(record, Acknowledgement)]
    assert [(record.notice_version, record.reminder) for record in told] == [("v1", 0), ("v1", 1), ("v2", 0)]


def test_a_pass_through_is_learnt_and_ended_on_record(desk: Desk) -> None:
    registrar = desk.registrar()
    registrar.pin("d-1", "app.example", 9000, device_id="d-1", client_ip="10.0.0.5", refusals=3)
    assert desk.table.pins() == [("d-1", "app.example", 1000, 9000)]
    registrar.unpin("d-1", "app.example", device_id="d-1", client_ip="10.0.0.5")
    assert desk.table.pins() == []
    assert [record.step for record in desk.spooled if isinstance(record, PinChange)] == [PinStep.LEARNT, PinStep.ENDED]


def test_a_record_that_the_spool_refuses_waits_and_goes_later_in_order(desk: Desk) -> None:
    registrar = desk.registrar()
    desk.refusing = True
    binding = registrar.open(ANNE)
    registrar.end(binding.binding_id, 500)
    assert desk.spooled == []
    desk.refusing = False
    desk.registrar().send()
    assert [step for _, step, _ in desk.steps()] == [BindingStep.OPENED, BindingStep.CLOSED]
    assert desk.table.outbox() == []
