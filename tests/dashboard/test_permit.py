"""Asking, deciding, giving, confirming and ending, as a browser sends it; and what then holds at the gateway."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from analytics.governance import Action, Role
from analytics.permission import permission_for
from analytics.snapshot import Permission, Window, read_snapshot
from dashboard.app import Pages
from dashboard.moments import day_bounds_ms, london_day, now_ms
from tests.dashboard.small_school import HERE, SmallSchool, call, form_token, said, signed_in

TODAY = london_day(now_ms())
ASKED: dict[str, Any] = {
    "categories": ["travel", "property"],
    "sites": "https://www.Rightmove.co.uk/\nbbc.co.uk/sport",
    "days": ["4"],
    "start": "22:00",
    "end": "02:00",
    "why": "moving house",
}


class Office:
    """Browsers of the school's people, and the register behind them."""

    def __init__(self, school: SmallSchool) -> None:
        self.school, self.app = school, school.app()
        self.governance = school.here.governance
        self.clients = {name: signed_in(self.app, name) for name in ("head", "chair", "staff", "technician")}

    def send(self, user: str, address: str, form: dict[str, Any], shown_at: str | None = None) -> TestResponse:
        client: FlaskClient = self.clients[user]
        token = form_token(client, shown_at or address)
        return client.post(address, data={**form, "csrf_token": token}, headers=HERE)

    def page(self, user: str, search: str = "") -> str:
        answer = call(self.app, self.clients[user], "page", address__pathname="/permissions", address__search=search)
        return said(answer)

    def asked(self) -> str:
        return self.governance.permission_requests.all()[-1].request_id

    def at_gateway(self) -> tuple[Permission, ...]:
        return read_snapshot(self.school.here.state.snapshot).permissions


@pytest.fixture
def office(fresh: SmallSchool) -> Office:
    return Office(fresh)


def test_from_the_question_to_the_gateway(office: Office) -> None:
    answer = office.send("staff", "/permissions/ask", ASKED)
    assert (answer.status_code, answer.location) == (303, "/permissions?done=asked")
    page = office.page("head")
    for part in ("Bethan Askew", "Property, Travel and holidays, bbc.co.uk/sport and rightmove.co.uk",
                 "Friday, 22:00 to 02:00 the next day", "“moving house”"):  # fmt: skip
        assert part in page
    answer = office.send("head", f"/permissions/decide/{office.asked()}", {"decision": "grant", "why": "Agreed"})
    assert answer.location == "/permissions?done=granted"
    (permission,) = office.at_gateway()
    assert permission.windows == (Window(weekday=4, start=1320, end=120),)
    assert permission.hosts == ("bbc.co.uk/sport", "rightmove.co.uk")
    assert permission.person_id == office.school.people["Bethan Askew"]
    mine = office.page("staff", "?done=granted")
    assert "In force at the gateway since" in mine
    assert "“Agreed”" in mine
    assert "In force at the gateway since" in office.page("head")


def test_a_part_of_it_is_granted_with_the_reason(office: Office) -> None:
    office.send("staff", "/permissions/ask", ASKED)
    address = f"/permissions/decide/{office.asked()}"
    shown = office.clients["head"].get(address).text
    assert 'value="travel" checked' in shown
    assert "gambling" not in shown
    last = TODAY + timedelta(days=10)
    part = {"decision": "limit", "categories": ["travel"], "sites": "", "days": ["0", "1"], "start": "12:00",
            "end": "13:00", "last": last.isoformat(), "why": "At lunch only"}  # fmt: skip
    assert office.send("head", address, part).location == "/permissions?done=limited"
    (permission,) = office.at_gateway()
    assert (permission.categories, permission.hosts) == (("travel",), ())
    assert permission.until_ms == day_bounds_ms(last)[1]
    page = office.page("staff")
    assert "Granted in part" in page
    assert "At lunch only" in page


