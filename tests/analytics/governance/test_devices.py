"""Devices are one person's at a time, and history keeps whose they were."""

import hashlib
from pathlib import Path

import pytest

from analytics.governance import Governance
from analytics.snapshot import DeviceClass
from config.errors import FairgateError


def test_an_assignment_ends_where_the_next_begins(governance: Governance) -> None:
    ann, zoe = governance.people.add("Ann Bell"), governance.people.add("Zoe Quill")
    device = governance.devices.add(DeviceClass.STAFF, ["10.0.0.5", "2001:DB8::5"])
    governance.devices.assign(device, ann, from_ms=1_000)
    governance.devices.assign(device, zoe, from_ms=2_000)
    holders = [governance.devices.all(at)[0].person_id for at in (999, 1_000, 1_999, 2_000)]
    assert holders == [None, ann, ann, zoe]
    governance.devices.give_back(device, until_ms=3_000)
    assert governance.devices.all(3_000)[0].person_id is None
    assert governance.devices.all(2_999)[0].person_id == zoe


@pytest.mark.parametrize("device_class", [kind for kind in DeviceClass if kind is not DeviceClass.STAFF])
def test_only_a_staff_device_is_somebodys(governance: Governance, device_class: DeviceClass) -> None:
    ann = governance.people.add("Ann Bell")
    device = governance.devices.add(device_class, ["10.0.0.5"])
    with pytest.raises(FairgateError, match="only a staff device"):
        governance.devices.assign(device, ann)


def test_an_address_is_one_and_belongs_to_one_device(governance: Governance) -> None:
    governance.devices.add(DeviceClass.STAFF, ["2001:db8::5"])
    with pytest.raises(FairgateError, match="Another device"):
        governance.devices.add(DeviceClass.SHARED, ["2001:0DB8:0::5"])
    with pytest.raises(FairgateError, match="not an IP address"):
        governance.devices.add(DeviceClass.SHARED, ["room 3"])


def test_a_device_cannot_change_hands_before_it_was_given(governance: Governance) -> None:
    ann = governance.people.add("Ann Bell")
    device = governance.devices.add(DeviceClass.STAFF, ["10.0.0.5"])
    governance.devices.assign(device, ann, from_ms=2_000)
    with pytest.raises(FairgateError, match="Mend the date"):
        governance.devices.give_back(device, until_ms=1_000)


def test_a_device_is_known_by_its_hardware_in_one_plain_form(governance: Governance) -> None:
    governance.devices.add(DeviceClass.STAFF, macs=["00-1B-44-11-3A-B7"], hostnames=["Lab-07"])
    (device,) = governance.devices.all()
    assert (device.addresses, device.macs, device.hostnames) == ((), ("00:1b:44:11:3a:b7",), ("lab-07",))


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ({}, "Say what the device is known by"),
        ({"macs": ["00:1b:44"]}, "not the hardware"),
        ({"hostnames": ["lab.07"]}, "without its domain"),
        ({"macs": ["001b.4411.3ab7"]}, "Another device already has the hardware address 00:1b:44:11:3a:b7"),
        ({"hostnames": ["LAB-07"]}, "Another device already has the name lab-07"),
    ],
)
def test_what_no_device_is_known_by_is_refused(governance: Governance, marks: dict[str, list[str]], why: str) -> None:
    governance.devices.add(DeviceClass.STAFF, macs=["00:1b:44:11:3a:b7"], hostnames=["lab-07"])
    with pytest.raises(FairgateError, match=why):
        governance.devices.add(DeviceClass.SHARED, **marks)  # type: ignore[arg-type]
    assert len(governance.devices.all()) == 1


def test_of_a_token_only_the_hash_is_kept_and_a_new_one_ends_it(governance: Governance, place: Path) -> None:
    device = governance.devices.add(DeviceClass.SHARED, macs=["00:1b:44:11:3a:b7"])
    tokens = [governance.devices.new_token(device) for _ in range(2)]
    (known,) = governance.devices.all()
    assert known.token_hash == hashlib.sha256(tokens[1].encode()).hexdigest()
    kept = b"".join(path.read_bytes() for path in place.parent.iterdir())
    assert not any(token.encode() in kept for token in tokens)
    with pytest.raises(FairgateError, match="no device d-none"):
        governance.devices.new_token("d-none")
