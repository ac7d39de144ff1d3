"""Browsers of today greet as `is_browser` expects: the very programs, with a proxy that only listens."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from mitmproxy.proxy.layers.tls import parse_client_hello

from proxy_addons.pins import is_browser
from tests.proxy_addons.local_web import wait_until

pytestmark = pytest.mark.slow

SITE = "greeting.example"
CHROMIUM, FIREFOX, CURL = shutil.which("chromium"), shutil.which("firefox"), shutil.which("curl")


class Listener:
    """Answers CONNECT, keeps the TLS greeting for `SITE` that follows, and hangs up."""

    def __init__(self) -> None:
        self.greetings: list[list[int]] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._hear, args=(self._door.accept()[0],), daemon=True).start()

    def _hear(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            client.settimeout(10)
            if not client.recv(65_536).startswith(b"CONNECT"):
                return
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            heard = b""
            while (hello := parse_client_hello(heard)) is None:
                piece = client.recv(65_536)
                if not piece:
                    return
                heard += piece
            if hello.sni == SITE:
                self.greetings.append([number for number, _ in hello.extensions])


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def greeted(listener: Listener, *command: str, home: Path) -> list[int]:
    """How `command` greeted."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}
    )
    try:
        assert wait_until(lambda: listener.greetings, 90)
    finally:
        process.terminate()
        process.wait(30)
    return listener.greetings[0]


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_chromium_is_known(listener: Listener, tmp_path: Path) -> None:
    arguments = ("--headless=new", "--no-sandbox", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom")
    proxy = f"--proxy-server=http://127.0.0.1:{listener.port}"
    assert is_browser(greeted(listener, str(CHROMIUM), *arguments, proxy, f"https://{SITE}/", home=tmp_path))


@pytest.mark.skipif(FIREFOX is None, reason="firefox is not installed")
def test_firefox_is_known(listener: Listener, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    wanted = {
        "type": 1,
        "ssl": '"127.0.0.1"',
        "ssl_port": listener.port,
        "http": '"127.0.0.1"',
        "http_port": listener.port,
    }
    lines = [f'user_pref("network.proxy.{name}", {value});' for name, value in wanted.items()]
    (profile / "user.js").write_text("\n".join(lines))
    shot = str(tmp_path / "shot.png")
    arguments = ("--headless", "--no-remote", "--profile", str(profile), "--screenshot", shot)
    assert is_browser(greeted(listener, str(FIREFOX), *arguments, f"https://{SITE}/", home=tmp_path))


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_curl_is_a_program(listener: Listener, tmp_path: Path) -> None:
    proxy = f"http://127.0.0.1:{listener.port}"
    assert not is_browser(greeted(listener, str(CURL), "-s", "-x", proxy, f"https://{SITE}/", home=tmp_path))


def test_python_is_a_program(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port)) as raw:
        raw.sendall(b"CONNECT greeting.example:443 HTTP/1.1\r\n\r\n")
        raw.recv(4096)
        with pytest.raises(OSError, match=r"(?i)tls|ssl|eof|reset"):
            ssl.create_default_context().wrap_socket(raw, server_hostname=SITE)
    assert not is_browser(listener.greetings[0])
