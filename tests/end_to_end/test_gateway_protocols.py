"""What is no plain page: passed on unbroken by a real gateway, and recorded once, with every byte."""

import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import wsproto
import wsproto.events

from analytics.event import Kind, WebEvent
from config.state import DEMONSTRATION_MARK
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.http2_client import Http2Client
from tests.proxy_addons.http2_web import Http2Web
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School, stop
from tests.proxy_addons.unusual_web import WHOLE, UnusualHandler

pytestmark = pytest.mark.slow

DOWNLOAD = 2_200_000_000
"""More than fits 31 bits."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web"), answering=UnusualHandler) as web:
        yield web


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, web: LocalWeb) -> Iterator[School]:
    school = School(tmp_path_factory.mktemp("school") / "state", web)
    school.prepare()
    process = school.start()
    yield school
    said = stop(process)
    assert "hook_failed" not in said
    assert "proxy_fault" not in said


def events_of(school: School, host: str, count: int = 1) -> list[WebEvent]:
    """The events for a host, waiting for as many as there must be."""

    def found() -> list[WebEvent]:
        return [event for event in school.events() if event.host == host]

    assert wait_until(lambda: len(found()) >= count), f"{len(found())} of {count} events"
    return found()


@contextlib.contextmanager
def tunnel(school: School, host: str) -> Iterator[ssl.SSLSocket]:
    """A connection to `host` through the gateway, its certificate checked."""
    raw = socket.create_connection(("127.0.0.1", school.port), timeout=20)
    raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    assert b"200" in raw.recv(4096)
    with ssl.create_default_context(cafile=school.ca).wrap_socket(raw, server_hostname=host) as line:
        yield line


def until(line: ssl.SSLSocket, end: bytes) -> bytes:
    """What comes, up to `end`."""
    received = b""
    while not received.endswith(end):
        piece = line.recv(65_536)
        assert piece, received
        received += piece
    return received


class LiveSocket:
    """A WebSocket over `line`, as a browser opens one."""

    def __init__(self, line: ssl.SSLSocket, host: str) -> None:
        self._line = line
        self._live = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        self.heard: list[str | bytes] = []
        self.open = self.closed = False
        self.send(wsproto.events.Request(host=host, target="/frames"))
        while not self.open:
            self._take()

    def send(self, event: wsproto.events.Event) -> None:
        self._line.sendall(self._live.send(event))

    def listen(self, count: int) -> None:
        """Until `count` messages were heard, or it is closed."""
        while len(self.heard) < count and not self.closed:
            self._take()

    def _take(self) -> None:
        self._live.receive_data(self._line.recv(65_536) or None)
        for event in self._live.events():
            self.open = self.open or isinstance(event, wsproto.events.AcceptConnection)
            self.closed = self.closed or isinstance(event, wsproto.events.CloseConnection)
            if isinstance(event, wsproto.events.Message) and event.message_finished:
                self.heard.append(event.data if isinstance(event.data, str) else bytes(event.data))


def test_a_websocket_talks_both_ways_and_is_recorded_once_when_it_ends(school: School) -> None:
    host = "live.argos.co.uk"
    with tunnel(school, host) as line:
        live = LiveSocket(line, host)
        for number in range(20):
            live.send(wsproto.events.TextMessage(data=f"message {number}"))
            live.listen(number + 1)
        assert live.heard == [f"message {number}" for number in range(20)]
        assert not [event for event in school.events() if event.host == host]
        live.send(wsproto.events.CloseConnection(code=1000))
        live.listen(100)
        assert live.closed
    (event,) = events_of(school, host)
    assert (event.status, event.kind, event.kind_reason) == (101, Kind.BACKGROUND, "live_connection")
    assert event.bytes_up > event.bytes_down > 20 * len("message 0"), "what the client sends is masked: 4 bytes more"


def test_another_protocol_passes_as_it_is(school: School) -> None:
    host, sent = "morse.argos.co.uk", bytes(range(256)) * 40
    with tunnel(school, host) as line:
        line.sendall(
            f"GET /switch HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: morse/1\r\n\r\n".encode()
        )
        assert b" 101 " in until(line, b"\r\n\r\n")
        line.sendall(sent)
        assert until(line, sent[-256:])[-256:] == sent[-256:]
    (event,) = events_of(school, host)
    assert (event.status, event.bytes_up) == (101, len(sent))
    assert event.scheme == "https", "no second event for the connection it turned into"


def test_a_shielded_page_s_other_protocol_leaves_nothing(school: School) -> None:
    host = "www.samaritans.org"
    with socket.create_connection(("127.0.0.1", school.port), timeout=20) as raw:
        head = f"GET http://{host}/switch HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: morse/1\r\n\r\n"
        raw.sendall(head.encode())
        assert b" 101 " in raw.recv(4096)
        raw.sendall(b"dot")
        assert raw.recv(4096) == b"dot"
    page(school, "https://after.argos.co.uk/")
    events_of(school, "after.argos.co.uk")
    assert not [event for event in school.events() if "samaritans" in event.host]


def test_a_long_poll_is_recorded_when_it_ends(school: School, web: LocalWeb) -> None:
    host = "poll.argos.co.uk"
    asking = threading.Thread(target=page, args=(school, f"https://{host}/poll"))
    asking.start()
    assert not wait_until(lambda: any(event.host == host for event in school.events()), 2.0)
    web.release.set()
    asking.join()
    web.release.clear()
    (event,) = events_of(school, host)
    assert (event.status, event.bytes_down, event.duration_ms >= 1_500) == (200, 13, True)


def test_what_is_under_way_when_the_gateway_stops_is_not_lost(web: LocalWeb, tmp_path: Path) -> None:
    school = School(tmp_path / "state", web)
    host = "open.argos.co.uk"
    with contextlib.ExitStack() as still_open:  # noqa: SIM117 - the gateway stops before the line is closed
        with school.running():
            line = still_open.enter_context(tunnel(school, host))
            live = LiveSocket(line, host)
            live.send(wsproto.events.TextMessage(data="hello"))
            live.listen(1)
    (event,) = [event for event in school.events() if event.host == host]
    assert (event.status, event.bytes_up > 0, event.bytes_down > 0) == (101, True, True)


def test_an_answer_that_drips_arrives_as_it_comes(school: School) -> None:
    answer = page(school, "https://drip.argos.co.uk/drip")
    assert answer.body == "0123456789"
    (event,) = events_of(school, "drip.argos.co.uk")
    assert (event.bytes_down, event.duration_ms >= 800) == (10, True)


def test_fields_after_an_http1_body_do_not_stop_it(school: School) -> None:
    answer = page(school, "https://after.argos.co.uk/trailers", "-m", "10")
    assert (answer.status, answer.body) == (200, "hello")
    assert page(school, "http://plain-after.argos.co.uk/trailers", "-m", "10").body == "hello"
    (event,) = events_of(school, "plain-after.argos.co.uk")
    assert (event.status, event.bytes_down) == (200, 5)


def test_fields_after_an_upload_in_pieces_do_not_stop_it(school: School) -> None:
    host = "pieces.argos.co.uk"
    with tunnel(school, host) as line:
        line.sendall(
            f"POST /send HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n".encode()
        )
        line.sendall(b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n")
        assert until(line, b"11").endswith(b"\r\n\r\n11")
    (event,) = events_of(school, host)
    assert (event.status, event.bytes_up) == (200, 11)


def test_curl_waits_for_100_continue_and_gets_it(school: School, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"c" * 2_000_000)
    more = ("-H", "Expect: 100-continue", "--expect100-timeout", "15", "-v", "--data-binary", f"@{body}")
    answer = page(school, "https://expect.argos.co.uk/send", *more)
    assert (answer.status, answer.body) == (200, "2000000")
    assert "100 Continue" in answer.fault
    (event,) = events_of(school, "expect.argos.co.uk")
    assert (event.bytes_up, event.upload) == (2_000_000, True)


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "in pieces"])
def test_uploads_are_counted_to_the_byte(school: School, tmp_path: Path, stated: bool) -> None:
    host = f"upload-{stated}.argos.co.uk".lower()
    body = tmp_path / "body"
    body.write_bytes(b"u" * 50_000_001)
    more = () if stated else ("-H", "Transfer-Encoding: chunked")
    answer = page(school, f"https://{host}/send", "-X", "POST", "-T", str(body), "-H", "Expect:", *more)
    assert answer.body == "50000001"
    (event,) = events_of(school, host)
    assert event.bytes_up == 50_000_001


def test_head_range_and_not_modified(school: School) -> None:
    assert fetch(school, "https://head.argos.co.uk/big", "-I").status == 200
    assert fetch(school, "https://range.argos.co.uk/range", "-r", "10-19", "-o", "/dev/null").status == 206
    assert fetch(school, "https://unchanged.argos.co.uk/unchanged", "-H", 'If-None-Match: "1"').status == 304
    (head,) = events_of(school, "head.argos.co.uk")
    (part,) = events_of(school, "range.argos.co.uk")
    (same,) = events_of(school, "unchanged.argos.co.uk")
    assert (head.method, head.status, head.bytes_down) == ("HEAD", 200, 0)
    assert (part.status, part.bytes_down) == (206, 10)
    assert (same.status, same.bytes_down) == (304, 0)
    assert len(WHOLE) == 1_000


def test_a_download_of_more_than_31_bits_is_counted_to_the_byte(school: School) -> None:
    host = "huge.argos.co.uk"
    assert fetch(school, f"https://{host}/large/{DOWNLOAD}", "-o", "/dev/null", "-m", "280").status == 200
    (event,) = events_of(school, host)
    assert event.bytes_down == DOWNLOAD


def test_grpc_streams_both_ways_with_its_trailers(tmp_path: Path) -> None:
    host = "grpc.argos.co.uk"
    with Http2Web(tmp_path / "web", host) as site:
        school = School(tmp_path / "state")
        school.state.prepare()
        (school.root / DEMONSTRATION_MARK).touch()
        school.gateway = {"stand_in": f"127.0.0.1:{site.port}", "upstream_ca": str(site.authority.certificate)}
        with school.running(), Http2Client(school, host) as client:
            stream = client.ask(
                "/grpc", ("te", "trailers"), ("content-type", "application/grpc"), method="POST", end=False
            )
            for number in range(10):
                message = b"\x00\x00\x00\x00\x05" + b"%05d" % number
                client.spoken.send_data(stream, message)
                client.flush()
                assert client.read_until(functools.partial(_heard, client, stream, (number + 1) * len(message))), number
            client.spoken.end_stream(stream)
            client.flush()
            assert client.read_until(lambda: stream in client.ended)
            assert client.trailers[stream] == {"grpc-status": "0", "grpc-message": "all well"}
            (event,) = events_of(school, host)
    assert (event.status, event.content_type) == (200, "application/grpc")
    assert (event.bytes_up, event.bytes_down) == (100, 100)


def _heard(client: Http2Client, stream: int, size: int) -> bool:
    return len(client.bodies.get(stream, b"")) >= size


def test_http2_says_that_it_opens_no_websockets(tmp_path: Path) -> None:
    """RFC 8441 is not offered, so browsers open their WebSockets over HTTP/1.1, where they work."""
    with Http2Web(tmp_path / "web", "h2.argos.co.uk") as site:
        school = School(tmp_path / "state")
        school.state.prepare()
        (school.root / DEMONSTRATION_MARK).touch()
        school.gateway = {"stand_in": f"127.0.0.1:{site.port}", "upstream_ca": str(site.authority.certificate)}
        with school.running(), Http2Client(school, "h2.argos.co.uk") as client:
            stream = client.ask("/")
            assert client.read_until(lambda: stream in client.ended)
            assert client.spoken.remote_settings.enable_connect_protocol == 0
