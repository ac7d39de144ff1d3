"""Malformed and abusive traffic at a real gateway: refused plainly, and the next client never notices."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.records import Gap, Heartbeat
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School, stop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
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


@pytest.fixture(autouse=True)
def the_next_client_never_notices(school: School) -> Iterator[None]:
    yield
    assert page(school, "https://www.amazon.co.uk/after").status == 200


def send(school: School, data: bytes) -> bytes:
    """All that comes back, until the gateway closes or is silent."""
    with socket.create_connection(("127.0.0.1", school.port), timeout=3) as raw:
        received = b""
        try:
            raw.sendall(data)
            while piece := raw.recv(65_536):
                received += piece
        except OSError:
            pass
        return received


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET ftp://host/ HTTP/1.1\r\nHost: host\r\n\r\n",
        b"GET http://host:99999/ HTTP/1.1\r\nHost: host\r\n\r\n",
        b"CONNECT nowhere HTTP/1.1\r\n\r\n",
        b"CONNECT :443 HTTP/1.1\r\n\r\n",
        b"CONNECT a:b:c HTTP/1.1\r\n\r\n",
        b"GET http://host/ HTTP/1.1\r\nHost: host\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"GET http://host/ HTTP/1.1\r\nHost: host\r\nContent-Length: -1\r\n\r\n",
        b"no request at all\r\n\r\n",
        b"GET http://host/ HTTP/1.1\r\nno colon\r\n\r\n",
    ],
)
def test_a_malformed_request_is_answered_with_400(school: School, request_head: bytes) -> None:
    assert b" 400 " in send(school, request_head).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "host",
    [
        b"a b",
        b"\xff\xfe.example",
        b"ex\x00ample.org",
        b"..",
        b"-" * 300,
        b"xn--",
        b"[::1",
        b"host:port",
        b"\xc3\xa4.example",
    ],
)
def test_a_malformed_host_never_ends_the_gateway(school: School, host: bytes) -> None:
    for head in (b"GET http://www.amazon.co.uk/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host,):
        assert send(school, head).startswith(b"HTTP/1.1 ")
    send(school, b"GET http://%s/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (host, host))
    send(school, b"CONNECT %s:443 HTTP/1.1\r\nHost: %s\r\n\r\n" % (host, host))


@pytest.mark.parametrize("name", [b"", b"a" * 300, b"\xff\xff.example", b"..", b"a b", b"\x00"])
def test_a_malformed_server_name_never_ends_the_gateway(school: School, name: bytes) -> None:
    tunnel = b"CONNECT www.amazon.co.uk:443 HTTP/1.1\r\nHost: www.amazon.co.uk:443\r\n\r\n"
    with socket.create_connection(("127.0.0.1", school.port), timeout=3) as raw:
        raw.sendall(tunnel)
        assert b"200" in raw.recv(4096)
        raw.sendall(client_hello(name))
        assert raw.recv(4096)[:1] in (b"\x15", b"\x16", b"")


def test_a_greeting_that_is_cut_short_never_ends_the_gateway(school: School) -> None:
    tunnel = b"CONNECT www.amazon.co.uk:443 HTTP/1.1\r\nHost: www.amazon.co.uk:443\r\n\r\n"
    for length in (1, 5, 6, 20, 43):
        with socket.create_connection(("127.0.0.1", school.port), timeout=3) as raw:
            raw.sendall(tunnel)
            assert b"200" in raw.recv(4096)
            raw.sendall(client_hello(b"www.amazon.co.uk")[:length])


def test_a_header_of_ten_megabytes_is_refused_and_not_kept(school: School) -> None:
    before = rss_kb(pid(school))
    answer = send(school, b"GET http://www.amazon.co.uk/ HTTP/1.1\r\nHost: www.amazon.co.uk\r\nX: " + b"x" * 10_000_000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert rss_kb(pid(school)) - before < 8_000


def test_a_header_of_ten_megabytes_inside_a_tunnel_is_refused(school: School, web: LocalWeb) -> None:
    raw = socket.create_connection(("127.0.0.1", school.port), timeout=5)
    raw.sendall(b"CONNECT big.amazon.co.uk:443 HTTP/1.1\r\nHost: big.amazon.co.uk:443\r\n\r\n")
    assert b"200" in raw.recv(4096)
    with ssl.create_default_context(cafile=school.ca).wrap_socket(raw, server_hostname="big.amazon.co.uk") as tls:
        try:
            tls.sendall(b"GET / HTTP/1.1\r\nHost: big.amazon.co.uk\r\nX: " + b"x" * 10_000_000 + b"\r\n\r\n")
            answer = tls.recv(4096)
        except OSError:
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert not [host for host, *_ in web.seen if host == "big.amazon.co.uk"]


def test_a_long_but_reasonable_header_passes(school: School) -> None:
    assert page(school, "https://www.amazon.co.uk/", "-H", "X-Long: " + "x" * 50_000).status in (200, 431)
    assert page(school, "https://www.amazon.co.uk/", "-H", "X-Long: " + "x" * 20_000).status == 200


def test_clients_that_hang_up_at_any_point(school: School) -> None:
    head = b"GET http://www.amazon.co.uk/large/5000000 HTTP/1.1\r\nHost: www.amazon.co.uk\r\n\r\n"
    for length in (0, 1, 20, len(head) - 1, len(head)):
        raw = socket.create_connection(("127.0.0.1", school.port), timeout=3)
        raw.sendall(head[:length])
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
    big = [event for event in school.events() if event.bytes_down > 4_000_000]
    assert big == [] or big[0].status == 200


def test_an_upload_without_sign_in_is_refused_without_being_kept(tmp_path: Path, web: LocalWeb) -> None:
    school = School(tmp_path / "state", web, devices=())
    body = tmp_path / "body"
    body.write_bytes(b"z" * 5_000_000)
    with school.running():
        answer = fetch(school, "http://up.argos.co.uk/", "-X", "POST", "--data-binary", f"@{body}", "-H", "Expect:")
        assert answer.status in (0, 407)
    assert not [host for host, *_ in web.seen if host == "up.argos.co.uk"]


def test_three_large_downloads_at_once_are_never_whole_in_memory(school: School) -> None:
    before = rss_kb(pid(school), peak=True)
    threads = [
        threading.Thread(
            target=fetch, args=(school, f"https://d{number}.amazon.co.uk/large/20000000", "-o", "/dev/null")
        )
        for number in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    grown = rss_kb(pid(school), peak=True) - before
    assert wait_until(lambda: sum(event.bytes_down == 20_000_000 for event in school.events()) == 3)
    assert grown < 30_000, f"{grown} kB"


def pid(school: School) -> int:

    return int(json.loads((school.root / "run" / "gateway.ready").read_text())["pid"])


def rss_kb(process: int, *, peak: bool = False) -> int:
    name = "VmHWM" if peak else "VmRSS"
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def client_hello(name: bytes) -> bytes:
    """A TLS 1.2 greeting that names `name`."""
    entry = struct.pack("!BH", 0, len(name)) + name
    names = struct.pack("!H", len(entry)) + entry
    extensions = struct.pack("!HH", 0, len(names)) + names
    body = (
        b"\x03\x03"
        + b"r" * 32
        + b"\x00"
        + struct.pack("!H", 2)
        + b"\xc0\x2b"
        + b"\x01\x00"
        + struct.pack("!H", len(extensions))
        + extensions
    )
    handshake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake
