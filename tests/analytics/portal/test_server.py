"""The portal's server: plain where it may be, TLS for all, and nothing of what was asked in a log."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from analytics.portal.route import Answering, Route
from analytics.portal.server import PortalServer
from analytics.sources.source import Identity
from proxy_addons.authority import Authority
from tests.analytics.an_identity import an_identity
from tests.proxy_addons.local_web import free_port


class Hello(Answering):
    def get(self) -> None:
        self.finish(f"hello {self.client_ip} {self.identity.settings.school}")


class Broken(Answering):
    def get(self) -> None:
        raise ZeroDivisionError("an inner word")


def routes(_: Identity) -> list[Route]:
    return [
        Route(pattern="/hello", handler=Hello, plain=True),
        Route(pattern="/secret", handler=Hello),
        Route(pattern="/broken", handler=Broken, plain=True),
    ]


async def fetched(url: str, ca: str | None = None) -> tuple[int, str]:
    try:
        answer = await AsyncHTTPClient().fetch(url, ca_certs=ca)
    except HTTPClientError as fault:
        return fault.code, fault.response.body.decode() if fault.response else ""
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
    return answer.code, answer.body.decode()


async def until_open(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise AssertionError("the portal did not open")


def test_plain_pages_on_both_ports_and_the_rest_over_tls_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plain, secure = free_port(), free_port()

    async def ask() -> None:
        with an_identity(tmp_path, listen_host="127.0.0.1", portal_port=plain, portal_tls_port=secure) as desk:
            running = asyncio.create_task(PortalServer(desk.identity, [routes]).run())
            await until_open(plain)
            Authority(desk.identity.state).prepare("Oak Primary")
            await until_open(secure)
            ca = str(desk.identity.state.ca / "mitmproxy-ca-cert.pem")
            assert await fetched(f"http://127.0.0.1:{plain}/hello") == (200, "hello 127.0.0.1 oak")
            assert await fetched(f"https://127.0.0.1:{secure}/hello", ca) == (200, "hello 127.0.0.1 oak")
            assert await fetched(f"https://127.0.0.1:{secure}/secret", ca) == (200, "hello 127.0.0.1 oak")
            assert await fetched(f"http://127.0.0.1:{plain}/secret") == (404, "Not Found.\n")
            assert await fetched(f"http://127.0.0.1:{plain}/broken?anne") == (500, "Internal Server Error.\n")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(ask())
    said = "".join(capfd.readouterr())
    assert "portal_page_failed" in said
    assert not any(word in said for word in ("127.0.0.1", "/broken", "anne", "inner word"))


def test_a_stranger_is_shown_a_certificate_it_does_not_trust(tmp_path: Path) -> None:
    plain, secure = free_port(), free_port()

    async def ask(check: Callable[[], None] | None = None) -> None:
        with an_identity(tmp_path, listen_host="127.0.0.1", portal_port=plain, portal_tls_port=secure) as desk:
            Authority(desk.identity.state).prepare("Oak Primary")
            running = asyncio.create_task(PortalServer(desk.identity, [routes]).run())
            await until_open(secure)
            with pytest.raises(ssl.SSLCertVerificationError):
                await asyncio.open_connection("127.0.0.1", secure, ssl=ssl.create_default_context())
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(ask())
