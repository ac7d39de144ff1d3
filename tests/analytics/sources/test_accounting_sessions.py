"""Accounting that comes late, again, or of what is not the school's: nobody is named by it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Grade, Method
from analytics.records import BindingStep
from analytics.registrar import Found
from analytics.snapshot import Device, DeviceClass
from analytics.sources import accounting_sessions, sightings
from analytics.sources.sightings import Sighting, Sightings
from analytics.sources.source import now_ms
from tests.analytics import an_identity as desk_module
from tests.analytics.an_identity import an_identity
from tests.analytics.sources.radius_packets import INTERIM, OFF, ON, START, STOP, packet
from tests.analytics.sources.seen_devices import LAPTOP, LAPTOP_MAC, TROLLEY, TROLLEY_MAC
from tests.analytics.sources.test_radius import NAS, Server, nas
from tests.proxy_addons.running_gateway import ANNE, BEN

MINUTE = 60_000
PHONE_MAC, TABLET_MAC, NOBODYS = "02:00:00:00:aa:01", "02:00:00:00:aa:02", "02:00:00:00:aa:03"
PHONE = Device(
    device_id="d-8",
    device_class=DeviceClass.PERSONAL,
    addresses=(),
    person_id=None,
    from_ms=1,
    macs=(PHONE_MAC,),
)
TABLET = replace(PHONE, device_id="d-9", device_class=DeviceClass.PUPIL, macs=(TABLET_MAC,))
FIXED_SHARED = replace(TROLLEY, device_id="d-7", addresses=("10.0.0.70",), macs=())


@dataclass
class Clock:
    """Now, and some time later."""

    later: int = 0

    def __call__(self) -> int:
        return now_ms() + self.later

    @property
    def seconds(self) -> int:
        return self() // 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (accounting_sessions, sightings, desk_module):
        monkeypatch.setattr(module, "now_ms", made)
    return made


@pytest.fixture
def server(tmp_path: Path, clock: Clock) -> Iterator[Server]:
    known = (LAPTOP, TROLLEY, PHONE, TABLET, FIXED_SHARED)
    with an_identity(tmp_path, *known, radius=nas(tmp_path), domains=["oak"]) as desk:
        yield Server(desk)


def named(server: Server, clock: Clock, client_ip: str = "10.0.0.77") -> tuple[str | None, Grade]:
    identity = server.desk.identity
    found = identity.register.now.attribute(client_ip, None, clock(), identity.registrar.view)
    return found.person_id, found.grade


def at(server: Server, client_ip: str = "10.0.0.77", mac: str = TROLLEY_MAC) -> None:
    """A lease says that this device is at this address."""
    Sightings(server.desk.identity, Method.DHCP).seen(Sighting(client_ip=client_ip, mac=mac, expires_ms=2**52))


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("later", [1, 4, 6, 30, 24 * 60 + 5])
def test_a_packet_that_is_sent_again_begins_nothing_again(
    server: Server, clock: Clock, later: int, dated: bool
) -> None:
    data = packet(calling=TROLLEY_MAC, user="anne", number=7, event=clock.seconds if dated else None)
    assert server.radius.answer(data, NAS)
    server.hears(STOP)
    clock.later = later * MINUTE
    server.desk.identity.registrar.tidy()
    again = Server(server.desk)  # ours was begun anew in between
    assert again.radius.answer(data, NAS)  # somebody only lost our answer, perhaps
    assert again.bound() == []


def test_a_packet_sent_again_takes_a_device_from_nobody(server: Server, clock: Clock) -> None:
    at(server)
    data = packet(calling=TROLLEY_MAC, user="anne", number=7, event=clock.seconds)
    server.radius.answer(data, NAS)
    server.hears(STOP)
    for minutes in (2, 20, 26):
        clock.later = minutes * MINUTE
        server.hears(START if minutes == 2 else INTERIM, user="ben", session="s-2", event=clock.seconds)
        server.radius.answer(data, NAS)
        for binding in server.desk.bound:
            server.desk.identity.registrar.active(binding.binding_id)
        assert named(server, clock) == ("p-ben", Grade.A)


@pytest.mark.parametrize("restart", [ON, OFF])
@pytest.mark.parametrize("dated", [True, False])
def test_a_restart_that_is_sent_again_frees_no_session_to_begin_again(
    server: Server, clock: Clock, restart: int, dated: bool
) -> None:
    event = clock.seconds if dated else None
    began = packet(restart, number=3, session=None, event=event)
    start = packet(calling=TROLLEY_MAC, user="anne", number=7, event=event)
    server.radius.answer(began, NAS)
    server.radius.answer(start, NAS)
    server.hears(STOP)
    for minutes in (0, 6):
        clock.later = minutes * MINUTE
        for data in (began, start):
            assert server.radius.answer(data, NAS)
        assert server.bound() == []


def test_an_undated_restart_heard_before_still_ends_the_sessions(server: Server, clock: Clock) -> None:
    """It may be a restart like the one before: then nobody may be named by what went before."""
    began = packet(ON, number=3, session=None)
    server.radius.answer(began, NAS)
    server.hears()
    server.radius.answer(began, NAS)
    assert server.bound() == [("p-anne", "d-2")]  # at once it is the same packet, sent twice
    clock.later = 6 * MINUTE
    server.radius.answer(began, NAS)
    assert server.bound() == []


@pytest.mark.parametrize("late", [{"event": -3 * 3600}, {"event": -301}, {"event": 400}, {"delay": 301}])
@pytest.mark.parametrize("status", [START, INTERIM])
def test_what_happened_long_ago_or_is_yet_to_come_takes_a_device_from_nobody(
    server: Server, clock: Clock, status: int, late: dict[str, int]
) -> None:
    server.hears(user="ben", session="s-2", event=clock.seconds)
    said: dict[str, Any] = {name: value + (clock.seconds if name == "event" else 0) for name, value in late.items()}
    assert server.hears(status, session="s-1", **said)
    assert server.bound() == [("p-ben", "d-2")]
    assert server.radius.dropped == {"misdated": 1}


@pytest.mark.parametrize("restart", [ON, OFF])
def test_a_restart_of_long_ago_ends_nothing(server: Server, clock: Clock, restart: int) -> None:
    server.hears(event=clock.seconds)
    assert server.hears(restart, session=None, event=clock.seconds - 3600)
    assert server.bound() == [("p-anne", "d-2")]


def test_a_late_end_is_still_an_end(server: Server, clock: Clock) -> None:
    server.hears(calling=LAPTOP_MAC, event=clock.seconds)
    clock.later = 30 * MINUTE
    ended = clock.seconds - 20 * 60
    assert server.hears(STOP, calling=LAPTOP_MAC, event=ended)
    assert server.bound() == []
    assert server.desk.kept.changes[-1].until_ms == ended * 1000  # when it was, however late it is told


def test_a_sign_in_that_comes_before_its_devices_lease_counts_once_the_lease_is_known(
    server: Server, clock: Clock
) -> None:
    server.hears(user="kid.7", calling=None, framed="10.0.0.5")
    assert server.bound() == []
    at(server, "10.0.0.5", LAPTOP_MAC)
    server.radius.look()
    assert server.bound() == [("", "d-1")]
    assert named(server, clock, "10.0.0.5") == (None, Grade.NONE)


@pytest.mark.parametrize("meanwhile", ["stop", "later"])
def test_a_sign_in_waits_for_its_device_no_longer_than_it_may(server: Server, clock: Clock, meanwhile: str) -> None:
    server.hears(calling=None, framed="10.0.0.5")
    if meanwhile == "stop":
        server.hears(STOP)
    else:
        clock.later = 2 * MINUTE
    at(server, "10.0.0.5", LAPTOP_MAC)
    server.radius.look()
    assert server.bound() == []


def test_unknown_hardware_at_a_devices_address_is_not_that_device(server: Server, clock: Clock) -> None:
    """Somebody's phone was given the address that the laptop had a moment ago."""
    at(server, "10.0.0.5", LAPTOP_MAC)
    before = len(server.desk.kept.records)
    server.hears(user="ben", calling=NOBODYS, framed="10.0.0.5")
    assert named(server, clock, "10.0.0.5") == ("p-anne", Grade.B)
    at(server, "10.0.0.6", LAPTOP_MAC)
    assert named(server, clock, "10.0.0.6") == ("p-anne", Grade.B)
    assert server.bound() == []
    assert "p-ben" not in repr(server.desk.kept.records[before:])


