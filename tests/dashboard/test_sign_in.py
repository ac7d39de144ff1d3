"""Signing in and out."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient

from analytics.governance import Role
from dashboard.app import Pages, assemble
from dashboard.guard import COOKIE
from tests.dashboard.small_school import HERE, PASSWORD, SmallSchool, call, form_token, sign_in, signed_in


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Pages) -> None:
    cookie = next(
        each for each in sign_in(app.server.test_client(), "head").headers.getlist("Set-Cookie") if COOKIE in each
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Expires" not in cookie


def test_behind_https_the_cookie_is_secure(fresh: SmallSchool) -> None:
    settings = fresh.here.settings
    https = settings.model_copy(update={"dashboard": settings.dashboard.model_copy(update={"behind_https": True})})
    app = assemble(replace(fresh.here, settings=https))
    client = app.server.test_client()
    token = form_token_over_https(client)
    form = {"username": "head", "password": PASSWORD, "csrf_token": token}
    headers = {**HERE, "Origin": "https://localhost", "Referer": "https://localhost/sign-in"}
    answer = client.post("/sign-in", data=form, headers=headers, base_url="https://localhost")
    assert any(COOKIE in each and "Secure" in each for each in answer.headers.getlist("Set-Cookie"))


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nothing(fresh: SmallSchool) -> None:
    client = fresh.app().server.test_client()
    wrong, unknown = sign_in(client, "head", "not the password"), sign_in(client, "nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert "is not right" in wrong.text
    assert _said(wrong.text) == _said(unknown.text)


def test_a_forged_form_is_not_taken(app: Pages) -> None:
    client = app.server.test_client()
    for token in ("", "made-up"):
        form = {"username": "head", "password": PASSWORD, "csrf_token": token}
        answer = client.post("/sign-in", data=form, headers=HERE)
        assert answer.status_code == 400
        assert COOKIE not in str(answer.headers)


def test_what_was_typed_comes_back_inert(app: Pages) -> None:
    answer = sign_in(app.server.test_client(), '"><script>alert(1)</script>', "x" * 20)
    assert "<script>alert" not in answer.text


def test_signing_out_ends_the_session_for_everybody_who_has_the_cookie(app: Pages) -> None:
    client = signed_in(app, "chair")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    thief = app.server.test_client()
    thief.set_cookie(COOKIE, cookie.value)
    assert call(app, thief, "status").status_code == 200
    client.post("/sign-out", data={"csrf_token": frame_token(client)}, headers=HERE)
    assert call(app, thief, "status").status_code == 401


def test_a_forged_sign_out_does_nothing(app: Pages) -> None:
    client = signed_in(app, "chair")
    client.post("/sign-out", data={"csrf_token": "made-up"}, headers=HERE)
    assert call(app, client, "status").status_code == 200


def test_a_first_password_is_changed_and_the_old_session_ends(fresh: SmallSchool) -> None:
    governance = fresh.here.governance
    governance.accounts.reset_password(governance.holdings.accounts(Role.CHAIR)[0], PASSWORD)
    client = fresh.app().server.test_client()
    assert sign_in(client, "chair").location == "/new-password"
    token = form_token(client, "/new-password")
    short = client.post("/new-password", data={"old": PASSWORD, "new": "short", "csrf_token": token}, headers=HERE)
    assert "12" in short.text
    done = client.post(
        "/new-password", data={"old": PASSWORD, "new": "newt-harbour-lamp", "csrf_token": token}, headers=HERE
    )
    assert done.location == "/sign-in"
    assert sign_in(client, "chair", "newt-harbour-lamp").location == "/"


def form_token_over_https(client: FlaskClient) -> str:
    page = client.get("/sign-in", base_url="https://localhost").text
    return str(page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0])


def _said(page: str) -> str:
    return page.split('id="fault">')[1].split("<")[0]


def frame_token(client: FlaskClient) -> str:
    """The token that the frame's own sign-out form carries."""
    return next(
        str(props["value"])
        for props in _props(client.get("/_dash-layout").get_json())
        if props.get("name") == "csrf_token"
    )


def _props(part: Any) -> Iterator[dict[str, Any]]:
    """The properties of every component within `part`."""
    if isinstance(part, list):
        for each in part:
            yield from _props(each)
    elif isinstance(part, dict) and "props" in part:
        yield part["props"]
        yield from _props(part["props"].get("children"))
