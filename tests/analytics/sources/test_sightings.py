"""Sightings: devices of the school's are bound, strangers only known to be there, nothing is re-labelled."""

from dataclasses import replace
from pathlib import Path

from analytics.bindings import Found
from analytics.event import Grade, Method
from analytics.records import BindingStep
from analytics.sources.sightings import Sighting, Sightings
from analytics.sources.source import now_ms
from tests.analytics.an_identity import Desk, an_identity
from tests.analytics.sources.seen_devices import FIXED, LAPTOP, LAPTOP_MAC, STRANGER, TROLLEY, TROLLEY_MAC

FAR = 2**52


def lease(client_ip: str = "10.0.0.5", mac: str = LAPTOP_MAC, hostname: str = "") -> Sighting:
    return Sighting(client_ip=client_ip, mac=mac, hostname=hostname, expires_ms=FAR)


def steps(desk: Desk) -> list[tuple[str, str, BindingStep]]:
    return [(change.device_id, change.client_ip, change.step) for change in desk.kept.changes]


def test_a_lease_that_moves_ends_one_binding_and_begins_another(tmp_path: Path) -> None:
    with an_identity(tmp_path, LAPTOP, TROLLEY) as desk:
        seen = Sightings(desk.identity, Method.DHCP)
        seen.seen(lease())
        seen.seen(lease())
        before = desk.bound[0]
        seen.seen(lease(mac=TROLLEY_MAC))
        assert steps(desk) == [
            ("d-1", "10.0.0.5", BindingStep.OPENED),
            ("d-1", "10.0.0.5", BindingStep.SUPERSEDED),
            ("d-2", "10.0.0.5", BindingStep.OPENED),
        ]
        opened = desk.kept.changes[0]
        assert (opened.binding_id, opened.mac, opened.from_ms) == (before.binding_id, LAPTOP_MAC, before.from_ms)


def test_a_stranger_leaves_no_trace_but_where_a_device_of_the_schools_was(tmp_path: Path) -> None:
    with an_identity(tmp_path, LAPTOP, FIXED) as desk:
        seen = Sightings(desk.identity, Method.NEIGHBOUR)
        seen.seen(lease("10.0.0.9", STRANGER))
        assert desk.kept.records == []
        seen.seen(lease("10.0.0.30", STRANGER))
        register, view, now = desk.identity.register.now, desk.identity.registrar.view, now_ms()
        assert register.attribute("10.0.0.30", None, now, view).person_id is None
        seen.seen(lease("10.0.0.30", FIXED.macs[0]))
        found = register.attribute("10.0.0.30", None, now_ms(), desk.identity.registrar.view)
        assert (found.person_id, found.grade) == ("p-ben", Grade.B)
        assert not any(STRANGER in repr(record) for record in desk.kept.records)


def test_a_stranger_that_takes_an_address_over_ends_what_was_signed_in_there(tmp_path: Path) -> None:
    with an_identity(tmp_path, TROLLEY) as desk:
        seen = Sightings(desk.identity, Method.DHCP)
        seen.seen(lease(mac=TROLLEY_MAC))
        laptop = Found(source=Method.RADIUS, session="s", person_id="p-anne", device_id="d-2", from_ms=now_ms())
        desk.identity.registrar.open(replace(laptop, client_ip="10.0.0.5"))
        seen.seen(lease(mac=STRANGER))
        assert [(item.device_id, item.person_id) for item in desk.bound] == [("", "")]


def test_a_device_that_is_entered_later_is_known_from_then_on(tmp_path: Path) -> None:
    with an_identity(tmp_path) as desk:
        seen = Sightings(desk.identity, Method.DHCP)
        seen.seen(lease())
        assert desk.bound == []
        desk.publish(LAPTOP)
        seen.seen(lease())
        assert [item.device_id for item in desk.bound] == ["d-1"]


def test_a_device_by_its_name_is_bound_with_the_hardware_it_came_with(tmp_path: Path) -> None:
    with an_identity(tmp_path, replace(LAPTOP, macs=(), hostnames=("annes-laptop",))) as desk:
        Sightings(desk.identity, Method.DHCP).seen(lease(hostname="annes-laptop", mac=STRANGER))
        (bound,) = desk.bound
        assert (bound.device_id, bound.mac) == ("d-1", STRANGER)


def test_what_one_source_loses_another_keeps(tmp_path: Path) -> None:
    with an_identity(tmp_path, LAPTOP) as desk:
        first, second = (Sightings(desk.identity, Method.DHCP, tag) for tag in ("a:", "b:"))
        first.seen(lease())
        second.seen(lease("10.0.0.6"))
        assert (first.standing(), second.standing()) == ({"10.0.0.5"}, {"10.0.0.6"})
        first.gone("10.0.0.6")
        first.gone("10.0.0.5")
        assert [item.client_ip for item in desk.bound] == ["10.0.0.6"]
