"""The notice page over real HTTP and HTTPS: who is asked, who may answer, and what is written down."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.carried import VOUCHED, Carrier
from analytics.event import Method
from analytics.portal.notice import paragraphs
from analytics.registrar import Found
from analytics.snapshot import DeviceClass
from analytics.sources.source import now_ms
from config.policy import load_policy
from tests.analytics.portal.a_portal import VERSION, Portal, a_portal
from tests.proxy_addons.running_gateway import ANNE, BEN, UNTOLD, device

NOTICE = load_policy().notice
ACKNOWLEDGE = NOTICE.acknowledgement.replace("'", "&#x27;")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Una at her own computer."""
    own = device(DeviceClass.STAFF, "p-una", "127.0.0.2")
    shared = replace(device(DeviceClass.SHARED, None, "127.0.0.3"), device_id="d-3")
    pupil = replace(device(DeviceClass.PUPIL, None, "127.0.0.4"), device_id="d-4")
    with a_portal(tmp_path, own, shared, pupil, people=(UNTOLD, ANNE, BEN)) as opened:
        yield opened


def test_she_is_told_once_and_goes_on_to_where_she_was_going(portal: Portal) -> None:
    token = portal.token(UNTOLD, "http://www.bbc.co.uk/news?a=1&b=2")
    page = portal.ask(f"/notice?to={token}", tls=False)
    assert page.status == 200
    assert ACKNOWLEDGE in page.body
    assert "bbc" not in page.body
    assert "una" not in page.body.lower().replace("unavailable", "")
    assert "form-action" not in page.headers
    for part in ("Cache-Control: no-store", "Referrer-Policy: no-referrer", "default-src 'none'"):
        assert part in page.headers
    told = portal.send("/notice", page, tls=False, answer="told")
    assert (told.status, told.location) == (303, "http://www.bbc.co.uk/news?a=1&b=2")
    (record,) = portal.acknowledged
    assert (record.person_id, record.notice_version, record.how) == ("p-una", VERSION, "page_visit")
    again = portal.send("/notice", page, tls=False, answer="told")
    assert again.status == 303
    assert len(portal.acknowledged) == 1, "pressed twice, it is written once"
    assert "told of this already" in portal.ask("/notice").body


def test_without_a_token_the_channel_is_the_networks_own_and_it_thanks(portal: Portal) -> None:
    told = portal.send("/notice", portal.ask("/notice"), answer="told")
    assert told.status == 200
    assert "Thank you" in told.body
    assert [record.how for record in portal.acknowledged] == ["dhcp_portal"]


def test_i_am_not_this_person_writes_nothing_and_says_whom_to_ask(portal: Portal) -> None:
    said = portal.send("/notice", portal.ask("/notice"), answer="not_me")
    assert "technician" in said.body
    assert portal.acknowledged == []


@pytest.mark.parametrize("client", ["127.0.0.3", "127.0.0.4", "127.0.0.9"])
def test_from_another_device_nobody_can_answer_for_her_not_even_with_her_token(portal: Portal, client: str) -> None:
    token = portal.token(UNTOLD)
    page = portal.ask(f"/notice?to={token}", client=client)
    if client == "127.0.0.9":
        # An address that nobody knows may be her own other one: the token's still is hers.
        assert ACKNOWLEDGE in page.body
        return
    assert ACKNOWLEDGE not in page.body
    hers = portal.ask(f"/notice?to={token}")
    assert portal.send("/notice", hers, client=client, answer="told").status == 403
    assert portal.acknowledged == []


def test_a_form_for_one_is_void_for_whoever_signs_in_meanwhile(portal: Portal) -> None:
    registrar = portal.identity.registrar
    found = Found(source=Method.RADIUS, session="1", person_id="p-una", client_ip="127.0.0.3", from_ms=now_ms())
    registrar.open(replace(found, device_id="d-3"))
    page = portal.ask("/notice", client="127.0.0.3")
    assert ACKNOWLEDGE in page.body
    registrar.open(replace(found, device_id="d-3", session="2", person_id="p-ben", from_ms=now_ms()))
    assert portal.send("/notice", page, client="127.0.0.3", answer="told").status == 403
    assert portal.acknowledged == []


def test_another_sites_page_cannot_send_it(portal: Portal) -> None:
    page = portal.ask("/notice")
    form = page.field("form")
    for more in (
        ("-H", "Sec-Fetch-Site: cross-site", "-d", f"form={form}&answer=told"),
        ("-H", "Sec-Fetch-Site: same-site", "-d", f"form={form}&answer=told"),
        ("-d", "form=&answer=told"),
        ("-d", "form=1.ab&answer=told"),
        ("-d", "answer=told"),
    ):
        assert portal.ask("/notice", *more).status == 403
    assert portal.acknowledged == []


def test_no_token_of_another_makes_an_open_redirect(portal: Portal) -> None:
    page = portal.ask("/notice?to=http://evil.example/")
    assert page.field("to") == ""
    told = portal.send("/notice", page, answer="told", to="http://evil.example/")
    assert told.status == 200
    assert told.location == ""


def test_where_the_gateway_has_another_notice_than_this_process_nobody_is_asked(tmp_path: Path) -> None:
    own = device(DeviceClass.STAFF, "p-una", "127.0.0.2")
    with a_portal(tmp_path, own, people=(UNTOLD,), version=VERSION) as portal:
        page = portal.ask("/notice")
        object.__setattr__(portal.identity.register.now.snapshot, "notice_version", "another")
        for answer in (portal.ask("/notice"), portal.send("/notice", page, answer="told")):
            assert answer.status == 503
            assert ACKNOWLEDGE not in answer.body
        assert portal.acknowledged == []


def test_the_text_is_set_in_paragraphs() -> None:
    assert paragraphs("\nOne\ntwo.\n\n  Three. \n\n\n") == ["One two.", "Three."]


def test_a_token_of_the_proxys_is_worth_nothing_to_whoever_comes_upon_it(tmp_path: Path) -> None:
    """As from the history of a shared computer, or by way of a colleague's own sign-in."""
    shared = replace(device(DeviceClass.SHARED, None, "127.0.0.2"), device_id="d-3")
    with a_portal(tmp_path, shared, people=(UNTOLD, BEN), mode="regular") as portal:
        token, carrier = portal.token(UNTOLD, how="proxy_sign_in"), Carrier(portal.identity.state.notice_key)
        by_ben, by_una = (f"{VOUCHED}: {carrier.vouch(person, now_ms())}" for person in ("p-ben", "p-una"))
        copied = f"{VOUCHED}: {token}"
        for client, said in (("127.0.0.2", ""), ("127.0.0.2", by_una), ("127.0.0.1", by_ben), ("127.0.0.1", copied)):
            page = portal.ask(f"/notice?to={token}", *(("-H", said) if said else ()), tls=False, client=client)
            assert ACKNOWLEDGE not in page.body, (client, said[:20])
        hers = portal.ask(f"/notice?to={token}", "-H", by_una, tls=False, client="127.0.0.1")
        assert ACKNOWLEDGE in hers.body
        assert portal.send("/notice", hers, tls=False, client="127.0.0.1", answer="told").status == 403
        assert portal.acknowledged == [], "the worker says so of every request"
