"""What is told of a refused certificate, and what is let through once it was learnt."""

import time
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.connection import Client, Server
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context
from mitmproxy.tls import ClientHelloData, TlsData

from analytics.bindings import IdentityView
from analytics.event import NotInspected
from analytics.snapshot import Device, DeviceClass
from proxy_addons.pins import AGAIN_S, AT_ONCE_S, is_browser
from tests.proxy_addons.pipeline import NOW, OPENED, Greeting, Pipeline, answer, client_at, only, request

ALERT = "The client does not trust the proxy's certificate for x (tlsv1 alert unknown ca)"
HUNG_UP = "The client disconnected during the handshake. If this happens consistently for x, this may indicate that ..."
CHROMIUM = [0x3A3A, 0xD, 0x33, 0xFE0D, 0x5, 0x12, 0xB, 0x0, 0x44CD, 0x2D, 0x1B, 0xFF01, 0x23, 0xA, 0x10, 0x2B, 0x5A5A]
FIREFOX = [0x0, 0x17, 0xFF01, 0xA, 0xB, 0x23, 0x10, 0x5, 0x22, 0x12, 0x33, 0x2B, 0xD, 0x2D, 0x1C, 0x1B, 0xFE0D]
FIREFOX_TLS_1_2 = [0x0, 0x17, 0xFF01, 0xA, 0xB, 0x23, 0x10, 0x5, 0x12, 0xD, 0x1C]
OPENSSL = [0x0, 0xB, 0xA, 0x10, 0x16, 0x17, 0x31, 0xD, 0x2B, 0x2D, 0x33, 0x15]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def greet(pipeline: Pipeline, host: str = "api.example", extensions: list[int] | None = None) -> ClientHelloData:
    """A connection that was greeted; whether it goes through unopened is on it."""
    context = Context(client_at("127.0.0.1", mode="transparent"), Options())
    context.server = Server(address=("192.0.2.7", 443))
    greeting = Greeting(host)
    greeting.extensions = [(number, b"") for number in extensions or OPENSSL]
    data = ClientHelloData(context, greeting)  # type: ignore[arg-type]
    pipeline.shield.tls_clienthello(data)
    return data


def refuse(pipeline: Pipeline, error: str = ALERT, **more: Any) -> None:
    data = greet(pipeline, **more)
    data.context.client.error = error
    pipeline.call("tls_failed_client", TlsData(data.context.client, data.context, object()))  # type: ignore[arg-type]
    pipeline.call("client_disconnected", data.context.client)


def establish(pipeline: Pipeline, **more: Any) -> Client:
    data = greet(pipeline, **more)
    pipeline.call("tls_established_client", TlsData(data.context.client, data.context, object()))  # type: ignore[arg-type]
    return data.context.client


def told(pipeline: Pipeline, say: str = "refused") -> list[dict[str, Any]]:
    return [message for message in pipeline.tell.waiting if message["say"] == say]


def test_a_refusal_is_told_with_what_it_is_weighed_by(pipeline: Pipeline) -> None:
    refuse(pipeline)
    message = only(told(pipeline))
    assert (message["client"], message["device_id"], message["client_ip"]) == ("d-1", "d-1", "127.0.0.1")
    assert (message["host"], message["browser"], message["silent"]) == ("api.example", False, False)
    assert (message["opened"], message["accepted"], message["accepted_ms"]) == (False, 0, 0)
    assert pipeline.spool.records == []


@pytest.mark.parametrize(
    "alert",
    [
        "The client does not trust the proxy's certificate for x (sslv3 alert bad certificate)",
        "... (OpenSSL Error([('SSL routines', '', 'tls alert certificate unknown')]))",
        "... (OpenSSL Error([('SSL routines', '', 'sslv3 alert certificate unknown')]))",
    ],
)
def test_each_way_to_say_so_counts(pipeline: Pipeline, alert: str) -> None:
    refuse(pipeline, alert)
    assert not only(told(pipeline))["silent"]


@pytest.mark.parametrize(
    "error",
    [
        "Client and mitmproxy cannot agree on a TLS version to use.",
        "The client may not trust ... (OpenSSL Error([('SSL routines', '', 'no shared cipher')]))",
        "The client may not trust ... (OpenSSL Error([('SSL routines', '', 'sslv3 alert certificate expired')]))",
        "Cannot parse ClientHello: 1603",
        "connection closed early",
    ],
    ids=["version", "cipher", "its clock is wrong", "no TLS", "we closed it"],
)
def test_what_is_no_word_about_the_certificate_is_not_told(pipeline: Pipeline, error: str) -> None:
    refuse(pipeline, error)
    assert told(pipeline) == []


def test_a_scanner_that_never_greeted_is_not_told(pipeline: Pipeline) -> None:
    client = client_at("127.0.0.1", mode="transparent")
    client.error = HUNG_UP
    pipeline.call("tls_failed_client", TlsData(client, Context(client, Options()), None))
    assert told(pipeline) == []


