"""Nobody permits themselves; what was permitted is never rewritten."""

from datetime import date, timedelta
from typing import Any

import pytest

from analytics.governance import Governance, Role, Viewer
from analytics.governance.database import now_ms
from analytics.governance.models import PermissionRow
from analytics.governance.permission_terms import london_date
from analytics.snapshot import Window
from config.errors import AccessDenied, FairgateError
from tests.analytics.governance.office import PASSWORD, POLICY, Office

LUNCH = Window(weekday=0, start=720, end=780)
DAY_MS = 86_400_000


def grant(governance: Governance, by: Viewer, person_id: str | None, **changes: Any) -> str:
    plain: dict[str, Any] = {"reason": "travel", "categories": ["travel"]}
    return governance.permissions.grant(by, person_id, policy=POLICY, **{**plain, **changes})


def test_the_headteacher_permits_and_the_register_says_why_and_by_whom(office: Office) -> None:
    ann = office.governance.people.add("Ann Bell")
    head = office.viewer(Role.HEADTEACHER)
    permission = grant(
        office.governance,
        head,
        ann,
        reason="moving  house",
        categories=["property"],
        hosts=["https://WWW.Rightmove.co.uk:443/"],
        windows=[LUNCH],
    )
    (granted,) = office.governance.permissions.all()
    assert granted.permission_id == permission
    assert granted.reason == "moving house"
    assert granted.hosts == ("rightmove.co.uk",)
    assert granted.windows == (LUNCH,)
    assert granted.granted_by == head.account_id
    entry = office.governance.audit.entries(whom=ann)[0]
    assert entry.why == "moving house"
    assert (entry.detail["categories"], entry.detail["sites"]) == ("property", "rightmove.co.uk")
    assert entry.detail["windows"] == "0 720-780"


def test_the_headteacher_is_permitted_by_the_chair_alone(office: Office) -> None:
    head, chair = office.viewer(Role.HEADTEACHER), office.viewer(Role.CHAIR)
    with pytest.raises(AccessDenied, match="Chair"):
        grant(office.governance, head, head.person_id)
    assert grant(office.governance, chair, head.person_id)


@pytest.mark.parametrize("role", [Role.CHAIR, Role.TECHNICIAN])
def test_nobody_else_permits_anybody(office: Office, role: Role) -> None:
    ann = office.governance.people.add("Ann Bell")
    with pytest.raises(AccessDenied, match="Headteacher"):
        grant(office.governance, office.viewer(role), ann)


def test_a_former_headteacher_permits_nothing(office: Office) -> None:
    former = office.viewer(Role.HEADTEACHER)
    office.governance.holdings.end(former.account_id, Role.HEADTEACHER)
    with pytest.raises(AccessDenied):
        grant(office.governance, former, None)


@pytest.mark.parametrize(
    "fault",
    [
        {"categories": []},
        {"categories": ["gambling"]},
        {"hosts": ["co.uk"]},
        {"reason": "  "},
        {"reason": "x" * 1001},
        {"until_ms": 1_000},
        {"from_ms": 1_000},
        {"windows": [Window(weekday=0, start=600, end=600)]},
        {"windows": [Window(weekday=7, start=0, end=60)]},
        {"said_earlier": date(2999, 1, 1)},
    ],
    ids=str,
)
def test_a_permission_that_says_too_little_or_nonsense_is_refused(office: Office, fault: dict[str, Any]) -> None:
    with pytest.raises(FairgateError):
        grant(office.governance, office.viewer(Role.HEADTEACHER), None, **fault)
    assert office.governance.permissions.all() == ()


def test_it_is_never_backdated_but_an_earlier_word_can_be_noted(office: Office) -> None:
    head, before = office.viewer(Role.HEADTEACHER), now_ms()
    with pytest.raises(FairgateError, match="by word of mouth"):
        grant(office.governance, head, None, from_ms=before - DAY_MS)
    said = london_date(before) - timedelta(days=20)
    grant(office.governance, head, None, said_earlier=said)
    (granted,) = office.governance.permissions.all()
    assert granted.from_ms == granted.granted_ms >= before
    assert granted.said_earlier == said.isoformat()
    assert office.governance.audit.entries(limit=1)[0].detail["said_earlier"] == said.isoformat()


def test_an_ended_permission_stays_in_the_register_with_who_ended_it_and_why(office: Office) -> None:
    head = office.viewer(Role.HEADTEACHER)
    permission = grant(office.governance, head, None, reason="Christmas", categories=["shopping"])
    (before,) = office.governance.permissions.all()
    office.governance.permissions.end(head, permission, "term  began")
    (ended,) = office.governance.permissions.all()
    assert (ended.from_ms, ended.reason) == (before.from_ms, "Christmas")
    assert 0 < ended.until_ms <= now_ms() + 1
    assert (ended.ended_by, ended.ended_why) == (head.account_id, "term began")
    with pytest.raises(FairgateError, match="ended already"):
        office.governance.permissions.end(head, permission, "again")


def test_what_was_covered_until_now_cannot_be_taken_back(office: Office) -> None:
    head = office.viewer(Role.HEADTEACHER)
    permission = grant(office.governance, head, None)
    with pytest.raises(FairgateError, match="now or later"):
        office.governance.permissions.end(head, permission, "regretted", until_ms=now_ms() - 1000)
    with pytest.raises(FairgateError, match="why"):
        office.governance.permissions.end(head, permission, " ")
    assert office.governance.permissions.all()[0].until_ms == 0


def test_the_vice_chair_cannot_stand_in_by_holding_both(office: Office) -> None:
    person = office.governance.people.add("Vice")
    account = office.governance.accounts.add("vice", "Vice", PASSWORD, person_id=person)
    office.governance.holdings.grant(account, Role.VICE_CHAIR)
    with pytest.raises(AccessDenied):
        grant(office.governance, office.governance.viewer(account), None)


def test_a_person_sees_their_own_and_everyones(office: Office) -> None:
    governance, head = office.governance, office.viewer(Role.HEADTEACHER)
    ann, zoe = governance.people.add("Ann Bell"), governance.people.add("Zoe Quill")
    own, everyones = grant(governance, head, ann), grant(governance, head, None)
    assert [each.permission_id for each in governance.permissions.of(ann)] == [own, everyones]
    assert [each.permission_id for each in governance.permissions.of(zoe)] == [everyones]


def test_a_row_from_before_sites_were_read_still_stands(office: Office) -> None:
    with office.governance.database.write() as work:
        work.add(_old_row(office.viewer(Role.HEADTEACHER).account_id))
    (granted,) = office.governance.permissions.all()
    assert granted.hosts == ("https://Rightmove.co.uk/",)
    assert (granted.said_earlier, granted.ended_by) == ("", "")


def _old_row(account_id: str) -> PermissionRow:
    return PermissionRow(
        permission_id="m-old", person_id=None, categories=[], hosts=["https://Rightmove.co.uk/"], windows=[],
        reason="moving", granted_by=account_id, granted_ms=1, from_ms=1, until_ms=0,
    )  # fmt: skip
