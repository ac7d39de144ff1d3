"""A school's own filter for tests: a second, real mitmproxy with an authority of its own, which inspects and blocks.

As a program it is the addon that mitmdump loads (`-s`); it writes down, a line of JSON each, what a filter can see.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mitmproxy.http import HTTPFlow, Response
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import ClientHelloData

BLOCKED = "blocked.amazon.co.uk"
"""Its page is replaced, as an inspecting filter does."""
REFUSED = "refused.amazon.co.uk"
"""CONNECT to it is refused, as a filter does that does not inspect."""
NOT_INSPECTED = "www.barclays.co.uk"
PAGE = b"<title>Blocked</title><p>Oakfield's filter blocks this site."


class Filter:
    """What it saw, and how to start it."""

    def __init__(self, folder: Path, port: int, web: Sequence[str], web_ca: Path) -> None:
        """`web` is where every site is: host, TLS port, plain port; or empty, where each is where its name says."""
        folder.mkdir(parents=True, exist_ok=True)
        self.log, self.port = folder / "seen.jsonl", port
        self.certificate = folder / "mitmproxy-ca-cert.pem"
        self._environment = {**os.environ, "FILTER_LOG": str(self.log), "FILTER_WEB": ",".join(web)}
        # Beside this interpreter: the program that the project's own mitmproxy came with.
        self.command = [
            *(str(Path(sys.executable).with_name("mitmdump")), "-q", "-s", __file__, "--listen-port", str(port)),
            *("--set", f"confdir={folder}", "--set", "connection_strategy=lazy", "--set", "block_global=false"),
            *("--set", f"ssl_verify_upstream_trusted_ca={web_ca}"),
        ]

    def seen(self) -> list[dict[str, Any]]:
        """One entry each CONNECT and each request."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    @contextlib.contextmanager
    def running(self, before: Sequence[str] = ()) -> Iterator[subprocess.Popen[bytes]]:
        """`before` stands before the command, such as to enter a namespace."""
        process = subprocess.Popen([*before, *self.command], env=self._environment, stdin=subprocess.DEVNULL)
        try:
            self._wait(process)
            yield process
        finally:
            process.terminate()
            process.wait(20)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        ready = self.log.with_name("ready")
        until = time.monotonic() + 60
        while not (ready.exists() and self.certificate.exists()):
            assert process.poll() is None, "the filter did not start"
            assert time.monotonic() < until, "the filter is not ready"
            time.sleep(0.05)
        ready.unlink()


class Watching:
    """The addon inside mitmdump."""

    def __init__(self, log: Path, web: Sequence[str]) -> None:
        self._log, self._web = log, web
        self._tunnels: set[str] = set()

    def running(self) -> None:
        self._log.with_name("ready").touch()

    def http_connect(self, flow: HTTPFlow) -> None:
        self._tunnels.add(flow.client_conn.id)
        self._note(flow)
        if flow.request.host == REFUSED:
            flow.response = Response.make(403, PAGE, {"Content-Type": "text/html", "Set-Cookie": "a=b"})

    def request(self, flow: HTTPFlow) -> None:
        self._note(flow)
        if flow.request.pretty_host == BLOCKED:
            flow.response = Response.make(403, PAGE, {"Content-Type": "text/html"})

    def tls_clienthello(self, data: ClientHelloData) -> None:
        data.ignore_connection = data.client_hello.sni == NOT_INSPECTED

    def server_connect(self, data: ServerConnectionHookData) -> None:
        if self._web:
            host, tls, plain = self._web
            if data.server.sni is None and data.server.address:
                data.server.sni = data.client.sni or data.server.address[0]
            data.server.address = (host, int(tls if data.client.id in self._tunnels else plain))

    def _note(self, flow: HTTPFlow) -> None:
        request = flow.request
        with self._log.open("a") as log:
            log.write(
                json.dumps(
                    {
                        "peer": flow.client_conn.peername[0],
                        "method": request.method,
                        "host": request.pretty_host,
                        "asked": f"{request.host}:{request.port}",
                        "forwarded_for": request.headers.get_all("X-Forwarded-For"),
                        "claims": [name for name in ("Forwarded", "Via", "X-Real-IP") if name in request.headers],
                        "tls": flow.client_conn.tls,
                    }
                )
                + "\n"
            )
        # What a filter that keeps the client's address to itself does.
        request.headers.pop("X-Forwarded-For", None)


if "FILTER_LOG" in os.environ:
    addons = [Watching(Path(os.environ["FILTER_LOG"]), [part for part in os.environ["FILTER_WEB"].split(",") if part])]
