"""Clients that hold on: idle ones, dripping ones, slow readers, and one that takes every socket it can get."""

import contextlib
import resource
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.browsing import fetch, page
from tests.hostile.gateway_memory import open_files, pid_of, resident_kb
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import START, School, stop

pytestmark = pytest.mark.slow

HASTE = "import proxy_addons.connections as c; c.IDLE_SECONDS = 2.0; c.LOOK_SECONDS = 0.2\n"
"""As in life, only that two seconds are two minutes."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
        yield web


@contextlib.contextmanager
def hasty(school: School, before: str = HASTE) -> Iterator[subprocess.Popen[str]]:
    school.prepare()
    process = school.start(command=[sys.executable, "-c", before + START, str(school.root)])
    try:
        yield process
    finally:
        said = stop(process)
        assert "hook_failed" not in said
        assert "proxy_fault" not in said


def connected(school: School) -> socket.socket:
    return socket.create_connection(("127.0.0.1", school.port), timeout=20)


def is_closed(line: socket.socket) -> bool:
    """Whether the other side closed it; waits up to its time-out."""
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_who_says_nothing_or_drips_is_let_go_and_who_waits_for_a_site_is_not(web: LocalWeb, tmp_path: Path) -> None:
    school = School(tmp_path / "state", web)
    with hasty(school), contextlib.ExitStack() as stack:
        silent, dripping, half_tls, kept, waiting = (stack.enter_context(connected(school)) for _ in range(5))
        half_tls.sendall(b"CONNECT a.argos.co.uk:443 HTTP/1.1\r\n\r\n")
        assert b"200" in half_tls.recv(4096)
        half_tls.sendall(b"\x16\x03\x01\x02\x00\x01")
        kept.sendall(b"GET http://kept.argos.co.uk/ HTTP/1.1\r\nHost: kept.argos.co.uk\r\n\r\n")
        assert b" 200 " in kept.recv(4096)
        waiting.sendall(b"GET http://slow.argos.co.uk/hang HTTP/1.1\r\nHost: slow.argos.co.uk\r\n\r\n")
        for byte in b"GET http://drip.argos.co.uk/ HTTP/1.1":
            time.sleep(0.2)
            try:
                dripping.sendall(bytes([byte]))
            except OSError:
                break
        else:
            pytest.fail("it was let drip on for ever")
        assert all(is_closed(line) for line in (silent, half_tls, kept))
        waiting.settimeout(3)
        assert not is_closed(waiting)


def test_an_upgraded_or_undecrypted_connection_is_under_way(web: LocalWeb, tmp_path: Path) -> None:
    school = School(tmp_path / "state", web)
    with hasty(school), connected(school) as raw:
        raw.sendall(b"CONNECT www.barclays.co.uk:443 HTTP/1.1\r\n\r\n")
        assert b"200" in raw.recv(4096)
        trusting = ssl.create_default_context(cafile=str(web.authority.certificate))
        trusting.verify_flags &= ~ssl.VERIFY_X509_STRICT
        with trusting.wrap_socket(raw, server_hostname="www.barclays.co.uk") as line:
            line.settimeout(5)
            assert not is_closed(line)


def test_a_reader_that_stops_is_not_read_for(web: LocalWeb, tmp_path: Path) -> None:
    school = School(tmp_path / "state", web)
    with hasty(school):
        page(school, "https://warm.argos.co.uk/")
        before = resident_kb(pid_of(school))
        with contextlib.ExitStack() as stack:
            for number in range(20):
                line = stack.enter_context(connected(school))
                host = f"s{number}.argos.co.uk"
                line.sendall(f"GET http://{host}/large/100000000 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                assert line.recv(100)
            time.sleep(3)
            assert resident_kb(pid_of(school)) - before < 20_000
            assert page(school, "https://next.argos.co.uk/").status == 200


def test_one_device_cannot_take_every_socket(web: LocalWeb, tmp_path: Path) -> None:
    school = School(tmp_path / "state", web)
    with (
        hasty(school, "import proxy_addons.connections as c; c.PER_DEVICE = 50\n" + HASTE),
        contextlib.ExitStack() as held,
    ):
        lines = [held.enter_context(connected(school)) for _ in range(80)]
        assert wait_until(lambda: open_files(pid_of(school)) < 110)
        for line in lines:
            line.settimeout(0.05)
        assert sum(is_closed(line) for line in lines) >= 30
        elsewhere = fetch(school, "http://next.argos.co.uk/", "--interface", "127.0.0.2")
        assert elsewhere.status in (200, 407), "another device is served; 407 only asks it to sign in"


def test_out_of_files_new_connections_are_refused_and_recording_goes_on(web: LocalWeb, tmp_path: Path) -> None:
    """560 files, of which 512 are kept free: few connections are left, and the gateway says so."""
    school = School(tmp_path / "state", web)
    few = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (560, 560))\n{HASTE}"
    with hasty(school, few) as process:
        with contextlib.ExitStack() as held:
            for _ in range(800):
                held.enter_context(connected(school))
            assert open_files(pid_of(school)) < 560
        assert wait_until(lambda: page(school, "https://after.argos.co.uk/").status == 200, 60)
        said = stop(process)
    assert "connections_refused" in said
    assert "argos" not in said
    assert [event.status for event in school.events() if event.host == "after.argos.co.uk"][-1] == 200
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 1_000