def test_a_refusal_needs_a_reason_and_permits_nothing(office: Office) -> None:
    office.send("staff", "/permissions/ask", ASKED)
    address = f"/permissions/decide/{office.asked()}"
    again = office.send("head", address, {"decision": "refuse", "why": " "})
    assert again.status_code == 400
    assert "whoever asked will read it" in again.text
    assert 'aria-describedby="why-hint why-fault" aria-invalid="true"' in again.text
    assert office.send("head", address, {"why": "x"}).status_code == 400
    assert office.send("head", address, {"decision": "refuse", "why": "Not on duty"}).status_code == 303
    assert office.governance.permissions.all() == ()
    assert "Not on duty" in office.page("staff")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"categories": [], "sites": ""}, "categories", "Choose at least one kind of site"),
        ({"categories": ["gambling"]}, "categories", "Choose among these"),
        ({"sites": "co.uk"}, "sites", "not one site"),
        ({"sites": "bet365.com"}, "sites", "policy calls it inappropriate"),
        ({"days": []}, "days", "Choose the days"),
        ({"end": ""}, "days", "Give both times"),
        ({"end": "22:00"}, "days", "same minute"),
        ({"first": "2020-01-01"}, "first", "begins today or later"),
        ({"first": (TODAY + timedelta(9)).isoformat(), "last": TODAY.isoformat()}, "last", "before the first"),
        ({"why": ""}, "why", "Write why"),
        ({"why": "x" * 1001}, "why", "1,000 characters"),
    ],
    ids=str,
)
def test_what_cannot_be_read_comes_back_with_a_sentence_beside_its_field(
    office: Office, changes: dict[str, Any], field: str, sentence: str
) -> None:
    answer = office.send("staff", "/permissions/ask", {**ASKED, **changes})
    assert answer.status_code == 400
    assert f'<p class="fault" id="{field}-fault">' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert sentence in answer.text
    assert office.governance.permission_requests.all() == ()
    if "why" not in changes:
        assert "moving house</textarea>" in answer.text


def test_days_without_times_are_whole_days_and_an_end_at_midnight_is_that_days(office: Office) -> None:
    office.send("staff", "/permissions/ask", {**ASKED, "start": "", "end": ""})
    office.send("staff", "/permissions/ask", {**ASKED, "end": "00:00"})
    office.send("staff", "/permissions/ask", {**ASKED, "days": [], "start": "", "end": ""})
    windows = [each.terms.windows for each in office.governance.permission_requests.all()]
    assert windows == [(Window(weekday=4, start=0, end=1440),), (Window(weekday=4, start=1320, end=1440),), ()]


def test_one_for_all_staff_covers_the_headteacher_when_the_chair_has_confirmed_it(office: Office) -> None:
    form = {**ASKED, "who": "everybody", "sites": "", "days": [], "start": "", "end": ""}
    assert office.send("head", "/permissions/new", form).location == "/permissions?done=granted"
    head, ewan = office.school.people["Harriet Vane-Cole"], office.school.people["Ewan Trott"]

    def covered(person: str) -> bool:
        return permission_for(office.at_gateway(), person, "travel", "a.example", now_ms() + 1000) is not None

    assert covered(ewan)
    assert not covered(head)
    assert "does it cover Harriet Vane-Cole too?" in office.page("chair")
    ((permission, person),) = office.governance.confirmations.waiting()
    address = f"/permissions/confirm/{permission}/{person}"
    assert office.clients["head"].get(address).status_code == 403
    assert office.send("chair", address, {"answer": "yes", "why": ""}).status_code == 400
    answer = office.send("chair", address, {"answer": "yes", "why": "One rule for all"})
    assert answer.location == "/permissions?done=confirmed"
    assert covered(head)
    assert "One rule for all" in office.page("head")
    assert office.clients["chair"].get(address).status_code == 404


def test_a_permission_is_ended_with_a_reason_and_holds_no_longer_at_the_gateway(office: Office) -> None:
    form = {**ASKED, "who": office.school.people["Ewan Trott"], "said_earlier": (TODAY - timedelta(5)).isoformat()}
    office.send("head", "/permissions/new", form)
    (permission,) = office.governance.permissions.all()
    assert "word of mouth" in office.page("head")
    address = f"/permissions/end/{permission.permission_id}"
    assert "Ewan Trott" in office.clients["head"].get(address).text
    assert office.send("head", address, {"why": "Term is over"}).location == "/permissions?done=ended"
    assert office.at_gateway() == ()
    page = office.page("head")
    assert "Ended (1)" in page
    assert "Term is over" in page


