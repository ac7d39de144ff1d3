"""A permission for everybody covers the Headteacher only once the Chair has confirmed it."""

from pathlib import Path

import pytest

from analytics.governance import Action, Role
from analytics.governance.database import now_ms
from analytics.governance.publish import publish_snapshot
from analytics.permission import permission_for
from analytics.snapshot import HeldBack, read_snapshot
from config.errors import AccessDenied, FairgateError
from tests.analytics.governance.office import PASSWORD, POLICY, Office


@pytest.fixture
def lunch(office: Office) -> str:
    """A permission for everybody."""
    return office.governance.permissions.grant(
        office.viewer(Role.HEADTEACHER), None, policy=POLICY, reason="at lunch", categories=["shopping"]
    )


def covered(office: Office, person_id: str | None, place: Path) -> str | None:
    """What the gateway finds, for a shop a second from now."""
    publish_snapshot(office.governance, "v1", place)
    return permission_for(read_snapshot(place).permissions, person_id, "shopping", "shop.example", now_ms() + 1000)


def test_it_covers_everybody_else_at_once_and_the_headteacher_when_confirmed(
    office: Office, lunch: str, tmp_path: Path
) -> None:
    governance, place = office.governance, tmp_path / "snapshot.json"
    ann, head = governance.people.add("Ann Bell"), str(office.viewer(Role.HEADTEACHER).person_id)
    assert covered(office, ann, place) == lunch
    assert covered(office, head, place) is None
    assert governance.permissions.of(head) == ()
    assert governance.confirmations.waiting() == ((lunch, head),)
    before = now_ms()
    governance.confirmations.decide(office.viewer(Role.CHAIR), lunch, head, True, "The same rule for everybody")
    assert covered(office, head, place) == lunch
    assert governance.permissions.of(head)[0].from_ms >= before
    assert governance.confirmations.waiting() == ()
    entry = next(each for each in governance.audit.entries(whom=head) if each.what == Action.PERMISSION_CONFIRMED)
    assert (entry.why, entry.detail["permission_id"]) == ("The same rule for everybody", lunch)


def test_it_never_covers_the_headteacher_before_the_confirmation(office: Office, lunch: str, tmp_path: Path) -> None:
    head = str(office.viewer(Role.HEADTEACHER).person_id)
    office.governance.confirmations.decide(office.viewer(Role.CHAIR), lunch, head, True, "yes")
    (answer,) = office.governance.confirmations.all()
    (permission,) = publish_snapshot(office.governance, "v1", tmp_path / "s.json").permissions
    assert permission.held_back == (HeldBack(person_id=head, from_ms=answer.decided_ms),)
    at = answer.decided_ms
    assert permission_for([permission], head, "shopping", "shop.example", at - 1) is None
    assert permission_for([permission], head, "shopping", "shop.example", at) == lunch


def test_an_answer_of_no_stands_and_covers_nothing(office: Office, lunch: str, tmp_path: Path) -> None:
    governance, chair = office.governance, office.viewer(Role.CHAIR)
    head = str(office.viewer(Role.HEADTEACHER).person_id)
    governance.confirmations.decide(chair, lunch, head, False, "Ask for your own")
    assert covered(office, head, tmp_path / "s.json") is None
    assert governance.confirmations.waiting() == ()
    with pytest.raises(FairgateError, match="answered already"):
        governance.confirmations.decide(chair, lunch, head, True, "after all")


def test_only_the_chair_answers_and_only_what_waits(office: Office, lunch: str) -> None:
    governance, chair = office.governance, office.viewer(Role.CHAIR)
    head = str(office.viewer(Role.HEADTEACHER).person_id)
    ann = governance.people.add("Ann Bell")
    for role in (Role.HEADTEACHER, Role.TECHNICIAN):
        with pytest.raises(AccessDenied):
            governance.confirmations.decide(office.viewer(role), lunch, head, True, "yes")
    with pytest.raises(FairgateError, match="nothing to confirm"):
        governance.confirmations.decide(chair, lunch, ann, True, "yes")
    with pytest.raises(FairgateError, match="nothing to confirm"):
        governance.confirmations.decide(chair, "m-none", head, True, "yes")
    with pytest.raises(FairgateError, match="why"):
        governance.confirmations.decide(chair, lunch, head, True, "  ")
    own = governance.permissions.grant(
        office.viewer(Role.HEADTEACHER), ann, policy=POLICY, reason="x", categories=["travel"]
    )
    with pytest.raises(FairgateError, match="nothing to confirm"):
        governance.confirmations.decide(chair, own, head, True, "yes")


def test_whoever_gave_it_stays_held_back_when_they_are_headteacher_no_longer(office: Office, lunch: str) -> None:
    governance, former = office.governance, office.viewer(Role.HEADTEACHER)
    governance.holdings.end(former.account_id, Role.HEADTEACHER)
    person = governance.people.add("New Head")
    account = governance.accounts.add("newhead", "New Head", PASSWORD, person_id=person)
    governance.holdings.grant(account, Role.HEADTEACHER)
    assert {each for _, each in governance.confirmations.waiting()} == {former.person_id, person}


def test_what_has_ended_waits_for_nobody(office: Office, lunch: str) -> None:
    office.governance.permissions.end(office.viewer(Role.HEADTEACHER), lunch, "over")
    assert office.governance.confirmations.waiting() == ()
