"""The stand-in web server: every host name there is, on two loopback ports.

Owns a thread with HTTPS on port P (certificate by SNI) and plain HTTP on P+1, which redirects to HTTPS as most of the
web does. Promises: `start` returns once both ports answer; `stop` closes everything; large answers are streamed in
pieces; a malformed request is answered with 400 and never ends the server.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from analytics.demonstration.page import LOGO, SCRIPT, STYLE, page_html
from analytics.demonstration.sites import (
    BARE_DOMAINS,
    DOWNLOAD_PATH,
    FORM_PATH,
    MISSING_PATH,
    PLAIN_HOSTS,
    SHORT_LINKS,
    SLOW_PATH,
)
from analytics.demonstration.web_authority import WebAuthority
from config.errors import FairgateError

DOWNLOAD_BYTES: Final = 5_000_000
SLOW_SECONDS: Final = 1.5
_PIECE: Final = 50_000
_IDLE_SECONDS: Final = 60
_LARGEST_BODY: Final = 10_000_000
_REASONS: Final = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    400: "Bad Request",
    404: "Not Found",
}
_ASSETS: Final = {
    ".css": ("text/css; charset=utf-8", STYLE),
    ".js": ("text/javascript; charset=utf-8", SCRIPT),
    ".svg": ("image/svg+xml", LOGO),
    ".ico": ("image/svg+xml", LOGO),
    ".json": ("application/json", '{"updates":0}'),
}


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    host: str
    target: str
    keep_alive: bool

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content_type: str = "text/html; charset=utf-8"
    body: str = ""
    location: str = ""


class StandInWeb:
    """The server. `folder` keeps its certificates."""

    def __init__(self, folder: Path) -> None:
        self._authority = WebAuthority(folder)
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand-in-web", daemon=True)
        self.port = 0

    @property
    def certificate_path(self) -> Path:
        """The authority that a client of these sites must trust."""
        return self._authority.certificate_path

    def start(self, port: int = 0) -> int:
        """Serve HTTPS on `port` and HTTP on the next one; 0 finds a free pair. Returns the HTTPS port."""
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(port), self._loop).result()
        return self.port

    def stop(self) -> None:
        """Stop serving; open connections are cut."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, port: int) -> int:
        context = self._authority.context("stand-in.example")
        context.sni_callback = self._choose
        for _ in range(50):
            secure = await asyncio.start_server(self._secure, "127.0.0.1", port, ssl=context)
            found: int = secure.sockets[0].getsockname()[1]
            try:
                plain = await asyncio.start_server(self._plain, "127.0.0.1", found + 1)
            except (OSError, OverflowError):
                secure.close()
                continue
            self._servers = [secure, plain]
            return found
        raise FairgateError("No two neighbouring free ports were found for the stand-in web sites. Try again.")

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        handlers = asyncio.all_tasks() - {asyncio.current_task()}
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)

    def _choose(self, tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if name:
            tls.context = self._authority.context(name.lower())

    async def _secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve(reader, writer, secure=True)

    async def _plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve(reader, writer, secure=False)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, secure: bool) -> None:
    """Answer one connection until it ends, idles out, or asks to be closed."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError, asyncio.CancelledError):
        while True:
            request = await asyncio.wait_for(_read(reader), _IDLE_SECONDS)
            if request is None:
                await _send(writer, _Answer(400, body="Not a request this stand-in understands."), keep_alive=False)
                break
            await _answer(writer, request, secure=secure)
            if not request.keep_alive:
                break
    writer.close()


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    """The next request, its body read and thrown away; None where it is malformed."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _version = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        length = int(headers.get("content-length", "0"))
    except (ValueError, asyncio.LimitOverrunError):
        return None
    if not 0 <= length <= _LARGEST_BODY or "transfer-encoding" in headers:
        return None
    await reader.readexactly(length)
    host = headers.get("host", "").partition(":")[0].lower()
    return _Request(method, host, target, headers.get("connection", "").lower() != "close") if host else None


async def _answer(writer: asyncio.StreamWriter, request: _Request, *, secure: bool) -> None:
    if request.path == SLOW_PATH:
        await asyncio.sleep(SLOW_SECONDS)
    if request.path == DOWNLOAD_PATH and secure:
        await _send_pieces(writer, _download())
    else:
        await _send(writer, _decide(request, secure=secure), request.keep_alive, with_body=request.method != "HEAD")


def _decide(request: _Request, *, secure: bool) -> _Answer:
    """What is answered, apart from the streamed download."""
    url = f"{'https' if secure else 'http'}://{request.host}{request.target}"
    if not _names_host(url, request.host):
        return _Answer(400, body="Not an address this stand-in understands.")
    if elsewhere := _moved(request, secure=secure):
        return elsewhere
    if request.method == "POST" and request.path == FORM_PATH:
        return _Answer(303, location="/")
    for ending, (content_type, body) in _ASSETS.items():
        if request.path.endswith(ending):
            return _Answer(200, content_type, body)
    return _Answer(404 if request.path == MISSING_PATH else 200, body=page_html(url))


def _names_host(url: str, host: str) -> bool:
    """False where a Host or target is so odd that the two together are no address."""
    try:
        return urlsplit(url).hostname == host
    except ValueError:
        return False


def _moved(request: _Request, *, secure: bool) -> _Answer | None:
    if not secure and request.host not in PLAIN_HOSTS:
        return _Answer(301, location=f"https://{request.host}{request.target}")
    if target := SHORT_LINKS.get((request.host, request.path)):
        return _Answer(302, location=target)
    if www := BARE_DOMAINS.get(request.host):
        return _Answer(301, location=f"https://{www}{request.target}")
    return None


async def _send(writer: asyncio.StreamWriter, answer: _Answer, keep_alive: bool, *, with_body: bool = True) -> None:
    body = answer.body.encode()
    lines = [f"Content-Type: {answer.content_type}", f"Content-Length: {len(body)}", "Cache-Control: no-store"]
    if answer.location:
        lines.append(f"Location: {answer.location}")
    if not keep_alive:
        lines.append("Connection: close")
    # Nothing is cached: a page seen twice pulls in its parts twice, so that counts can be foretold.
    head = f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\n" + "\r\n".join(lines) + "\r\n\r\n"
    writer.write(head.encode("latin-1") + (body if with_body else b""))
    await writer.drain()


async def _send_pieces(writer: asyncio.StreamWriter, pieces: AsyncIterator[bytes]) -> None:
    """A chunked answer of unstated length, as a generated download has."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Disposition: attachment\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    async for piece in pieces:
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _download() -> AsyncIterator[bytes]:
    for _ in range(DOWNLOAD_BYTES // _PIECE):
        yield b"\0" * _PIECE
