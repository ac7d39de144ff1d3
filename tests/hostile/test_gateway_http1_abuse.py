"""HTTP/1 used against the gateway: smuggled, malformed and random bytes never end it, nor name a host nobody asked."""

import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.records import Gap, Heartbeat
from tests.end_to_end.browsing import page
from tests.hostile.gateway_memory import pid_of, resident_kb
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School, stop
from tests.proxy_addons.unusual_web import UnusualHandler

pytestmark = pytest.mark.slow

ASKED, NEVER = "asked.argos.co.uk", "never.argos.co.uk"
OVER = f"GET http://{ASKED}/ HTTP/1.1\r\nHost: {ASKED}\r\n".encode()
POST = f"POST http://{ASKED}/ HTTP/1.1\r\nHost: {ASKED}\r\n".encode()
SMUGGLED = f"GET http://{NEVER}/ HTTP/1.1\r\nHost: {NEVER}\r\n\r\n".encode()


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
    assert not [record for record in school.records() if isinstance(record, Gap)]
    assert [record.hook_errors for record in school.records() if isinstance(record, Heartbeat)] == [0]
    assert not [event for event in school.events() if event.host == NEVER]
    assert not [host for host, *_ in web.seen if host == NEVER]


@pytest.fixture(autouse=True)
def others_are_served(school: School) -> Iterator[None]:
    yield
    assert page(school, "https://next.argos.co.uk/after").status == 200


def send(school: School, *pieces: bytes, seconds: float = 1.0) -> bytes:
    """All that comes back until the gateway closes or says nothing for `seconds`."""
    with socket.create_connection(("127.0.0.1", school.port), timeout=seconds) as raw:
        received = b""
        with contextlib.suppress(OSError):
            for piece in pieces:
                raw.sendall(piece)
            while piece := raw.recv(65_536):
                received += piece
        return received


@pytest.mark.parametrize(
    "request_",
    [
        POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        POST + b"Content-Length: +5\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length: 5, 5\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length: 0x5\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        OVER + b"X: a\r\n b\r\n\r\n",
        OVER + b"X-NUL: a\x00b\r\n\r\n",
        OVER + b"\x00: b\r\n\r\n",
        OVER + b": empty\r\n\r\n",
        OVER + b"Host: " + NEVER.encode() + b"\r\n\r\n",
    ],
)
def test_two_ways_to_read_a_request_are_none(school: School, request_: bytes) -> None:
    """What could be read in two ways is refused, or read as one request: the second, hidden one is never made."""
    assert send(school, request_).count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\n",
        b"-1\r\n",
        b"5\r\nhel",
        b"5\r\nhelloX\r\n",
        b"ffffffffffffffffffff\r\n",
        b"5;" + b"x" * 100_000,
        b"\x00",
    ],
)
def test_bad_pieces_of_a_body_end_that_request_alone(school: School, body: bytes) -> None:
    answer = send(school, POST + b"Transfer-Encoding: chunked\r\n\r\n" + body)
    assert b" 200 " not in answer.split(b"\r\n")[0]


