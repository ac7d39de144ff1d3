"""Nobody permits themselves; what was permitted is never rewritten."""

from typing import Any

import pytest

from analytics.governance import Role
from analytics.snapshot import Window
from config.errors import AccessDenied, FairgateError
from tests.analytics.governance.office import PASSWORD, Office

LUNCH = Window(weekday=0, start=720, end=780)


def test_the_headteacher_permits_and_the_register_says_why_and_by_whom(office: Office) -> None:
    ann = office.governance.people.add("Ann Bell")
    head = office.viewer(Role.HEADTEACHER)
    permission = office.governance.permissions.grant(
        head, ann, reason="moving  house", categories=["property"], hosts=["Rightmove.co.uk"], windows=[LUNCH]
    )
    (granted,) = office.governance.permissions.all()
    assert granted.permission_id == permission
    assert granted.reason == "moving house"
    assert granted.hosts == ("rightmove.co.uk",)
    assert granted.windows == (LUNCH,)
    assert granted.granted_by == head.account_id
    assert office.governance.audit.entries(whom=ann)[0].why == "moving house"


def test_the_headteacher_is_permitted_by_the_chair_alone(office: Office) -> None:
    head, chair = office.viewer(Role.HEADTEACHER), office.viewer(Role.CHAIR)
    grant = office.governance.permissions.grant
    with pytest.raises(AccessDenied, match="Chair"):
        grant(head, head.person_id, reason="travel", categories=["travel"])
    assert grant(chair, head.person_id, reason="travel", categories=["travel"])


@pytest.mark.parametrize("role", [Role.CHAIR, Role.TECHNICIAN])
def test_nobody_else_permits_anybody(office: Office, role: Role) -> None:
    ann = office.governance.people.add("Ann Bell")
    with pytest.raises(AccessDenied, match="Headteacher"):
        office.governance.permissions.grant(office.viewer(role), ann, reason="travel", categories=["travel"])


def test_a_former_headteacher_permits_nothing(office: Office) -> None:
    former = office.viewer(Role.HEADTEACHER)
    office.governance.holdings.end(former.account_id, Role.HEADTEACHER)
    with pytest.raises(AccessDenied):
        office.governance.permissions.grant(former, None, reason="travel", categories=["travel"])


@pytest.mark.parametrize(
    "fault",
    [
        {"categories": []},
        {"reason": "  "},
        {"from_ms": 2_000, "until_ms": 1_000},
        {"windows": [Window(weekday=0, start=1_380, end=60)]},
        {"windows": [Window(weekday=7, start=0, end=60)]},
    ],
)
def test_a_permission_that_says_too_little_or_nonsense_is_refused(office: Office, fault: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"reason": "travel", "categories": ["travel"]}
    with pytest.raises(FairgateError):
        office.governance.permissions.grant(office.viewer(Role.HEADTEACHER), None, **{**plain, **fault})
    assert office.governance.permissions.all() == ()


def test_an_ended_permission_stays_in_the_register(office: Office) -> None:
    head = office.viewer(Role.HEADTEACHER)
    permission = office.governance.permissions.grant(
        head, None, reason="Christmas", categories=["shopping"], from_ms=1_000
    )
    office.governance.permissions.end(head, permission, "term began", until_ms=5_000)
    (ended,) = office.governance.permissions.all()
    assert (ended.from_ms, ended.until_ms, ended.reason) == (1_000, 5_000, "Christmas")
    with pytest.raises(FairgateError, match="ended already"):
        office.governance.permissions.end(head, permission, "again", until_ms=6_000)


def test_the_vice_chair_cannot_stand_in_by_holding_both(office: Office) -> None:
    person = office.governance.people.add("Vice")
    account = office.governance.accounts.add("vice", "Vice", PASSWORD, person_id=person)
    office.governance.holdings.grant(account, Role.VICE_CHAIR)
    with pytest.raises(AccessDenied):
        office.governance.permissions.grant(
            office.governance.viewer(account), None, reason="travel", categories=["travel"]
        )
