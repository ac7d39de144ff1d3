"""Everybody asks for themselves; somebody else decides, once, with a reason; all of it stands in the audit log."""

from collections.abc import Callable
from typing import Any

import pytest

from analytics.governance import Action, Role, Viewer
from analytics.governance.database import now_ms
from analytics.governance.permission_requests import MOST_WAITING, PermissionRequest, RequestState
from analytics.snapshot import Window
from config.errors import AccessDenied, FairgateError
from tests.analytics.governance.office import PASSWORD, POLICY, Office

LUNCH = Window(weekday=0, start=720, end=780)
NIGHT = Window(weekday=4, start=1320, end=120)


@pytest.fixture
def ann(office: Office) -> Viewer:
    """A member of staff with a sign-in of her own."""
    person = office.governance.people.add("Ann Bell")
    account = office.governance.accounts.add("ann", "Ann Bell", PASSWORD, person_id=person)
    office.governance.holdings.grant(account, Role.STAFF)
    return office.governance.viewer(account)


def ask(office: Office, by: Viewer, **changes: Any) -> str:
    plain: dict[str, Any] = {"why": "moving  house", "categories": ["property", "travel"], "windows": [LUNCH]}
    return office.governance.permission_requests.ask(by, policy=POLICY, **{**plain, **changes})


def only(office: Office) -> PermissionRequest:
    (request,) = office.governance.permission_requests.all()
    return request


def newest(office: Office) -> Any:
    return office.governance.audit.entries(limit=1)[0]


def test_what_was_asked_stands_as_it_was_asked(office: Office, ann: Viewer) -> None:
    request_id = ask(office, ann, hosts=["https://www.Rightmove.co.uk/"], windows=[NIGHT])
    request = only(office)
    assert (request.request_id, request.person_id, request.state) == (request_id, ann.person_id, RequestState.WAITING)
    assert (request.why, request.terms.hosts, request.terms.windows) == ("moving house", ("rightmove.co.uk",), (NIGHT,))
    entry = newest(office)
    assert (entry.what, entry.who, entry.whom) == (Action.PERMISSION_ASKED, ann.account_id, ann.person_id)
    assert (entry.why, entry.detail["categories"]) == ("moving house", "property, travel")


def test_granted_as_asked_it_is_in_the_register_with_the_askers_reason(office: Office, ann: Viewer) -> None:
    head, requests = office.viewer(Role.HEADTEACHER), office.governance.permission_requests
    permission_id = requests.grant(head, ask(office, ann), policy=POLICY)
    (granted,) = office.governance.permissions.all()
    assert granted.permission_id == permission_id == only(office).permission_id
    assert (granted.person_id, granted.categories, granted.windows) == (ann.person_id, ("property", "travel"), (LUNCH,))
    assert (granted.reason, granted.granted_by) == ("moving house", head.account_id)
    assert only(office).state is RequestState.GRANTED
    assert newest(office).detail["request_id"] == only(office).request_id
    assert office.governance.verify_audit() == []


def test_limited_it_grants_less_or_at_other_times_with_a_reason(office: Office, ann: Viewer) -> None:
    head, requests = office.viewer(Role.HEADTEACHER), office.governance.permission_requests
    request_id = ask(office, ann, hosts=["bbc.co.uk"])
    with pytest.raises(FairgateError, match="why less"):
        requests.limit(head, request_id, policy=POLICY, reason="", categories=["property"])
    with pytest.raises(FairgateError, match="not asked for"):
        requests.limit(head, request_id, policy=POLICY, reason="less", categories=["shopping"])
    with pytest.raises(FairgateError, match="not asked for"):
        requests.limit(head, request_id, policy=POLICY, reason="less", hosts=["ebay.co.uk"])
    until = now_ms() + 10**6
    requests.limit(
        head, request_id, policy=POLICY, reason="Only this week", categories=["property"], hosts=["bbc.co.uk/sport"],
        windows=[NIGHT], until_ms=until,
    )  # fmt: skip
    (granted,) = office.governance.permissions.all()
    assert (granted.categories, granted.hosts) == (("property",), ("bbc.co.uk/sport",))
    assert (granted.windows, granted.until_ms, granted.reason) == ((NIGHT,), until, "Only this week")
    request = only(office)
    assert (request.state, request.decided_why) == (RequestState.LIMITED, "Only this week")
    assert request.terms.categories == ("property", "travel")
    assert newest(office).detail["decision"] == "limited"


def test_refused_it_permits_nothing_and_says_why(office: Office, ann: Viewer) -> None:
    head, requests = office.viewer(Role.HEADTEACHER), office.governance.permission_requests
    request_id = ask(office, ann)
    with pytest.raises(FairgateError, match="why"):
        requests.refuse(head, request_id, " ")
    requests.refuse(head, request_id, "Not in lessons")
    assert office.governance.permissions.all() == ()
    assert (only(office).state, only(office).decided_why) == (RequestState.REFUSED, "Not in lessons")
    entry = newest(office)
    assert (entry.what, entry.whom, entry.why) == (Action.PERMISSION_REFUSED, ann.person_id, "Not in lessons")


