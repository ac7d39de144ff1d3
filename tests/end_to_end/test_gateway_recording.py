"""A real gateway process between curl and real TLS servers: what it records, and what it does not."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.event import Grade, Kind, Method, NotInspected, Purpose, WebEvent
from analytics.records import Heartbeat, ShieldCount
from analytics.spool import segments
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, web: LocalWeb) -> Iterator[School]:
    school = School(tmp_path_factory.mktemp("school") / "state", web)
    with school.running():
        yield school


def events_of(school: School, host: str, count: int = 1) -> list[WebEvent]:
    """The events for a host, waiting for as many as there must be."""

    def found() -> list[WebEvent]:
        return [event for event in school.events() if event.host == host]

    assert wait_until(lambda: len(found()) >= count), f"{len(found())} of {count} events"
    return found()


def test_a_page_over_https_is_decrypted_judged_and_recorded(school: School) -> None:
    assert page(school, "https://www.amazon.co.uk/gp/product?secret=1#part").status == 200
    (event,) = events_of(school, "www.amazon.co.uk")
    assert (event.method, event.scheme, event.port, event.status) == ("GET", "https", 443, 200)
    assert (event.person_id, event.attribution_method, event.attribution_grade) == (
        "p-anne",
        Method.REGISTER,
        Grade.B,
    )
    assert (event.kind, event.kind_reason) == (Kind.NAVIGATION, "typed_or_clicked")
    assert (event.category, event.purpose, event.domain) == ("shopping", Purpose.PRIVATE, "amazon.co.uk")
    assert (event.not_inspected, event.content_type, event.bytes_down) == (NotInspected.INSPECTED, "text/html", 18)
    assert "secret" not in str(event)


def test_plain_http_is_recorded_too(school: School) -> None:
    assert page(school, "http://www.argos.co.uk/").status == 200
    (event,) = events_of(school, "www.argos.co.uk")
    assert (event.scheme, event.port, event.client_ip, event.device_id) == ("http", 80, "127.0.0.1", "d-1")


def test_a_redirect_and_the_page_it_leads_to_are_two_exchanges(school: School) -> None:
    assert page(school, "https://www.johnlewis.com/moved", "-L").body == "<p>/arrived</p>"
    first, second = events_of(school, "www.johnlewis.com", 2)
    assert (first.kind, first.status) == (Kind.REDIRECT, 302)
    assert (second.kind, second.kind_reason) == (Kind.NAVIGATION, "reached_by_redirect")


def test_what_another_sites_page_pulls_in_is_judged_as_the_page_is(school: School) -> None:
    fetch(
        school,
        "https://unlisted-widgets.example/w.js",
        *("-H", "Sec-Fetch-Dest: script", "-H", "Sec-Fetch-Mode: no-cors", "-e", "https://www.amazon.co.uk/"),
    )
    (event,) = events_of(school, "unlisted-widgets.example")
    assert (event.kind, event.initiator_host) == (Kind.SUBRESOURCE, "www.amazon.co.uk")
    assert (event.category, event.reason) == ("shopping", "page_context")


def test_banking_is_never_decrypted_and_leaves_its_host_alone(school: School, web: LocalWeb) -> None:
    answer = fetch(school, "https://www.barclays.co.uk/accounts/1234", ca=str(web.authority.certificate))
    assert answer.status == 200, "the site's own certificate reached the client"
    (event,) = events_of(school, "www.barclays.co.uk")
    assert (event.not_inspected, event.path, event.status, event.method) == (NotInspected.BANKING, "", 0, "")
    assert (event.kind, event.kind_reason, event.kind_confidence) == (Kind.BACKGROUND, "not_decrypted", 0)


@pytest.mark.parametrize(
    "more",
    [
        ("https://www.samaritans.org/how-we-can-help",),
        ("http://www.samaritans.org/how-we-can-help",),
        ("https://www.google.com/search?q=union+rep",),
    ],
    ids=["https", "http", "phrase"],
)
def test_shielded_traffic_leaves_no_word(school: School, web: LocalWeb, more: tuple[str, ...]) -> None:
    before = len(school.events())
    trusted = web.authority.certificate.read_text() + Path(school.ca).read_text()
    both = school.root / "both.pem"
    both.write_text(trusted)
    assert page(school, *more, "--cacert", str(both)).status == 200
    assert page(school, "https://www.argos.co.uk/last").status == 200
    assert wait_until(lambda: len(school.events()) > before)
    spooled = b"".join(segment.path.read_bytes() for segment in segments(school.spool))
    assert b"samaritans" not in spooled
    assert b"union" not in spooled
    assert not [event for event in school.events()[before:] if event.host == "www.google.com"]


def test_a_shielded_page_is_not_named_as_the_one_that_asked(school: School) -> None:
    page(school, "https://www.ebay.co.uk/", "-e", "https://www.samaritans.org/x")
    (event,) = events_of(school, "www.ebay.co.uk")
    assert event.initiator_host == ""


def test_what_a_shielded_page_pulls_in_is_shielded(school: School) -> None:
    script = ("-H", "Sec-Fetch-Dest: script", "-H", "Sec-Fetch-Mode: no-cors")
    fetch(school, "https://cdn.widgets.example/w.js", *script, "-e", "https://www.samaritans.org/")
    page(school, "https://www.etsy.com/")
    events_of(school, "www.etsy.com")
    assert not [event for event in school.events() if event.host == "cdn.widgets.example"]


def test_a_site_that_refuses_is_recorded_without_an_answer(school: School, web: LocalWeb) -> None:
    web.expired.add("expired.currys.co.uk")
    answer = page(school, "https://expired.currys.co.uk/")
    assert (answer.status, "certificate" in answer.body.lower()) == (502, True)
    (event,) = events_of(school, "expired.currys.co.uk")
    assert (event.status, event.bytes_down) == (0, 0)


def test_a_client_that_hangs_up_is_recorded(school: School) -> None:
    assert page(school, "https://slow.asos.com/hang", "-m", "1").status == 0
    (event,) = events_of(school, "slow.asos.com")
    assert (event.status, event.duration_ms >= 500) == (0, True)


def test_large_bodies_are_counted_while_they_stream(school: School) -> None:
    assert fetch(school, "https://big.argos.co.uk/large/3000000", "-o", "/dev/null").status == 200
    assert fetch(school, "https://big.argos.co.uk/chunked/2500000", "-o", "/dev/null").status == 200
    first, second = events_of(school, "big.argos.co.uk", 2)
    assert (first.bytes_down, first.content_type) == (3_000_000, "application/zip")
    assert (second.bytes_down, second.media) == (2_500_000, True)


def test_an_upload_is_noted_and_counted(school: School, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"z" * 300_000)
    answer = fetch(school, "https://up.argos.co.uk/send", "-X", "POST", "--data-binary", f"@{body}")
    assert answer.body == "300000"
    (event,) = events_of(school, "up.argos.co.uk")
    assert (event.method, event.bytes_up, event.upload) == ("POST", 300_000, True)


def test_a_websocket_is_recorded_as_the_exchange_that_opened_it(school: School) -> None:
    with _tunnel(school, "live.argos.co.uk") as live:
        live.sendall(
            b"GET /upgrade HTTP/1.1\r\nHost: live.argos.co.uk\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGVzdA==\r\n\r\n"
        )
        assert live.recv(4096).startswith(b"HTTP/1.1 101")
        live.sendall(b"\x81\x85\x00\x00\x00\x00hello")
        assert live.recv(4096).startswith(b"\x81")
    (event,) = events_of(school, "live.argos.co.uk")
    assert (event.status, event.kind, event.kind_reason) == (101, Kind.BACKGROUND, "live_connection")


def test_a_tunnel_of_neither_tls_nor_http_is_opaque(school: School) -> None:
    with socket.create_connection(("127.0.0.1", school.port)) as raw:
        raw.sendall(b"CONNECT raw.argos.co.uk:80 HTTP/1.1\r\nHost: raw.argos.co.uk:80\r\n\r\n")
        assert b"200" in raw.recv(4096)
        raw.sendall(b"\x00\x01\x02\x03 binary")
        time.sleep(0.5)
    (event,) = events_of(school, "raw.argos.co.uk")
    assert (event.not_inspected, event.scheme, event.kind) == (NotInspected.OPAQUE, "tcp", Kind.BACKGROUND)
    assert (event.bytes_up, event.bytes_down >= 0) == (11, True)


def test_many_at_once_each_leave_one_event(school: School) -> None:
    threads = [
        threading.Thread(target=page, args=(school, f"https://many.argos.co.uk/{number}")) for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(events_of(school, "many.argos.co.uk", 12)) == 12


def test_the_ready_file_says_where_it_listens(school: School) -> None:
    told = json.loads((school.root / "run" / "gateway.ready").read_text())
    assert (told["port"], told["ca_certificate"]) == (school.port, school.ca)


def test_stopping_flushes_seals_and_beats_once_more(web: LocalWeb, tmp_path: Path) -> None:
    school = School(tmp_path / "state", web)
    with school.running():
        page(school, "https://www.amazon.co.uk/")
        page(school, "http://www.samaritans.org/")
        hanging = threading.Thread(target=page, args=(school, "https://slow.amazon.co.uk/hang", "-m", "5"))
        hanging.start()
        assert wait_until(lambda: any(host == "slow.amazon.co.uk" for host, *_ in web.seen))
    hanging.join()
    assert all(segment.closed and segment.seal for segment in segments(school.spool))
    assert [event.host for event in school.events()] == ["www.amazon.co.uk", "slow.amazon.co.uk"]
    (beat,) = [record for record in school.records() if isinstance(record, Heartbeat)]
    assert (beat.requests, beat.hook_errors, beat.dropped) == (2, 0, 0), "the shielded one is counted by its hour alone"
    assert [record.count for record in school.records() if isinstance(record, ShieldCount)] == [1]
    assert not (school.root / "run" / "gateway.ready").exists()


def _tunnel(school: School, host: str) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", school.port), timeout=10)
    raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    assert b"200" in raw.recv(4096)
    return ssl.create_default_context(cafile=school.ca).wrap_socket(raw, server_hostname=host)
