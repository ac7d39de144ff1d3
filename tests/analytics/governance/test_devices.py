"""Devices are one person's at a time, and history keeps whose they were."""

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
