"""The registrar: each change is written once, with its record, and never rewrites what was."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from analytics.bindings import IdentityTable
from analytics.event import Method
from analytics.records import Acknowledgement, BindingChange, BindingStep, PinChange, PinStep, Record
from analytics.registrar import Found, Registrar, Rules

ANNE = Found(
    source=Method.RADIUS, session="s-1", person_id="p-anne", device_id="d-1", client_ip="10.0.0.5", from_ms=100
)


@dataclass
class Desk:
    table: IdentityTable
    spooled: list[Record] = field(default_factory=list)
    refusing: bool = False
    durable: int = 0
    faults: int = 0
    now: int = 1000

    def offer(self, record: Record) -> bool:
        if not self.refusing:
            self.spooled.append(record)
        return not self.refusing

    @property
    def taken(self) -> int:
        return len(self.spooled)

    def registrar(self, rules: Rules | None = None) -> Registrar:
        return Registrar(self.table, self, "oak", "gate-identity", lambda: self.now, rules)

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
    desk.durable = 2
    again = desk.registrar()
    again.send()
    again.settle()
    assert [step for _, step, _ in desk.steps()] == [BindingStep.OPENED, BindingStep.CLOSED]
    assert desk.table.outbox() == []


def test_somebody_not_on_the_staff_ends_every_sign_in_at_the_device(desk: Desk) -> None:
    registrar = desk.registrar()
    registrar.open(ANNE)
    registrar.open(replace(ANNE, source=Method.PORTAL, session="cookie", client_ip="10.0.0.6"))
    registrar.open(replace(ANNE, source=Method.HOOK, session="d-1", person_id="", from_ms=300))
    assert [(binding.source, binding.person_id) for binding in registrar.open_bindings] == [(Method.HOOK, "")]


def test_a_device_that_takes_an_address_over_ends_what_was_signed_in_there(desk: Desk) -> None:
    registrar = desk.registrar()
    lease = Found(source=Method.DHCP, session="10.0.0.5", device_id="d-1", client_ip="10.0.0.5", mac="aa", from_ms=1)
    registrar.open(lease)
    registrar.open(replace(ANNE, mac="aa"))
    registrar.open(replace(lease, from_ms=200))
    assert len(registrar.open_bindings) == 2
    registrar.open(replace(lease, device_id="d-2", mac="bb", from_ms=300))
    assert [(binding.device_id, binding.person_id) for binding in registrar.open_bindings] == [("d-2", "")]


def test_two_at_one_address_may_be_signed_in_at_the_proxy_side_by_side(desk: Desk) -> None:
    registrar = desk.registrar()
    anne = replace(ANNE, source=Method.PROXY, session="proxy:1", binding_id="proxy:1")
    registrar.open(anne)
    registrar.open(replace(anne, session="proxy:2", binding_id="proxy:2", person_id="p-ben"))
    assert registrar.open(anne).binding_id == "proxy:1"  # told again: nothing new
    assert [binding.binding_id for binding in registrar.open_bindings] == ["proxy:1", "proxy:2"]


def test_what_a_worker_tells_again_after_its_end_does_not_begin_again(desk: Desk) -> None:
    registrar = desk.registrar()
    anne = replace(ANNE, source=Method.PROXY, session="proxy:1", binding_id="proxy:1")
    registrar.end(registrar.open(anne).binding_id, 500)
    assert registrar.open(anne).until_ms == 500
    assert registrar.open_bindings == ()


SHARED = Rules(one_persons=lambda _: False, idle_ms=600, most_ms=2000)


def test_a_sign_in_at_a_shared_device_ends_when_idle_and_at_the_latest_after_some_hours(desk: Desk) -> None:
    registrar = desk.registrar(SHARED)
    binding = registrar.open(ANNE)
    assert binding.expires_ms == 1600
    desk.now = 1500
    registrar.active(binding.binding_id)
    registrar.renew(binding.binding_id, 9000)
    registrar.expire()
    assert registrar.open_bindings[0].expires_ms == 2100
    desk.now = 2101
    registrar.active(binding.binding_id)
    registrar.expire()
    assert desk.steps()[-1] == ("p-anne", BindingStep.EXPIRED, 2100)


def test_after_a_restart_it_ends_as_it_would_have(desk: Desk) -> None:
    desk.registrar(SHARED).open(ANNE)
    again = desk.registrar(SHARED)
    desk.now = 1700
    again.expire()
    assert desk.steps()[-1] == ("p-anne", BindingStep.EXPIRED, 1600)


def test_somebody_not_on_the_staff_is_not_taken_for_gone(desk: Desk) -> None:
    assert desk.registrar(SHARED).open(replace(ANNE, person_id="")).expires_ms == 0


def test_nothing_is_on_record_of_whoever_was_not_told_until_they_are(desk: Desk) -> None:
    told: set[str] = set()
    registrar = desk.registrar(Rules(told=told.__contains__))
    first = registrar.open(ANNE)
    registrar.end(first.binding_id, 500)
    assert desk.spooled == []
    second = registrar.open(replace(ANNE, session="s-2", from_ms=600))
    assert [binding.person_id for binding in registrar.open_bindings] == ["p-anne"]
    registrar = desk.registrar(Rules(told=told.__contains__))  # and a restart forgets nothing
    told.add("p-anne")
    desk.now = 2000
    registrar.expire()
    registrar.end(second.binding_id, 3000)
    assert desk.steps() == [("p-anne", BindingStep.OPENED, 0), ("p-anne", BindingStep.CLOSED, 3000)]
    assert {record.from_ms for record in desk.spooled if isinstance(record, BindingChange)} == {2000}


def test_being_told_later_makes_no_sign_in_the_newest(desk: Desk) -> None:
    told: set[str] = {"p-ben"}
    rules = Rules(told=told.__contains__)
    registrar = desk.registrar(rules)
    registrar.open(ANNE)
    registrar.open(replace(ANNE, source=Method.PORTAL, session="page", person_id="p-ben", from_ms=600))
    told.add("p-anne")
    desk.now = 2000
    registrar.expire()
    assert [(item.person_id, item.from_ms) for item in registrar.view.at("10.0.0.5", 2000)] == [
        ("p-anne", 100),
        ("p-ben", 600),
    ]
    registrar = desk.registrar(rules)
    for binding in registrar.open_bindings:
        registrar.end(binding.binding_id, 3000)
    said = {(change.person_id, change.from_ms) for change in desk.spooled if isinstance(change, BindingChange)}
    assert said == {("p-ben", 600), ("p-anne", 2000)}
    assert {(person_id, until_ms) for person_id, _, until_ms in desk.steps()[-2:]} == {
        ("p-ben", 3000),
        ("p-anne", 3000),
    }


@pytest.mark.parametrize("ends", ["end", "give way"])
def test_a_change_that_the_disk_refuses_puts_nothing_on_record_of_whoever_was_not_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    registrar = desk.registrar(Rules(told=lambda person_id: person_id == "p-ben"))
    binding = registrar.open(ANNE)
    whole = desk.table.change

    @contextmanager
    def refused() -> Iterator[None]:
        with whole():
            yield
            raise sqlite3.OperationalError("database or disk is full")

    for change in (refused, whole):
        monkeypatch.setattr(desk.table, "change", change)
        with nullcontext() if change is whole else pytest.raises(sqlite3.OperationalError):
            if ends == "end":
                registrar.end(binding.binding_id, 500)
            else:
                registrar.open(replace(ANNE, session="s-2", person_id="p-ben", from_ms=600))
    assert "p-anne" not in {person_id for person_id, _, _ in desk.steps()}
    assert desk.table.withheld() == set()


def test_a_sign_in_that_the_disk_refused_is_withheld_when_it_begins_after_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar = desk.registrar(Rules(told=lambda _: False))
    whole, named = desk.table.change, replace(ANNE, source=Method.PROXY, session="proxy:1", binding_id="proxy:1")

    @contextmanager
    def refused() -> Iterator[None]:
        with whole():
            yield
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(desk.table, "change", refused)
    with pytest.raises(sqlite3.OperationalError):
        registrar.open(named)
    monkeypatch.setattr(desk.table, "change", whole)
    assert registrar.open_bindings == ()
    registrar.end(registrar.open(named).binding_id, 500)
    assert desk.spooled == []


def test_a_packet_is_known_until_its_time_is_over(desk: Desk) -> None:
    desk.registrar().hear(b"one", 5000)
    assert (desk.registrar().heard(b"one"), desk.registrar().heard(b"other")) == (1000, 0)
    desk.now = 5001
    desk.registrar().tidy()
    assert desk.registrar().heard(b"one") == 0


def test_what_ended_long_ago_leaves_the_table(desk: Desk) -> None:
    registrar = desk.registrar()
    old = registrar.open(ANNE)
    registrar.end(old.binding_id, 500)
    desk.now = 10**9
    registrar.tidy()
    assert desk.table.binding(old.binding_id) is None
