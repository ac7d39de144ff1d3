"""Attribution by what `fairgate identity` knows: leases, neighbours, sign-ins, and where they disagree."""

from dataclasses import replace
from typing import Any

import pytest

from analytics.bindings import Binding, IdentityView
from analytics.event import Grade, Method
from analytics.identity import Attribution, ProxySignIn, Register
from analytics.snapshot import Device, DeviceClass, Snapshot
from tests.analytics.test_identity import ANNE, LAPTOP, NOW, register, sign_in

MAC = "02:00:00:00:00:01"
KNOWN = replace(LAPTOP, addresses=(), macs=(MAC,))
SHARED = replace(KNOWN, device_id="d-2", device_class=DeviceClass.SHARED, person_id=None, macs=("02:00:00:00:00:02",))


def bound(source: Method, person_id: str = "", **changes: Any) -> Binding:
    """A sign-in, or with no person a lease, of the laptop."""
    plain: dict[str, Any] = {
        "binding_id": f"{source}:{person_id}",
        "source": source,
        "session": "s",
        "person_id": person_id,
        "device_id": "d-1",
        "client_ip": "10.0.0.9",
        "mac": MAC,
        "from_ms": NOW - 3_600_000,
        "until_ms": 0,
        "expires_ms": 0,
    }
    return Binding(**plain | changes)


LEASE = bound(Method.DHCP)
SHARED_LEASE = bound(Method.DHCP, device_id="d-2", mac="02:00:00:00:00:02")


def found_at(
    *bindings: Binding, devices: tuple[Device, ...] = (KNOWN, SHARED), signed_in: ProxySignIn | None = None
) -> Attribution:
    return register(devices=devices).attribute("10.0.0.9", signed_in, NOW, IdentityView(bindings=bindings))


def test_a_device_found_by_its_lease_is_its_owners_by_that_lease() -> None:
    found = found_at(LEASE)
    assert (found.person_id, found.method, found.grade) == ("p-anne", Method.REGISTER, Grade.B)
    assert (found.device_id, found.binding_id, found.binding_from_ms) == ("d-1", LEASE.binding_id, NOW - 9_000)


def test_a_lease_that_ended_or_has_not_begun_says_nothing() -> None:
    for over in (replace(LEASE, until_ms=NOW), replace(LEASE, expires_ms=NOW), replace(LEASE, from_ms=NOW + 1)):
        assert found_at(over).person_id is None


def test_a_device_that_only_says_its_name_is_not_surely_the_one() -> None:
    named = replace(KNOWN, macs=(), hostnames=("annes-laptop",))
    assert found_at(LEASE, devices=(named,)).grade is Grade.C


@pytest.mark.parametrize(
    "other",
    [
        replace(LEASE, source=Method.NEIGHBOUR, device_id="d-2"),
        replace(LEASE, source=Method.NEIGHBOUR, device_id=""),
    ],
    ids=["another device", "a stranger"],
)
def test_an_address_where_two_devices_are_seen_is_neithers(other: Binding) -> None:
    assert found_at(LEASE, other).person_id is None
    fixed = replace(LAPTOP, addresses=("10.0.0.9",), macs=(MAC,))
    assert found_at(devices=(fixed, SHARED)).person_id == "p-anne"
    assert found_at(other, devices=(fixed, SHARED)).person_id is None


def test_a_sign_in_at_a_shared_device_is_sure_and_another_person_beside_it_is_not() -> None:
    ben = bound(Method.RADIUS, "p-ben", device_id="d-2", client_ip="")
    found = found_at(SHARED_LEASE, ben)
    assert (found.person_id, found.method, found.grade, found.binding_id) == (
        "p-ben",
        Method.RADIUS,
        Grade.A,
        ben.binding_id,
    )
    anne = bound(Method.PORTAL, "p-anne", device_id="d-2", from_ms=NOW - 500_000)
    found = found_at(SHARED_LEASE, ben, anne)
    assert (found.person_id, found.grade) == ("p-anne", Grade.C)


def test_a_pupil_at_a_teachers_laptop_is_nobody() -> None:
    assert found_at(LEASE, bound(Method.RADIUS)).person_id is None


def test_a_sign_in_at_a_device_that_moved_on_stays_with_the_device() -> None:
    elsewhere = bound(Method.PORTAL, "p-ben", device_id="d-1", client_ip="10.0.0.9", mac="")
    assert found_at(SHARED_LEASE, elsewhere).person_id is None


def test_whoever_is_signed_in_at_two_shared_devices_is_unsure() -> None:
    here = bound(Method.RADIUS, "p-ben", device_id="d-2")
    there = bound(Method.RADIUS, "p-ben", device_id="d-3", client_ip="10.0.0.10", binding_id="other")
    assert found_at(SHARED_LEASE, here, there).grade is Grade.C
    annes = replace(here, device_id="d-1", person_id="p-anne")
    assert found_at(LEASE, annes, replace(there, person_id="p-anne")).grade is Grade.A


def test_a_sign_in_at_an_address_of_no_school_device_names_nobody_but_at_the_proxy() -> None:
    ben = bound(Method.RADIUS, "p-ben", device_id="")
    assert found_at(ben).person_id is None
    assert found_at(ben, signed_in=sign_in()).grade is Grade.A


def test_a_sign_in_at_the_proxy_speaks_for_its_own_connection_alone() -> None:
    ben = bound(Method.PROXY, "p-ben", device_id="d-2", binding_id="proxy:1")
    assert found_at(SHARED_LEASE, ben).person_id is None
    assert found_at(SHARED_LEASE, ben, signed_in=sign_in()).grade is Grade.A


def test_somebody_told_at_the_gateway_itself_is_told() -> None:
    untold = replace(ANNE, told_ms=0)
    made = Register(
        Snapshot(school="oak", made_ms=NOW, people=(untold,), devices=(LAPTOP,), permissions=(), notice_version="v2")
    )
    for version, told in (("v1", False), ("v2", True)):
        view = IdentityView(told={("p-anne", version): NOW - 1})
        assert made.attribute("10.0.0.1", None, NOW, view).told is told


@pytest.mark.parametrize(
    ("mac", "hostname", "device_id"),
    [
        (MAC, "", "d-1"),
        (MAC, "trolley", "d-1"),
        ("02:00:00:00:00:99", "annes-laptop", None),
        ("02:00:00:00:00:99", "trolley", "d-3"),
        ("02:00:00:00:00:02", "", None),
        ("", "", None),
    ],
    ids=["by its hardware", "rather than its name", "whose hardware differs", "by name alone", "claimed twice", "no"],
)
def test_a_device_is_known_by_its_hardware_or_else_by_name(mac: str, hostname: str, device_id: str | None) -> None:
    laptop = replace(KNOWN, hostnames=("annes-laptop",))
    trolley = replace(SHARED, device_id="d-3", macs=(), hostnames=("trolley",))
    made = register(devices=(laptop, SHARED, trolley, replace(SHARED, device_id="d-4")))
    device = made.by_hardware(mac, hostname)
    assert (device.device_id if device else None) == device_id
