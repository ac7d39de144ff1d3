"""Attribution: named only with reason, and nobody otherwise."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.event import Grade, Method
from analytics.identity import NEVER_RECORDED, Attribution, ProxySignIn, Register, plain_address
from analytics.snapshot import Device, DeviceClass, Person, Snapshot

NOW = 1_800_000_000_000
ANNE = Person(
    person_id="p-anne",
    username="Anne.Archer",
    password_hash="hash-a",
    from_ms=NOW - 10_000,
    until_ms=0,
    told_ms=NOW - 5_000,
    hours="teacher",
)
BEN = replace(ANNE, person_id="p-ben", username="ben", password_hash="hash-b")
LAPTOP = Device(
    device_id="d-1", device_class=DeviceClass.STAFF, addresses=("10.0.0.1",), person_id="p-anne", from_ms=NOW - 9_000
)


def register(people: tuple[Person, ...] = (ANNE, BEN), devices: tuple[Device, ...] = (LAPTOP,)) -> Register:
    return Register(Snapshot(school="oak", made_ms=NOW, people=people, devices=devices, permissions=()))


def sign_in(person: Person = BEN) -> ProxySignIn:
    return ProxySignIn(
        person_id=person.person_id, binding_id="proxy:1", since_ms=NOW - 100, password_hash=person.password_hash
    )


def test_the_person_a_staff_device_is_assigned_to_is_named_with_grade_b() -> None:
    assert register().attribute("10.0.0.1", None, NOW) == Attribution(
        person_id="p-anne",
        method=Method.REGISTER,
        grade=Grade.B,
        binding_id=f"register:d-1:{NOW - 9_000}",
        binding_from_ms=NOW - 9_000,
        device_id="d-1",
        device_class=DeviceClass.STAFF,
        told=True,
    )


def test_who_signed_in_is_named_with_grade_a_even_on_a_device_assigned_to_somebody_else() -> None:
    found = register().attribute("10.0.0.1", sign_in(), NOW)
    assert (found.person_id, found.method, found.grade, found.device_id) == ("p-ben", Method.PROXY, Grade.A, "d-1")
    assert (found.binding_id, found.binding_from_ms) == ("proxy:1", NOW - 100)


def test_who_signed_in_is_named_on_an_unknown_device_too() -> None:
    found = register().attribute("192.0.2.7", sign_in(), NOW)
    assert (found.person_id, found.grade, found.device_id, found.device_class) == ("p-ben", Grade.A, None, None)


def test_an_unknown_device_names_nobody() -> None:
    assert register().attribute("192.0.2.7", None, NOW).person_id is None


@pytest.mark.parametrize("device_class", sorted(NEVER_RECORDED))
@pytest.mark.parametrize("signed_in", [None, sign_in()])
def test_pupils_guests_and_personal_devices_never_name_a_person(
    device_class: DeviceClass, signed_in: ProxySignIn | None
) -> None:
    found = register(devices=(replace(LAPTOP, device_class=device_class),)).attribute("10.0.0.1", signed_in, NOW)
    assert (found.person_id, found.grade, found.recorded) == (None, Grade.NONE, False)


def test_a_shared_device_names_nobody_until_somebody_signs_in() -> None:
    shared = register(devices=(replace(LAPTOP, device_class=DeviceClass.SHARED),))
    assert shared.attribute("10.0.0.1", None, NOW).person_id is None
    assert shared.attribute("10.0.0.1", sign_in(), NOW).person_id == "p-ben"


def test_an_address_that_two_devices_claim_names_neither() -> None:
    other = replace(LAPTOP, device_id="d-2", person_id="p-ben")
    found = register(devices=(LAPTOP, other)).attribute("10.0.0.1", None, NOW)
    assert (found.person_id, found.device_id) == (None, None)


def test_a_device_is_not_known_before_its_assignment_began() -> None:
    assert register().attribute("10.0.0.1", None, LAPTOP.from_ms - 1).person_id is None


@pytest.mark.parametrize(
    "person",
    [replace(ANNE, from_ms=NOW + 1), replace(ANNE, until_ms=NOW), replace(ANNE, person_id="p-gone")],
    ids=["not yet", "no longer", "not in the register"],
)
def test_somebody_not_on_the_staff_is_nobody(person: Person) -> None:
    assert register(people=(person,)).attribute("10.0.0.1", None, NOW).person_id is None


@pytest.mark.parametrize("told_ms", [0, NOW + 1])
def test_a_person_not_told_yet_is_named_but_not_recorded(told_ms: int) -> None:
    found = register(people=(replace(ANNE, told_ms=told_ms),)).attribute("10.0.0.1", None, NOW)
    assert (found.person_id, found.told, found.recorded) == ("p-anne", False, False)


def test_a_sign_in_ends_when_the_password_is_changed() -> None:
    changed = register(people=(ANNE, replace(BEN, password_hash="hash-new")))
    assert changed.attribute("192.0.2.7", sign_in(), NOW).person_id is None


def test_a_failed_sign_in_does_not_fall_back_to_the_devices_person() -> None:
    gone = register(people=(ANNE,))
    assert gone.attribute("10.0.0.1", sign_in(), NOW).person_id is None


def test_usernames_are_found_in_any_case_and_never_where_two_share_one() -> None:
    assert register().by_username("anne.ARCHER", NOW) == ANNE
    assert register(people=(ANNE, replace(BEN, username="ANNE.archer"))).by_username("anne.archer", NOW) is None
    assert register().by_username("anne.archer", ANNE.from_ms - 1) is None


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "10.0.0.1"),
        ("not an address", "not an address"),
    ],
)
def test_an_address_has_one_plain_form(written: str, plain: str) -> None:
    assert plain_address(written) == plain


def test_an_ipv4_client_is_found_behind_an_ipv6_socket() -> None:
    assert register().attribute("::ffff:10.0.0.1", None, NOW).person_id == "p-anne"


_IDS = st.sampled_from(["p-1", "p-2", "p-3"])
_TIMES = st.sampled_from([0, NOW - 2, NOW - 1, NOW, NOW + 1])
_ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "::ffff:10.0.0.1", "2001:db8::1"])


@st.composite
def people(draw: Any) -> tuple[Person, ...]:
    return tuple(
        Person(
            person_id=person_id,
            username=draw(st.sampled_from(["u1", "U1", "u2"])),
            password_hash=draw(st.sampled_from(["", "h1", "h2"])),
            from_ms=draw(_TIMES),
            until_ms=draw(_TIMES),
            told_ms=draw(_TIMES),
            hours="",
        )
        for person_id in draw(st.lists(_IDS, unique=True))
    )


_DEVICES = st.builds(
    Device,
    device_id=st.sampled_from(["d-1", "d-2", "d-3"]),
    device_class=st.sampled_from(DeviceClass),
    addresses=st.lists(_ADDRESSES, max_size=2).map(tuple),
    person_id=st.none() | _IDS,
    from_ms=_TIMES,
)
_SIGN_INS = st.none() | st.builds(
    ProxySignIn,
    person_id=_IDS,
    binding_id=st.just("proxy:x"),
    since_ms=_TIMES,
    password_hash=st.sampled_from(["", "h1", "h2"]),
)


@given(people(), st.lists(_DEVICES, max_size=4).map(tuple), _ADDRESSES | st.text(), _SIGN_INS)
def test_a_guess_is_never_made(
    staff: tuple[Person, ...], devices: tuple[Device, ...], address: str, signed_in: ProxySignIn | None
) -> None:
    found = register(staff, devices).attribute(address, signed_in, NOW)
    claims = [device for device in devices if plain_address(address) in map(plain_address, device.addresses)]
    if found.person_id is None:
        assert (found.method, found.grade, found.binding_id, found.told) == (Method.NONE, Grade.NONE, None, False)
        return
    person = next(person for person in staff if person.person_id == found.person_id)
    assert person.from_ms <= NOW
    assert person.until_ms == 0 or person.until_ms > NOW
    assert found.told == (0 < person.told_ms <= NOW)
    if found.grade is Grade.A:
        assert signed_in is not None
        assert (signed_in.person_id, signed_in.password_hash) == (person.person_id, person.password_hash)
    else:
        assert found.grade is Grade.B
        assert signed_in is None
        assert len(claims) == 1
        assert claims[0].person_id == person.person_id
        assert claims[0].device_class is DeviceClass.STAFF
    if len(claims) == 1 and claims[0].from_ms <= NOW:
        assert claims[0].device_class not in NEVER_RECORDED
