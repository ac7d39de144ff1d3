"""Signing in at the portal and out again: over HTTPS alone, on this device, with one answer for every failure."""

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.event import Method
from analytics.portal.sign_in import COOKIE, WRONG
from analytics.records import BindingStep
from analytics.snapshot import DeviceClass
from analytics.sources.source import now_ms
from proxy_addons.live_identity import LiveIdentity
from tests.analytics.portal.a_portal import Answer, Portal, a_portal
from tests.proxy_addons.running_gateway import ANNE, PASSWORD, UNTOLD, device

SHARED = replace(device(DeviceClass.SHARED, None, "127.0.0.2"), device_id="d-shared")
OTHER = replace(device(DeviceClass.SHARED, None, "127.0.0.9"), device_id="d-other")
PUPIL = replace(device(DeviceClass.PUPIL, None, "127.0.0.4"), device_id="d-pupil")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with a_portal(tmp_path, SHARED, OTHER, PUPIL, people=(UNTOLD, replace(ANNE, reminded_ms=2**50))) as opened:
        yield opened


def signed_in(portal: Portal, username: str = "anne", password: str = PASSWORD, client: str | None = None) -> Answer:
    page = portal.ask("/sign-in", client=client)
    return portal.send("/sign-in", page, client=client, username=username, password=password)


def test_plain_http_never_shows_the_form_nor_takes_a_password(portal: Portal) -> None:
    assert portal.ask("/sign-in", tls=False).status == 404
    assert portal.ask("/sign-in", "-d", "username=anne&password=x", tls=False).status == 404
    assert "https://" in portal.ask("/notice", tls=False).body


def test_a_sign_in_is_of_this_device_and_ends_with_the_sign_out(portal: Portal) -> None:
    answer = signed_in(portal)
    assert answer.status == 303
    cookie = next(line for line in answer.headers.splitlines() if line.lower().startswith("set-cookie"))
    assert cookie.split()[1].startswith(COOKIE)
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    (binding,) = portal.desk.bound
    assert (binding.source, binding.person_id, binding.client_ip) == (Method.PORTAL, "p-anne", "127.0.0.2")
    assert binding.device_id == "d-shared"
    assert binding.expires_ms > binding.from_ms
    word = re.search(rf"{COOKIE}=([^;]+)", cookie)
    assert word is not None
    assert word[1] not in repr(portal.desk.kept.records)
    page = portal.ask("/sign-in")
    assert "You signed in on this computer at" in page.body
    assert 'name="password"' in portal.ask("/sign-in", client="127.0.0.9").body, "not on another device"
    assert portal.send("/sign-out", page).status == 200
    assert portal.desk.bound == []
    assert [change.step for change in portal.desk.kept.changes] == [BindingStep.OPENED, BindingStep.CLOSED]


def test_whoever_was_not_told_is_led_to_the_notice_and_then_on(portal: Portal) -> None:
    token = portal.token(UNTOLD, "http://www.bbc.co.uk/")
    page = portal.ask(f"/sign-in?to={token}")
    answer = portal.send("/sign-in", page, username="una", password=PASSWORD)
    assert answer.location.startswith("/notice?to=")
    told = portal.send("/notice", portal.ask(answer.location), answer="told")
    assert told.location == "http://www.bbc.co.uk/"
    assert [(record.person_id, record.device_id) for record in portal.acknowledged] == [("p-una", "d-shared")]


def test_every_failure_has_one_answer(portal: Portal) -> None:
    said = set()
    for username, password in (("anne", "wrong"), ("nobody", PASSWORD), ("", ""), ("anne" * 900, "x")):
        answer = signed_in(portal, username, password)
        assert answer.status == 401
        said.add(re.sub(r'value="[^"]*"', "", answer.body))
    assert len(said) == 1
    assert WRONG in said.pop()
    assert portal.desk.bound == []


def test_after_some_wrong_ones_the_right_one_waits_too_but_not_elsewhere(portal: Portal) -> None:
    for _ in range(5):
        assert signed_in(portal, password="wrong").status == 401
    assert signed_in(portal).status == 401
    assert signed_in(portal, client="127.0.0.9").status == 303


def test_a_forged_or_foreign_form_is_refused(portal: Portal) -> None:
    page = portal.ask("/sign-in")
    assert portal.send("/sign-in", page, client="127.0.0.9", username="anne", password=PASSWORD).status == 403
    given = f"username=anne&password={PASSWORD}&form={page.field('form')}"
    assert portal.ask("/sign-in", "-H", "Sec-Fetch-Site: cross-site", "-d", given).status == 403
    assert portal.ask("/sign-out", "-d", "form=").status == 403
    assert portal.desk.bound == []


def test_on_a_pupils_device_and_behind_an_explicit_proxy_nobody_signs_in(portal: Portal, tmp_path: Path) -> None:
    page = portal.ask("/sign-in")
    for client in ("127.0.0.4", "127.0.0.1", "127.0.0.10"):
        assert 'name="password"' not in portal.ask("/sign-in", client=client).body
        assert portal.send("/sign-in", page, client=client, username="anne", password=PASSWORD).status == 403
    with a_portal(tmp_path / "explicit", SHARED, people=(ANNE,), mode="regular") as explicit:
        assert "cannot sign in here" in explicit.ask("/sign-in").body


def test_nobody_goes_on_before_the_workers_know_who_signed_in_or_out(portal: Portal) -> None:
    workers = LiveIdentity(portal.identity.state.identity)
    loop = asyncio.new_event_loop()
    turning = threading.Thread(target=loop.run_forever)
    turning.start()
    loop.call_soon_threadsafe(workers.running)
    try:
        assert signed_in(portal).status == 303
        assert [binding.person_id for binding in workers.now.sign_ins("127.0.0.2", "d-shared", now_ms())] == ["p-anne"]
        assert portal.send("/sign-out", portal.ask("/sign-in")).status == 200
        assert workers.now.sign_ins("127.0.0.2", "d-shared", now_ms()) == ()
    finally:
        loop.call_soon_threadsafe(workers.done)
        loop.call_soon_threadsafe(loop.stop)
        turning.join(60)
        loop.close()
