"""Who gets an answer: every address and every callback, with no session and with each role."""

import pytest

from analytics.governance import Action, Role
from dashboard.app import Pages
from dashboard.guard import COOKIE
from tests.dashboard.small_school import HERE, PASSWORD, SmallSchool, call, signed_in

PLACES = ("status", "page", "visit-detail")
"""Every callback that runs here, by a place it fills."""
SERVES = {
    "status": set(Role),
    "page": set(Role),
    "visit-detail": {Role.HEADTEACHER, Role.CHAIR},
}
USERS = {"head": Role.HEADTEACHER, "chair": Role.CHAIR, "technician": Role.TECHNICIAN, "staff": Role.STAFF}


def test_every_callback_says_whom_it_serves(app: Pages) -> None:
    here = {name: each["callback"] for name, each in app.callback_map.items() if "callback" in each}
    assert len(here) == len(PLACES)
    for name, callback in here.items():
        place = next(place for place in PLACES if f"{place}." in name)
        assert callback.serves == SERVES[place], name


@pytest.mark.parametrize("place", PLACES)
def test_a_callback_without_a_session_is_401(app: Pages, place: str) -> None:
    answer = call(app, app.server.test_client(), place)
    assert answer.status_code == 401
    assert answer.text == "Please sign in."


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("user", "role"), USERS.items())
def test_a_callback_serves_the_roles_it_names_and_refuses_others(
    app: Pages, filled: SmallSchool, place: str, user: str, role: Role
) -> None:
    before = filled.here.governance.audit.head().seq
    answer = call(app, signed_in(app, user), place, address__pathname="/coverage", visits__selectedRows=[])
    if role in SERVES[place]:
        assert answer.status_code == 200
        return
    assert answer.status_code == 403
    refusals = [entry for entry in filled.here.governance.audit.entries() if entry.seq > before]
    assert [entry.role for entry in refusals if entry.what == Action.REFUSED] == [role]


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/person/p-1",
        "/coverage",
        "/report",
        "/nothing",
        "/new-password",
        "/permissions",
        "/permissions/ask",
        "/permissions/new",
        "/permissions/decide/q-1",
        "/permissions/end/m-1",
        "/permissions/confirm/m-1/p-1",
    ],
)
def test_a_page_without_a_session_leads_to_the_sign_in(app: Pages, address: str) -> None:
    answer = app.server.test_client().get(address)
    assert answer.status_code == 302
    assert answer.location == "/sign-in"


@pytest.mark.parametrize(
    "address",
    [
        "/_dash-layout",
        "/_dash-dependencies",
        "/_dash-component-suites/dash/dcc/dash_core_components.js",
        "/_reload-hash",
    ],
)
def test_dashs_own_addresses_need_a_session_too(app: Pages, address: str) -> None:
    assert app.server.test_client().get(address).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a" * 3000, "../../etc"])
def test_a_made_up_session_is_none(app: Pages, token: str) -> None:
    client = app.server.test_client()
    client.set_cookie(COOKIE, token)
    assert client.get("/_dash-layout").status_code == 401


def test_a_session_ends_at_once_when_the_role_ends(fresh: SmallSchool) -> None:
    app = fresh.app()
    client = signed_in(app, "chair")
    assert call(app, client, "status").status_code == 200
    governance = fresh.here.governance
    account = governance.holdings.accounts(Role.CHAIR)[0]
    governance.holdings.end(account, Role.CHAIR)
    assert call(app, client, "status").status_code == 401


def test_a_session_ended_from_outside_ends_at_once(fresh: SmallSchool) -> None:
    app = fresh.app()
    client = signed_in(app, "head")
    governance = fresh.here.governance
    account = governance.holdings.accounts(Role.HEADTEACHER)[0]
    governance.door.end_all(account, "lost laptop", account)
    assert call(app, client, "page", address__pathname="/").status_code == 401


def test_a_one_time_password_opens_nothing_but_its_own_change(fresh: SmallSchool) -> None:
    governance = fresh.here.governance
    governance.accounts.reset_password(governance.holdings.accounts(Role.CHAIR)[0], PASSWORD)
    app = fresh.app()
    client = signed_in(app, "chair")
    assert client.get("/").location == "/new-password"
    assert call(app, client, "page", address__pathname="/").status_code == 403
    assert client.get("/new-password").status_code == 200


def test_the_mcp_door_and_websockets_stay_shut(app: Pages) -> None:
    assert {rule.rule for rule in app.server.url_map.iter_rules() if "mcp" in rule.rule or "ws" in rule.rule} == set()


def test_refusals_name_no_status_or_trace(app: Pages) -> None:
    answer = call(app, signed_in(app, "technician"), "visit-detail")
    assert "Your role does not open this" in answer.text
    assert "Traceback" not in answer.text
    assert HERE["Origin"]


FORMS = {
    "/permissions/ask": {"head", "chair", "technician", "staff"},
    "/permissions/new": {"head", "chair"},
    "/permissions/decide/q-1": {"head", "chair"},
    "/permissions/end/m-1": {"head", "chair"},
    "/permissions/confirm/m-1/p-1": {"chair"},
}
"""Whom each form is for; an id that leads nowhere is 404 to them, and says nothing to anybody else."""


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(("address", "users"), FORMS.items())
def test_a_permission_form_is_for_those_who_may_send_it(
    app: Pages, filled: SmallSchool, user: str, address: str, users: set[str]
) -> None:
    client, before = signed_in(app, user), filled.here.governance.audit.head().seq
    for answer in (client.get(address), client.post(address, data={}, headers=HERE)):
        expected = {200, 400, 404} if user in users else {403}
        assert answer.status_code in expected
    refusals = [each for each in filled.here.governance.audit.entries() if each.seq > before]
    assert sum(each.what == Action.REFUSED for each in refusals) == (0 if user in users else 2)


def test_a_member_of_staff_comes_to_their_permissions_and_to_no_other_page(app: Pages, filled: SmallSchool) -> None:
    client = signed_in(app, "staff")
    assert "What you are permitted" in call(app, client, "page", address__pathname="/").text
    for path in ("/coverage", f"/person/{filled.people['Bethan Askew']}"):
        assert "Not permitted" in call(app, client, "page", address__pathname=path).text
