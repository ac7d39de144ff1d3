"""What becomes of refusals: learnt, ended, forgotten, capped, and each of it a record."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analytics.bindings import IdentityTable
from analytics.pin_learning import ADDRESS_MS, APART_MS, ATTEMPTS, CAP_ALL, CAP_CLIENT, DAY_MS, DEVICE_MS
from analytics.pinning import EVERYBODY, Pinning
from analytics.records import PinChange, PinStep
from analytics.registrar import Registrar
from tests.analytics.an_identity import Kept

NOON = 1_800_000_000_000


@dataclass
class Desk:
    """`Pinning` over a real table, with a clock that stands."""

    path: Path
    now: int = NOON
    spool: Kept = field(default_factory=Kept)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """As after a start."""
        self.table = IdentityTable(self.path)
        self.registrar = Registrar(self.table, self.spool, "oak", "gate-identity", lambda: self.now)
        self.pinning = Pinning(self.registrar, lambda: self.now)

    def begin_again(self) -> None:
        self.registrar.settle()
        self.table.close()
        self.begin()

    @property
    def changes(self) -> list[PinChange]:
        return [record for record in self.spool.records if isinstance(record, PinChange)]

    @property
    def steps(self) -> list[PinStep]:
        return [change.step for change in self.changes]

    def insist(self, client: str = "d-1", host: str = "api.example", **more: Any) -> None:
        for _ in range(ATTEMPTS):
            self.refuse(client, host, **more)
            self.now += APART_MS

    def refuse(self, client: str = "d-1", host: str = "api.example", **more: Any) -> None:
        device = client if client.startswith("d-") else ""
        said = {"client": client, "device_id": device, "client_ip": "10.0.0.9", "host": host, "browser": False}
        said |= {"silent": False, "opened": False, "accepted": 50, "accepted_ms": self.now, "ts_ms": self.now}
        self.pinning.messages()["refused"](said | more)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "identity.sqlite")
    yield desk
    desk.table.close()


def test_it_is_learnt_for_a_week_on_record_and_once(desk: Desk) -> None:
    desk.insist()
    learnt_ms = desk.now - APART_MS
    assert desk.registrar.pins() == {("d-1", "api.example"): learnt_ms + DEVICE_MS}
    desk.insist()
    (change,) = desk.changes
    assert (change.step, change.device_id, change.host, change.refusals) == (PinStep.LEARNT, "d-1", "api.example", 3)
    assert change.until_ms == learnt_ms + DEVICE_MS


def test_where_no_device_is_known_it_holds_a_day(desk: Desk) -> None:
    desk.insist("10.0.0.9")
    (change,) = desk.changes
    assert (change.device_id, change.client_ip, change.until_ms) == ("", "10.0.0.9", desk.now - APART_MS + ADDRESS_MS)
    desk.now = change.until_ms
    desk.pinning.expire()
    assert [(change.step, change.client_ip) for change in desk.changes][1:] == [(PinStep.ENDED, "10.0.0.9")]


def test_it_ends_by_itself_and_takes_new_refusals_to_be_learnt_again(desk: Desk) -> None:
    desk.insist()
    desk.now = NOON + DEVICE_MS
    desk.pinning.expire()
    assert len(desk.registrar.pins()) == 1
    desk.now += DAY_MS
    desk.pinning.expire()
    assert desk.registrar.pins() == {}
    desk.refuse()
    assert desk.steps == [PinStep.LEARNT, PinStep.ENDED]
    desk.now += APART_MS
    desk.insist()
    assert desk.steps == [PinStep.LEARNT, PinStep.ENDED, PinStep.LEARNT]


def test_what_was_learnt_outlasts_a_restart_and_what_ended_meanwhile_ends_after_it(desk: Desk) -> None:
    desk.insist()
    desk.begin_again()
    desk.insist()
    assert desk.steps == [PinStep.LEARNT]
    desk.now += DEVICE_MS
    desk.begin_again()
    desk.pinning.expire()
    assert desk.steps == [PinStep.LEARNT, PinStep.ENDED]


@pytest.mark.parametrize("whose", ["d-1", EVERYBODY])
def test_the_technician_can_have_it_forgotten(desk: Desk, whose: str) -> None:
    desk.insist()
    desk.insist("d-2")
    desk.pinning.messages()["forget_pins"]({"client": whose})
    assert [client for client, _ in desk.registrar.pins()] == ([] if whose == EVERYBODY else ["d-2"])
    assert desk.steps.count(PinStep.FORGOTTEN) == (2 if whose == EVERYBODY else 1)


def test_a_device_that_is_full_is_reported_once_a_day_without_a_host(desk: Desk) -> None:
    for number in range(CAP_CLIENT + 2):
        desk.insist(host=f"{number}.example", accepted=5_000)
    assert len(desk.registrar.pins()) == CAP_CLIENT
    capped = [change for change in desk.changes if change.step is PinStep.CAPPED]
    assert [(change.device_id, change.host) for change in capped] == [("d-1", "")]
    desk.now += DAY_MS
    desk.insist(host="another.example")
    assert desk.steps.count(PinStep.CAPPED) == 2


def test_the_school_as_a_whole_is_capped_too(desk: Desk) -> None:
    for number in range(CAP_ALL):
        desk.registrar.pin(f"d-{number}", "x.example", NOON * 2, device_id="", client_ip="", refusals=3)
    desk.begin_again()
    desk.insist("d-new")
    assert desk.steps[-1] is PinStep.CAPPED
    assert (desk.changes[-1].device_id, desk.changes[-1].client_ip) == ("", "")


def test_a_device_without_the_certificate_is_on_record_once_until_it_has_it(desk: Desk) -> None:
    for host in ("a.example", "b.example", "c.example", "d.example"):
        desk.insist(host=host, accepted=0, accepted_ms=0)
    assert desk.registrar.pins() == {}
    desk.begin_again()
    for host in ("a.example", "b.example", "c.example", "d.example"):
        desk.insist(host=host, accepted=0, accepted_ms=0)
    assert [(change.step, change.host, change.refusals) for change in desk.changes] == [(PinStep.DISTRUSTS, "", 3)]
    desk.pinning.messages()["accepts"]({"client": "d-1", "accepted": 1, "ts_ms": desk.now})
    assert desk.steps == [PinStep.DISTRUSTS, PinStep.TRUSTS]


def test_a_message_that_lacks_something_changes_nothing(desk: Desk) -> None:
    with pytest.raises(KeyError):
        desk.pinning.messages()["refused"]({"client": "d-1"})
    with pytest.raises(ValueError, match="int"):
        desk.refuse(ts_ms="soon")
    assert desk.changes == []