DECISIONS: dict[str, Callable[[Office, Viewer, str], object]] = {
    "grant": lambda office, by, request: office.governance.permission_requests.grant(by, request, policy=POLICY),
    "limit": lambda office, by, request: office.governance.permission_requests.limit(
        by, request, policy=POLICY, reason="less", categories=["travel"]
    ),
    "refuse": lambda office, by, request: office.governance.permission_requests.refuse(by, request, "no"),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_nobody_decides_on_their_own_and_the_chair_decides_for_the_headteacher(
    office: Office, ann: Viewer, decide: Callable[[Office, Viewer, str], object]
) -> None:
    head, chair = office.viewer(Role.HEADTEACHER), office.viewer(Role.CHAIR)
    of_ann, of_head, of_chair = (ask(office, each) for each in (ann, head, chair))
    for by, request in ((ann, of_ann), (chair, of_ann), (head, of_head), (chair, of_chair), (ann, of_head)):
        with pytest.raises(AccessDenied):
            decide(office, by, request)
    with pytest.raises(AccessDenied):
        decide(office, office.viewer(Role.TECHNICIAN), of_ann)
    for by, request in ((head, of_ann), (chair, of_head), (head, of_chair)):
        decide(office, by, request)
    assert {each.state for each in office.governance.permission_requests.all()} != {RequestState.WAITING}


@pytest.mark.parametrize("again", DECISIONS.values(), ids=DECISIONS)
def test_a_request_is_decided_once(office: Office, ann: Viewer, again: Callable[[Office, Viewer, str], object]) -> None:
    head = office.viewer(Role.HEADTEACHER)
    request = ask(office, ann)
    office.governance.permission_requests.refuse(head, request, "no")
    with pytest.raises(FairgateError, match="decided or withdrawn"):
        again(office, head, request)
    with pytest.raises(FairgateError, match="decided or withdrawn"):
        office.governance.permission_requests.withdraw(ann, request)
    assert office.governance.permissions.all() == ()


def test_two_who_decide_at_the_same_time_grant_it_once(
    office: Office, ann: Viewer, run_together: Callable[[int, Callable[[], object]], None]
) -> None:
    head, request = office.viewer(Role.HEADTEACHER), ask(office, ann)

    def decide() -> None:
        try:
            office.governance.permission_requests.grant(head, request, policy=POLICY)
        except FairgateError:
            return

    run_together(4, decide)
    assert len(office.governance.permissions.all()) == 1


def test_whoever_asked_may_withdraw_it_and_nobody_else(office: Office, ann: Viewer) -> None:
    request = ask(office, ann)
    with pytest.raises(FairgateError, match="no such request"):
        office.governance.permission_requests.withdraw(office.viewer(Role.HEADTEACHER), request)
    office.governance.permission_requests.withdraw(ann, request)
    assert only(office).state is RequestState.WITHDRAWN
    assert newest(office).what == Action.PERMISSION_WITHDRAWN


def test_whoever_the_policy_does_not_cover_or_who_left_asks_nothing(office: Office, ann: Viewer) -> None:
    account = office.governance.accounts.add("outside", "Outside", PASSWORD)
    office.governance.holdings.grant(account, Role.AUDITOR)
    with pytest.raises(AccessDenied, match="not linked"):
        ask(office, office.governance.viewer(account))
    office.governance.people.leave(str(ann.person_id), now_ms() - 1)
    with pytest.raises(AccessDenied, match="not linked"):
        ask(office, ann)
    office.governance.holdings.end(ann.account_id, Role.STAFF)
    with pytest.raises(AccessDenied, match="no longer act"):
        ask(office, ann)


def test_a_request_whose_time_is_over_can_be_limited_or_refused_but_not_granted(office: Office, ann: Viewer) -> None:
    head, requests = office.viewer(Role.HEADTEACHER), office.governance.permission_requests
    past = now_ms() - 10**9
    request = ask(office, ann, until_ms=past + 10**6, now=past)
    with pytest.raises(FairgateError, match="is over"):
        requests.grant(head, request, policy=POLICY)
    requests.limit(head, request, policy=POLICY, reason="next week then", categories=["travel"])
    assert office.governance.permissions.all()[0].from_ms >= now_ms() - 10**6


def test_a_request_that_waited_begins_when_it_is_granted(office: Office, ann: Viewer) -> None:
    request = ask(office, ann, now=now_ms() - 10**9)
    before = now_ms()
    office.governance.permission_requests.grant(office.viewer(Role.HEADTEACHER), request, policy=POLICY)
    assert office.governance.permissions.all()[0].from_ms >= before


def test_not_too_many_wait_at_once(office: Office, ann: Viewer) -> None:
    for _ in range(MOST_WAITING):
        ask(office, ann)
    with pytest.raises(FairgateError, match="Withdraw one"):
        ask(office, ann)


@pytest.mark.parametrize(
    "fault",
    [{"why": ""}, {"categories": []}, {"categories": ["adult"]}, {"hosts": ["co.uk"]}, {"until_ms": 5}],
    ids=str,
)
def test_a_request_that_cannot_be_permitted_is_refused_when_it_is_asked(
    office: Office, ann: Viewer, fault: dict[str, Any]
) -> None:
    with pytest.raises(FairgateError):
        ask(office, ann, **fault)
    assert office.governance.permission_requests.all() == ()
