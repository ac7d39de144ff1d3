"""Downloading a report."""

from analytics.governance import Action
from dashboard.app import Pages
from tests.dashboard.small_school import HERE, SmallSchool, signed_in
from tests.dashboard.test_sign_in import frame_token


def form(app: Pages, user: str, person: str, **changed: str) -> tuple[int, str]:
    client = signed_in(app, user)
    given = {
        "person": person,
        "first": "2026-11-01",
        "last": "2026-11-02",
        "csrf_token": frame_token(client),
        **changed,
    }
    answer = client.post("/report", data=given, headers=HERE)
    return answer.status_code, answer.text


def test_a_real_school_gets_a_refusal_in_plain_words_on_record(fresh: SmallSchool) -> None:
    person = fresh.people["Dilys Marchbank"]
    status, said = form(fresh.app(), "head", person)
    assert status == 403
    assert "second approver" in said
    newest = fresh.here.governance.audit.entries(whom=person)[0]
    assert newest.what == Action.REFUSED


def test_a_forged_or_unfinished_form_downloads_nothing(app: Pages, filled: SmallSchool) -> None:
    person = filled.people["Dilys Marchbank"]
    assert form(app, "head", person, csrf_token="made-up")[0] == 400
    assert form(app, "head", person, first="yesterday")[0] == 400


def test_the_technician_downloads_nothing(app: Pages, filled: SmallSchool) -> None:
    assert form(app, "technician", filled.people["Dilys Marchbank"])[0] == 403


def test_the_chair_downloads_no_staff_members_report(app: Pages, filled: SmallSchool) -> None:
    assert form(app, "chair", filled.people["Dilys Marchbank"])[0] == 403


def test_the_headteacher_downloads_nothing_about_themselves(app: Pages, filled: SmallSchool) -> None:
    assert form(app, "head", filled.people["Harriet Vane-Cole"])[0] == 403


def test_a_link_downloads_nothing(app: Pages) -> None:
    answer = signed_in(app, "head").get("/report")
    assert answer.mimetype == "text/html"
    assert "csrf" not in answer.headers.get("Content-Disposition", "")
