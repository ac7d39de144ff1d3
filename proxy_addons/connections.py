"""Open connections: how many one device may hold, how many there may be, and how long one may stay idle.

Owns the gateway's sockets as a thing that can run out. Promises: one device cannot take the sockets of all others; some
files always stay free for the spool, so that recording never fails for want of one; a connection on which nothing is
under way is closed after `IDLE_SECONDS`, however slowly its client drips the beginning of a request (a long poll, a
WebSocket or a download is under way: for those, mitmproxy's ten minutes without a byte hold); the operator's log says
how many were refused, and names no device.
"""

import asyncio
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from mitmproxy import ctx
from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tcp import TCPFlow
from mitmproxy.tls import ClientHelloData

from proxy_addons.hook import guarded
from proxy_addons.passed_through import SWITCHING
from proxy_addons.tally import Tally

PER_DEVICE: Final = 1_024
"""A browser holds 256 at the most; a room behind one address (a terminal server) some hundreds."""
KEPT_FREE: Final = 512
"""Files kept for the spool, the snapshot and the lists, and for connections that are being refused: asyncio takes in
a hundred at a time before it is asked whether it may."""
MOST_FILES: Final = 65_536
IDLE_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 5.0
TOO_MANY: Final = "The gateway has too many connections open."

log = structlog.get_logger("fairgate.gateway")


@dataclass(slots=True, eq=False)
class _Open:
    """One client's connection."""

    address: str
    since: float
    """When it last began to be idle, on the monotonic clock."""
    under_way: set[str] = field(default_factory=set)


class Connections:
    """Counts, refuses and closes; stands after the shield, which says what is passed through.

    `files` is how many this process may have open."""

    def __init__(self, tally: Tally, *, files: int | None = None, per_device: int = PER_DEVICE) -> None:
        self.tally = tally
        self._most = max(1, (_files_allowed() if files is None else files) - KEPT_FREE)
        self._per_device = per_device
        self._open: dict[str, _Open] = {}
        self._of_device: Counter[str] = Counter()
        self._upstream: set[str] = set()
        self._refused = 0
        self._watch: asyncio.Task[None] | None = None

    @property
    def sockets(self) -> int:
        """Open to both sides."""
        return len(self._open) + len(self._upstream)

    # -- hooks

    def running(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._look())

    def done(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    @guarded
    def client_connected(self, client: Client) -> None:
        address = client.peername[0]
        if self.sockets >= self._most or self._of_device[address] >= self._per_device:
            self._refused += 1
            client.error = TOO_MANY
            return
        self._open[client.id] = _Open(address, time.monotonic())
        self._of_device[address] += 1

    @guarded
    def client_disconnected(self, client: Client) -> None:
        known = self._open.pop(client.id, None)
        if known is None:
            return
        self._of_device[known.address] -= 1
        if self._of_device[known.address] <= 0:
            del self._of_device[known.address]

    @guarded
    def server_connect(self, data: ServerConnectionHookData) -> None:
        if self.sockets >= self._most:
            self._refused += 1
            data.server.error = TOO_MANY
        else:
            self._upstream.add(data.server.id)

    @guarded
    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        self._upstream.discard(data.server.id)

    @guarded
    def server_disconnected(self, data: ServerConnectionHookData) -> None:
        self._upstream.discard(data.server.id)

    @guarded
    def tls_clienthello(self, data: ClientHelloData) -> None:
        if data.ignore_connection:
            self._begin(data.context.client, "passed through")

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        self._begin(flow.client_conn, flow.id)

    @guarded
    def response(self, flow: HTTPFlow) -> None:
        if flow.response is None or flow.response.status_code != SWITCHING:
            self._end(flow.client_conn, flow.id)

    @guarded
    def error(self, flow: HTTPFlow) -> None:
        self._end(flow.client_conn, flow.id)

    @guarded
    def tcp_start(self, flow: TCPFlow) -> None:
        self._begin(flow.client_conn, flow.id)

    # -- what is idle

    def idle(self, now: float) -> list[str]:
        """Ids of the clients' connections with nothing under way for longer than `IDLE_SECONDS` at `now`."""
        return [name for name, known in self._open.items() if not known.under_way and now - known.since > IDLE_SECONDS]

    def _begin(self, client: Client, what: str) -> None:
        if known := self._open.get(client.id):
            known.under_way.add(what)

    def _end(self, client: Client, what: str) -> None:
        if known := self._open.get(client.id):
            known.under_way.discard(what)
            known.since = time.monotonic()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._refused:
                log.warning("connections_refused", count=self._refused, open=self.sockets, most=self._most)
                self._refused = 0
            await _close(self.idle(time.monotonic()))


async def _close(clients: list[str]) -> None:
    proxyserver: Any = ctx.master.addons.get("proxyserver")  # type: ignore[no-untyped-call, unused-ignore]
    for name in clients:
        if handler := proxyserver.connections.get(name):
            await handler.on_timeout()


def _files_allowed() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)
