"""analytics.nft.enrolment: nobody is redirected whose traffic is not that of the staff."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.bindings import EMPTY, IdentityView
from analytics.event import Method
from analytics.identity import Register
from analytics.nft.enrolment import enrolled
from analytics.nft.ruleset import Enrolled
from analytics.snapshot import Device, DeviceClass, Snapshot
from tests.analytics.bindings.a_binding import BINDING
from tests.proxy_addons.running_gateway import ANNE, BEN

NOW = 1_000
ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1", "2001:db8::2")
DEVICES = st.lists(
    st.builds(
        Device,
        device_id=st.uuids().map(str),
        device_class=st.sampled_from(DeviceClass),
        addresses=st.lists(st.sampled_from(ADDRESSES), max_size=3, unique=True).map(tuple),
        person_id=st.sampled_from((None, "p-anne", "p-ben", "p-gone")),
        from_ms=st.sampled_from((1, NOW, NOW + 1)),
    ),
    max_size=5,
)


def register(*devices: Device) -> Register:
    return Register(Snapshot(school="oak", made_ms=1, people=(ANNE, BEN), devices=devices, permissions=()))


def one(device_class: DeviceClass, *addresses: str, from_ms: int = 1) -> Device:
    return Device(
        device_id=f"d-{device_class}-{addresses[0]}",
        device_class=device_class,
        addresses=addresses,
        person_id=None,
        from_ms=from_ms,
    )


def test_staff_devices_by_every_address_of_theirs_in_its_plain_form() -> None:
    device = one(DeviceClass.STAFF, "10.0.0.1", "2001:0DB8::0001", "::ffff:10.0.0.2")
    assert enrolled(register(device), EMPTY, NOW) == Enrolled(frozenset({"10.0.0.1", "2001:db8::1", "10.0.0.2"}))


@pytest.mark.parametrize("device_class", [each for each in DeviceClass if each is not DeviceClass.STAFF])
def test_no_device_of_another_class_of_itself(device_class: DeviceClass) -> None:
    assert enrolled(register(one(device_class, "10.0.0.1")), EMPTY, NOW).size == 0


def test_not_before_the_device_was_entered() -> None:
    device = one(DeviceClass.STAFF, "10.0.0.1", from_ms=NOW)
    assert enrolled(register(device), EMPTY, NOW - 1).size == 0
    assert enrolled(register(device), EMPTY, NOW).size == 1


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.1", "ff02::1", "not an address", ""])
def test_what_no_single_device_has_is_no_address(address: str) -> None:
    assert enrolled(register(one(DeviceClass.STAFF, address)), EMPTY, NOW).size == 0


def test_what_only_calls_itself_a_staff_device_is_let_past_until_somebody_signs_in_there() -> None:
    laptop = replace(one(DeviceClass.STAFF, "-"), addresses=(), hostnames=("laptop-7",), person_id="p-anne")
    sighting = replace(BINDING, source=Method.DHCP, person_id="", device_id=laptop.device_id)
    assert enrolled(register(laptop), IdentityView(bindings=(sighting,)), NOW).size == 0
    signed_in = replace(BINDING, binding_id="portal:1", source=Method.PORTAL, device_id=laptop.device_id)
    assert enrolled(register(laptop), IdentityView(bindings=(sighting, signed_in)), NOW).size == 1


@given(devices=DEVICES)
def test_of_any_devices_only_unclaimed_addresses_of_staff_devices(devices: list[Device]) -> None:
    found = enrolled(register(*devices), EMPTY, NOW)
    for address in ADDRESSES:
        claiming = [device for device in devices if address in device.addresses]
        alone = len(claiming) == 1 and claiming[0].device_class is DeviceClass.STAFF and claiming[0].from_ms <= NOW
        assert (address in found.all) is alone
