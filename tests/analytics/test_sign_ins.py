"""Whom the sign-ins at one device name: each rule, and that nobody is ever named without one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.event import Grade, Method
from analytics.sign_ins import EQUALLY_FRESH_MS, NOBODY, SignedIn, decide

HOUR = 3_600_000


def at(hour: float, person: str = "p-anne", source: Method = Method.RADIUS, *, unproved: bool = False) -> SignedIn:
    moment = int(hour * HOUR)
    return SignedIn(person_id=person, source=source, binding_id=f"{source}:{hour}", from_ms=moment, unproved=unproved)


def named(*sign_ins: SignedIn, owner: str | None = None, elsewhere: bool = False) -> tuple[str, Grade]:
    decided = decide(sign_ins, owner, lambda _: elsewhere)
    return (decided.sign_in.person_id if decided.sign_in else "", decided.grade)


@pytest.mark.parametrize("source", [Method.RADIUS, Method.DOT1X, Method.PORTAL, Method.PROXY])
def test_whoever_gave_their_own_password_is_sure(source: Method) -> None:
    assert named(at(1, source=source)) == ("p-anne", Grade.A)


@pytest.mark.parametrize(("owner", "grade"), [("p-anne", Grade.B), ("p-ben", Grade.C), (None, Grade.C)])
def test_a_logon_script_alone_could_say_any_name(owner: str | None, grade: Grade) -> None:
    assert named(at(1, source=Method.HOOK), owner=owner) == ("p-anne", grade)


def test_a_logon_script_that_another_source_bears_out_is_sure() -> None:
    assert named(at(2, source=Method.HOOK), at(1)) == ("p-anne", Grade.A)


def test_two_people_side_by_side_name_the_later_and_unsurely() -> None:
    assert named(at(1), at(2, "p-ben", Method.PORTAL)) == ("p-ben", Grade.C)


def test_two_people_who_came_at_the_same_time_name_nobody() -> None:
    ben = SignedIn(person_id="p-ben", source=Method.PORTAL, binding_id="x", from_ms=HOUR + EQUALLY_FRESH_MS - 1)
    assert decide([at(1), ben], None, lambda _: False) == NOBODY


def test_a_pupil_after_a_teacher_is_nobody_and_a_teacher_after_a_pupil_unsure() -> None:
    assert named(at(1), at(2, "", Method.HOOK)) == ("", Grade.NONE)
    assert named(at(1, "", Method.HOOK), at(2)) == ("p-anne", Grade.C)


def test_a_person_at_two_devices_is_unsure_at_the_one_that_is_not_theirs() -> None:
    assert named(at(1), elsewhere=True) == ("p-anne", Grade.C)
    assert named(at(1), owner="p-anne", elsewhere=True) == ("p-anne", Grade.A)


@pytest.mark.parametrize("owner", ["p-anne", None])
def test_a_name_that_nobody_checked_is_unsure_unless_another_sign_in_bears_it_out(owner: str | None) -> None:
    assert named(at(1, unproved=True), owner=owner) == ("p-anne", Grade.C)
    assert named(at(1), at(2, source=Method.DOT1X, unproved=True), owner=owner) == ("p-anne", Grade.A)
    assert named(at(1), at(2, "p-ben", Method.DOT1X, unproved=True), owner=owner) == ("p-ben", Grade.C)
    assert named(at(1), at(2, "", Method.DOT1X, unproved=True), owner=owner) == ("", Grade.NONE)


SIGN_INS = st.lists(
    st.builds(
        SignedIn,
        person_id=st.sampled_from(["", "p-1", "p-2"]),
        source=st.sampled_from([Method.RADIUS, Method.DOT1X, Method.PORTAL, Method.PROXY, Method.HOOK]),
        binding_id=st.uuids().map(str),
        from_ms=st.integers(0, 5 * EQUALLY_FRESH_MS),
    ),
    min_size=1,
    max_size=5,
)


@given(SIGN_INS, st.sampled_from([None, "p-1", "p-2"]), st.booleans(), st.randoms())
def test_a_guess_is_never_made(sign_ins: list[SignedIn], owner: str | None, elsewhere: bool, chance: object) -> None:
    decided = decide(sign_ins, owner, lambda _: elsewhere)
    assert decide(list(reversed(sign_ins)), owner, lambda _: elsewhere) == decided
    latest = max(each.from_ms for each in sign_ins)
    if decided.sign_in is None:
        assert decided.grade is Grade.NONE
        return
    assert decided.sign_in in sign_ins
    person = decided.sign_in.person_id
    assert person
    assert person in {each.person_id for each in sign_ins if each.from_ms == latest}
    if decided.grade is Grade.A:
        assert {each.person_id for each in sign_ins} == {person}
        assert any(each.source is not Method.HOOK for each in sign_ins)
        assert owner == person or not elsewhere
    if decided.grade is Grade.B:
        assert owner == person