@pytest.mark.parametrize("calling", [PHONE_MAC, TABLET_MAC, NOBODYS])
@pytest.mark.parametrize("user", ["anne", "kid.7", "host/pc"])
def test_of_what_is_no_device_for_staff_nothing_is_written_down(server: Server, calling: str, user: str) -> None:
    for status in (START, INTERIM, STOP):
        assert server.hears(status, user=user, calling=calling, framed="10.0.5.5")
        assert (server.bound(), server.desk.kept.records) == ([], [])


def test_a_session_that_goes_on_as_anothers_ends_wherever_they_are(server: Server) -> None:
    server.hears()
    server.hears(INTERIM, user="ben", calling=NOBODYS)
    assert server.bound() == []
    assert server.steps()[-1] == ("p-anne", BindingStep.SUPERSEDED)


def test_an_address_that_comes_later_completes_a_sign_in(server: Server, clock: Clock) -> None:
    server.hears(calling=NOBODYS)
    assert server.bound() == []  # the device is known by its address alone
    server.hears(INTERIM, calling=NOBODYS, framed="10.0.0.70")
    assert named(server, clock, "10.0.0.70") == ("p-anne", Grade.A)


def test_a_sign_in_that_is_completed_is_no_later_than_it_was(server: Server, clock: Clock) -> None:
    server.hears(user="anne")
    (first,) = server.desk.bound
    clock.later = 2 * MINUTE
    ben = Found(source=Method.PORTAL, session="page", person_id="p-ben", device_id="d-2", from_ms=clock())
    server.desk.identity.registrar.open(replace(ben, expires_ms=2**52))
    clock.later = 4 * MINUTE
    server.hears(INTERIM, user="anne", framed="10.0.0.77")
    anne = next(item for item in server.desk.bound if item.person_id == "p-anne")
    assert (anne.client_ip, anne.from_ms) == ("10.0.0.77", first.from_ms)
    at(server)
    assert named(server, clock) == ("p-ben", Grade.C)
    server.hears(INTERIM, user="anne", framed="10.0.0.77")
    assert next(item for item in server.desk.bound if item.person_id == "p-anne").binding_id == anne.binding_id


