"""analytics.nft.enrolment with what `fairgate identity` knows: leases that move, sign-ins at shared devices."""

from dataclasses import replace

import pytest

from analytics.bindings import Binding, IdentityView
from analytics.event import Method
from analytics.identity import Register
from analytics.nft.enrolment import enrolled
from analytics.nft.ruleset import NOBODY, Enrolled
from analytics.snapshot import Device, DeviceClass, Snapshot
from tests.proxy_addons.running_gateway import ANNE, BEN

NOW, LATER = 1_000, 2_000
MAC = "02:00:00:00:00:05"
LAPTOP = Device(
    device_id="laptop", device_class=DeviceClass.STAFF, addresses=(), person_id="p-anne", from_ms=1, macs=(MAC,)
)
TROLLEY = replace(LAPTOP, device_id="trolley", device_class=DeviceClass.SHARED, person_id=None)
LEASE = Binding(
    binding_id="dhcp:1",
    source=Method.DHCP,
    session="l-1",
    person_id="",
    device_id="laptop",
    client_ip="10.0.0.5",
    mac=MAC,
    from_ms=10,
    until_ms=0,
    expires_ms=0,
)
AT_TROLLEY = replace(LEASE, device_id="trolley")
ANNE_THERE = replace(
    AT_TROLLEY, binding_id="radius:1", source=Method.RADIUS, session="r-1", person_id="p-anne", from_ms=20
)
PASSING = Enrolled(frozenset(), frozenset({"10.0.0.5"}))


def who(devices: tuple[Device, ...], *bindings: Binding, at: int = NOW) -> Enrolled:
    snapshot = Snapshot(school="oak", made_ms=1, people=(ANNE, BEN), devices=devices, permissions=())
    return enrolled(Register(snapshot), IdentityView(bindings=bindings), at)


def test_a_staff_device_at_the_address_of_its_lease_for_as_long_as_it_has_it() -> None:
    assert who((LAPTOP,), LEASE) == PASSING
    assert who((LAPTOP,)) == NOBODY
    assert who((LAPTOP,), replace(LEASE, until_ms=NOW)) == NOBODY
    assert who((LAPTOP,), replace(LEASE, expires_ms=LATER)) == PASSING
    assert who((LAPTOP,), replace(LEASE, expires_ms=LATER), at=LATER) == NOBODY


def test_a_lease_that_moves_takes_the_enrolment_with_it() -> None:
    moved = replace(LEASE, binding_id="dhcp:2", session="l-2", client_ip="10.0.0.6", from_ms=NOW)
    assert who((LAPTOP,), replace(LEASE, until_ms=NOW), moved).all == {"10.0.0.6"}


@pytest.mark.parametrize("other", [DeviceClass.PUPIL, DeviceClass.GUEST, DeviceClass.PERSONAL, DeviceClass.SHARED])
def test_the_next_device_at_that_address_is_not_enrolled(other: DeviceClass) -> None:
    pupils = replace(LAPTOP, device_id="tablet", device_class=other, person_id=None, macs=("02:00:00:00:00:06",))
    taken = replace(LEASE, binding_id="dhcp:2", session="l-2", device_id="tablet", mac=pupils.macs[0], from_ms=NOW)
    assert who((LAPTOP, pupils), replace(LEASE, until_ms=NOW), taken) == NOBODY
    assert who((LAPTOP, pupils), LEASE, taken) == NOBODY, "both claim it: nobody's"


def test_an_address_that_is_entered_for_one_device_and_leased_to_another_is_nobodys() -> None:
    fixed = replace(LAPTOP, device_id="desk", addresses=("10.0.0.5",), macs=())
    assert who((LAPTOP, fixed), LEASE) == NOBODY


def test_a_shared_device_only_while_somebody_of_the_staff_is_signed_in() -> None:
    assert who((TROLLEY,), AT_TROLLEY) == NOBODY
    assert who((TROLLEY,), AT_TROLLEY, ANNE_THERE) == PASSING
    assert who((TROLLEY,), AT_TROLLEY, replace(ANNE_THERE, until_ms=NOW)) == NOBODY
    assert who((TROLLEY,), AT_TROLLEY, replace(ANNE_THERE, expires_ms=LATER), at=LATER) == NOBODY


def test_a_pupil_who_signs_in_after_a_teacher_that_did_not_sign_out_is_not_enrolled() -> None:
    pupil = replace(ANNE_THERE, binding_id="radius:2", session="r-2", person_id="", from_ms=NOW)
    assert who((TROLLEY,), AT_TROLLEY, ANNE_THERE, pupil) == NOBODY


def test_somebody_who_left_the_staff_enrols_nothing() -> None:
    gone = replace(ANNE_THERE, person_id="p-gone")
    assert who((TROLLEY,), AT_TROLLEY, gone) == NOBODY


@pytest.mark.parametrize("other", [DeviceClass.PUPIL, DeviceClass.GUEST, DeviceClass.PERSONAL])
def test_a_teacher_who_signs_in_on_a_pupils_device_enrols_nothing(other: DeviceClass) -> None:
    assert who((replace(TROLLEY, device_class=other),), AT_TROLLEY, ANNE_THERE) == NOBODY


def test_a_sign_in_at_an_address_of_no_device_of_the_schools_enrols_nothing() -> None:
    assert who((), replace(ANNE_THERE, device_id="")) == NOBODY