def test_whoever_asked_takes_it_back(office: Office) -> None:
    office.send("staff", "/permissions/ask", ASKED)
    address = f"/permissions/withdraw/{office.asked()}"
    assert office.send("head", address, {}, "/permissions/ask").status_code == 409
    assert office.send("chair", address, {}, "/permissions/new").status_code == 409
    assert office.send("staff", address, {}, "/permissions/ask").location == "/permissions?done=withdrawn"
    assert office.send("staff", address, {}, "/permissions/ask").status_code == 409
    assert "No request is waiting" in office.page("head")


def test_the_headteacher_asks_the_chair_and_meets_their_own_nowhere_else(office: Office) -> None:
    assert "The Chair of Governors decides" in office.clients["head"].get("/permissions/ask").text
    office.send("head", "/permissions/ask", {**ASKED, "why": "a journey of my own"})
    address = f"/permissions/decide/{office.asked()}"
    page = office.page("head")
    assert "No request is waiting" in page
    assert "Withdraw" in page
    assert office.clients["head"].get(address).status_code == 404
    assert "a journey of my own" in office.page("chair")
    assert office.send("chair", address, {"decision": "grant"}).status_code == 303
    page = office.page("head")
    assert "What you are permitted" in page
    assert "No permission is in force" in page
    assert office.clients["head"].get(f"/permissions/end/{office.at_gateway()[0].permission_id}").status_code == 404


def test_staff_see_nothing_of_each_other(office: Office) -> None:
    ewan = office.school.people["Ewan Trott"]
    office.send("head", "/permissions/new", {**ASKED, "who": ewan, "why": "a private matter of Ewan's"})
    page = office.page("staff")
    assert "a private matter" not in page
    assert "Ewan" not in page
    assert "Ewan" not in office.page("technician")
    assert "Ewan" not in office.page("chair")


def test_a_sign_in_that_is_no_member_of_staffs_has_nothing_to_ask(office: Office) -> None:
    answer = office.clients["technician"].get("/permissions/ask")
    assert answer.status_code == 404
    assert "not linked to a member of staff" in answer.text


def test_a_forged_or_old_form_changes_nothing(office: Office) -> None:
    client = office.clients["staff"]
    answer = client.post("/permissions/ask", data={**ASKED, "csrf_token": "made up"}, headers=HERE)
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert client.post("/permissions/withdraw/q-1", data={}, headers=HERE).status_code == 400
    cross = client.post("/permissions/ask", data=ASKED, headers={"Origin": "https://elsewhere.example"})
    assert cross.status_code == 403
    assert office.governance.permission_requests.all() == ()


def test_what_was_decided_meanwhile_is_said(office: Office) -> None:
    office.send("staff", "/permissions/ask", ASKED)
    request = office.asked()
    token = form_token(office.clients["head"], f"/permissions/decide/{request}")
    head = office.governance.viewer(office.governance.holdings.accounts(Role.HEADTEACHER)[0])
    office.governance.permission_requests.refuse(head, request, "no")
    answer = office.clients["head"].post(
        f"/permissions/decide/{request}", data={"decision": "grant", "csrf_token": token}, headers=HERE
    )
    assert answer.status_code == 404
    assert "decided, withdrawn or ended meanwhile" in answer.text


def test_every_decision_is_in_the_audit_log_with_the_session(office: Office) -> None:
    office.send("staff", "/permissions/ask", ASKED)
    office.send("head", f"/permissions/decide/{office.asked()}", {"decision": "grant"})
    entries = office.governance.audit.entries(whom=office.school.people["Bethan Askew"])
    acts = {each.what: each for each in entries}
    for what in (Action.PERMISSION_ASKED, Action.PERMISSION_GRANTED):
        assert acts[what].session.startswith("v-")
        assert acts[what].why == "moving house"
    looks = office.governance.audit.entries()
    assert any(each.what == Action.LOOKED_AT_PERMISSIONS for each in looks)
    assert office.governance.verify_audit() == []


def test_every_control_has_a_label(app: Pages) -> None:
    text = signed_in(app, "head").get("/permissions/new").text
    controls = re.findall(r'<(?:textarea|select|input(?! type="(?:hidden|checkbox|radio)"))[^>]* id="([a-z_]+)"', text)
    assert {"who", "sites", "start", "end", "first", "last", "why", "said_earlier"} <= set(controls)
    for name in controls:
        if name != "csrf_token":
            assert f'<label for="{name}">' in text, name