def test_who_hangs_up_at_once_is_told_as_silent_and_later_it_is_the_network(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(pipeline, HUNG_UP)
    assert only(told(pipeline))["silent"]
    late = greet(pipeline, "late.example").context.client
    steady = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: steady + AT_ONCE_S + 1)
    late.error = HUNG_UP
    pipeline.call("tls_failed_client", TlsData(late, Context(late, Options()), object()))  # type: ignore[arg-type]
    assert len(told(pipeline)) == 1


def test_who_looks_at_the_certificate_only_when_tls_stands_is_told_as_silent(pipeline: Pipeline) -> None:
    pipeline.call("client_disconnected", establish(pipeline))
    assert only(told(pipeline))["silent"]


def test_who_asked_for_something_accepted_it(pipeline: Pipeline) -> None:
    client = establish(pipeline, host="www.amazon.co.uk")
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED, client=client, at=NOW), answer())
    pipeline.call("client_disconnected", client)
    assert told(pipeline) == []
    assert only(told(pipeline, "accepts"))["accepted"] == 1
    refuse(pipeline)
    refuse(pipeline, host="www.amazon.co.uk")
    first, second = told(pipeline)
    assert (first["opened"], first["accepted"]) == (False, 1)
    assert first["accepted_ms"] > 0
    assert (second["opened"], second["accepted"]) == (True, 0)


def test_refusals_that_are_one_attempt_are_told_once(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        refuse(pipeline)
    assert len(told(pipeline)) == 1
    steady = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: steady + AGAIN_S + 1)
    refuse(pipeline)
    assert len(told(pipeline)) == 2


def test_refusals_never_push_out_sign_ins(pipeline: Pipeline) -> None:
    for number in range(600):
        pipeline.tell.tell("signed_in", session=str(number))
    for number in range(600):
        refuse(pipeline, host=f"{number}.example")
    assert told(pipeline) == []
    assert len(told(pipeline, "signed_in")) == 600


@pytest.mark.parametrize(
    ("extensions", "browser"),
    [(CHROMIUM, True), (FIREFOX, True), (FIREFOX_TLS_1_2, True), (OPENSSL, False), ([], False), ([0x1C, 0x0], False)],
    ids=["Chromium 156", "Firefox", "Firefox, TLS 1.2", "OpenSSL", "nothing", "GnuTLS"],
)
def test_browsers_are_known_by_how_they_greet(pipeline: Pipeline, extensions: list[int], browser: bool) -> None:
    assert is_browser(extensions) is browser
    refuse(pipeline, extensions=extensions or [0])
    assert only(told(pipeline))["browser"] is browser


@pytest.mark.parametrize("host", ["www.samaritans.org", "www.barclays.co.uk", "push.apple.com"])
def test_what_is_never_decrypted_can_never_be_refused(pipeline: Pipeline, host: str) -> None:
    refuse(pipeline, host=host)
    client = establish(pipeline, host=host)
    pipeline.call("client_disconnected", client)
    assert pipeline.tell.waiting == ()


def learn(pipeline: Pipeline, client: str, host: str, until_ms: int) -> None:
    pipeline.identity._reader.now = IdentityView(pins={(client, host): until_ms})


def through(pipeline: Pipeline, host: str) -> bool:
    data = greet(pipeline, host)
    pipeline.call("client_disconnected", data.context.client)
    return bool(data.ignore_connection)


def test_what_was_learnt_goes_through_for_that_client_and_host_alone_until_it_ends(pipeline: Pipeline) -> None:
    learn(pipeline, "d-1", "api.example", time.time_ns() // 1_000_000 + 60_000)
    assert through(pipeline, "api.example")
    assert only(pipeline.events).not_inspected is NotInspected.PINNED
    assert not through(pipeline, "www.api.example")
    assert not through(pipeline, "example")
    learn(pipeline, "d-2", "api.example", time.time_ns() // 1_000_000 + 60_000)
    assert not through(pipeline, "api.example")
    learn(pipeline, "d-1", "api.example", time.time_ns() // 1_000_000)
    assert not through(pipeline, "api.example")


def test_an_address_stands_in_where_no_device_is_known(tmp_path: Path) -> None:
    other = Device(
        device_id="d-9", device_class=DeviceClass.STAFF, addresses=("10.9.9.9",), person_id="p-anne", from_ms=1
    )
    pipeline = Pipeline(tmp_path, devices=(other,))
    learn(pipeline, "127.0.0.1", "api.example", time.time_ns() // 1_000_000 + 60_000)
    who = pipeline.attributor.who(client_at("127.0.0.1"), 1)
    assert pipeline.pins.learnt(who, "127.0.0.1", "api.example", 1)
    assert not pipeline.pins.learnt(who, "127.0.0.2", "api.example", 1)


def test_a_shielded_site_stays_shielded_whatever_was_learnt(pipeline: Pipeline) -> None:
    learn(pipeline, "d-1", "www.samaritans.org", time.time_ns() // 1_000_000 + 60_000)
    assert through(pipeline, "www.samaritans.org")
    assert pipeline.spool.records == []
    assert sum(count for _, count in pipeline.tally.take_all_shielded()) == 1