def test_when_somebody_signed_in_before_they_were_told_comes_on_record_in_no_way(tmp_path: Path, clock: Clock) -> None:
    untold = replace(ANNE, told_ms=0, told_earlier_ms=0)
    with an_identity(tmp_path, TROLLEY, people=(untold, BEN), radius=nas(tmp_path), domains=["oak"]) as desk:
        server, began = Server(desk), clock()
        server.hears()
        clock.later = 5 * MINUTE
        desk.publish(TROLLEY)
        desk.identity.registrar.expire()
        server.hears(INTERIM, framed="10.0.0.77")
        server.hears(STOP)
        assert [step for _, step in server.steps()] == [BindingStep.OPENED, BindingStep.CLOSED]
        assert all(change.from_ms >= began + 5 * MINUTE for change in desk.kept.changes)


def test_a_name_that_the_server_did_not_prove_is_unsure(tmp_path: Path, clock: Clock) -> None:
    said = nas(tmp_path)
    said["nas"][0]["proved_names"] = False
    with an_identity(tmp_path, LAPTOP, TROLLEY, radius=said, domains=["oak"]) as desk:
        server = Server(desk)
        server.hears()
        at(server)
        assert named(server, clock) == ("p-anne", Grade.C)
        server.hears(session="s-2", user="kid.7")
        assert named(server, clock) == (None, Grade.NONE)
        server.hears(ON, session=None)
        assert server.bound() == []