@pytest.mark.parametrize(
    "line",
    [
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/0.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http://user:secret@asked.argos.co.uk/ HTTP/1.1\r\nHost: asked.argos.co.uk\r\n\r\n",
        b"GET http://asked.argos.co.uk:0/ HTTP/1.1\r\nHost: asked.argos.co.uk\r\n\r\n",
        b"A" * 70_000 + b" / HTTP/1.1\r\n\r\n",
        b"CONNECT asked.argos.co.uk:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_odd_first_lines_never_end_the_gateway(school: School, line: bytes) -> None:
    send(school, line)


def test_a_host_that_contradicts_the_address_is_neither_sent_nor_recorded(school: School, web: LocalWeb) -> None:
    head = f"GET http://contradicted.argos.co.uk/ HTTP/1.1\r\nHost: {NEVER}\r\nConnection: close\r\n\r\n"
    assert b" 200 " in send(school, head.encode())
    assert any(host == "contradicted.argos.co.uk" for host, *_ in web.seen)
    assert wait_until(lambda: any(event.host == "contradicted.argos.co.uk" for event in school.events()))


def test_a_hundred_thousand_headers_are_refused(school: School) -> None:
    before = resident_kb(pid_of(school))
    answer = send(school, OVER, b"a: b\r\n" * 100_000, b"\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert resident_kb(pid_of(school)) - before < 20_000


def test_many_short_headers_within_the_limit_pass(school: School) -> None:
    answer = send(school, OVER, b"a: b\r\n" * 5_000, b"Connection: close\r\n\r\n")
    assert b"Too many headers" in answer, "Python's web server, which allows a hundred, was asked and said so"


@pytest.mark.parametrize(
    "greeting",
    [
        b"\x16\x03\x00" + b"\x00\x04\x01\x00\x00\x00",
        b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + b"\x01" * 32,
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000,
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\x16\x03\x01" + b"\x00\x00" * 2_000,
    ],
    ids=["SSLv3", "SSLv2", "no greeting", "endless", "alert first", "empty records"],
)
def test_broken_tls_never_ends_the_gateway(school: School, greeting: bytes) -> None:
    tunnel = f"CONNECT {ASKED}:443 HTTP/1.1\r\nHost: {ASKED}:443\r\n\r\n".encode()
    send(school, tunnel, greeting)


@pytest.mark.parametrize("protocols", [[b"\x00"], [b"h2" * 100], [b"spdy/1", b"\xff\xff"], [b"x" * 255] * 60])
def test_absurd_protocols_offered_never_end_the_gateway(school: School, protocols: list[bytes]) -> None:
    offered = b"".join(bytes([len(name)]) + name for name in protocols)
    send(school, f"CONNECT {ASKED}:443 HTTP/1.1\r\n\r\n".encode(), greeting(ASKED.encode(), offered))


def test_rubbish_after_a_greeting_never_ends_the_gateway(school: School) -> None:
    send(
        school,
        f"CONNECT {ASKED}:443 HTTP/1.1\r\n\r\n".encode(),
        greeting(ASKED.encode(), b"\x02h2"),
        b"rubbish" * 9_000,
    )


TOKENS = st.sampled_from(
    [
        *(
            b"GET ",
            b"POST ",
            b"CONNECT ",
            b"http://",
            ASKED.encode(),
            b":443",
            b"/",
            b" HTTP/1.1",
            b"\r\n",
            b"\r\n\r\n",
        ),
        *(b"Host: ", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n", b"\x00"),
        *(
            b"Expect: 100-continue\r\n",
            b"Upgrade: h2c\r\n",
            b"Connection: Upgrade\r\n",
            b"\x16\x03\x01\x00\x05",
            b"HTTP2-",
        ),
        *(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\xff" * 9,
            b"Proxy-Authorization: Basic eA==\r\n",
            b"Connection: close\r\n",
        ),
    ]
)
NOISE = st.lists(st.one_of(TOKENS, st.binary(max_size=200)), max_size=30).map(b"".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=NOISE, hang_up=st.booleans())
def test_any_bytes_at_all_never_end_the_gateway(school: School, noise: bytes, hang_up: bool) -> None:
    with socket.create_connection(("127.0.0.1", school.port), timeout=5) as raw, contextlib.suppress(OSError):
        raw.sendall(noise)
        if hang_up:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            raw.shutdown(socket.SHUT_WR)
            raw.settimeout(0.2)
            while raw.recv(65_536):
                pass


def greeting(name: bytes, protocols: bytes) -> bytes:
    """A TLS 1.2 greeting that names `name` and offers `protocols`, as ALPN lists them."""
    entry = struct.pack("!BH", 0, len(name)) + name
    named = struct.pack("!HHH", 0, len(entry) + 2, len(entry)) + entry
    offered = struct.pack("!HHH", 16, len(protocols) + 2, len(protocols)) + protocols
    extensions = named + offered
    body = b"\x03\x03" + b"r" * 32 + b"\x00" + b"\x00\x02\xc0\x2b" + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake
