"""The school's own filter as a named proxy: everything that passes this gateway goes through it.

Owns which connections that is (all of them), what the filter is told of the client, what a person sees when it refuses,
and the count of how often it did not answer. Promises: no connection is opened but to the filter, whatever else fails;
the client's address is told to the filter alone; the filter's own page is shown where it can be, as something that can
neither run scripts nor read the site's cookies, because it came over a connection that anybody on the way could alter.
"""

import asyncio
import contextlib
from typing import Final

from mitmproxy.connection import Client, Server
from mitmproxy.http import HTTPFlow, Response
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import ClientHelloData

from analytics.identity import plain_address
from analytics.preface import preface
from config.host_name import is_address, normal_host
from config.settings import UpstreamSettings
from config.upstream_proxy import proxy_address
from proxy_addons.client_address import FORWARDED_FOR
from proxy_addons.hook import guarded, report
from proxy_addons.tally import Tally
from proxy_addons.through_filter import NO_ANSWER, REFUSED, Refusal, ThroughFilter, authority

PROBE_SECONDS: Final = 30.0
_LONGEST_PROBE: Final = 5.0
_VERSIONS: Final = {"proxy_protocol": 1, "proxy_protocol_v2": 2}
_HTTP_PORT: Final = 80
_HARMLESS: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class _Address(tuple[str, int]):
    """An address equal to itself alone: mitmproxy opens at most five connections of a client to equal ones, and here
    all the sites a client visits are at one."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Upstream:
    """Sends everything through the proxy of `settings`, which must name one."""

    def __init__(self, settings: UpstreamSettings, tally: Tally) -> None:
        assert settings.proxy is not None  # noqa: S101 - the caller asked
        self.tally = tally
        self._proxy, self._forward = proxy_address(settings.proxy), settings.forward
        self._expected: set[str] = set()
        self._asked: dict[str, tuple[str, int]] = {}
        self._refusals: dict[str, dict[str, Refusal]] = {}
        self._probe: asyncio.Task[None] | None = None

    # -- the way

    def next_layer(self, nextlayer: NextLayer) -> None:
        """mitmproxy has chosen what follows its mode; our layer goes between the two."""
        context = nextlayer.context
        if nextlayer.layer is None or any(isinstance(layer, ThroughFilter) for layer in context.layers):
            return
        nextlayer.layer = ThroughFilter(context, nextlayer.layer, self)

    def server_connect(self, data: ServerConnectionHookData) -> None:
        server = data.server
        # Until all is done: whatever goes wrong here, nothing goes round the filter.
        server.error = "not through the filter"
        if server.address is None or server.id not in self._expected:
            return
        self._expected.discard(server.id)
        self._asked[server.id] = server.address
        server.address = _Address(self._proxy)
        server.error = None

    def server_connected(self, data: ServerConnectionHookData) -> None:
        self._give_back(data.server)

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        self._give_back(data.server)

    def client_disconnected(self, client: Client) -> None:
        self._refusals.pop(client.id, None)

    def _give_back(self, server: Server) -> None:
        # mitmproxy finds a connection to use again by the address that was asked for.
        if asked := self._asked.pop(server.id, None):
            object.__setattr__(server, "address", asked)

    # -- what a layer asks

    def preface(self, context: Context) -> bytes:
        version = _VERSIONS.get(self._forward)
        if version is None:
            return b""
        client = context.client
        return preface(version, client.peername[:2], client.sockname[:2])

    def connect_headers(self, context: Context) -> list[tuple[str, str]]:
        if self._forward != "x_forwarded_for":
            return []
        return [(FORWARDED_FOR.decode(), plain_address(context.client.peername[0]))]

    def expect(self, server: Server) -> None:
        self._expected.add(server.id)

    def refused(self, context: Context, server: Server, refusal: Refusal) -> None:
        self._refusals.setdefault(context.client.id, {})[server.id] = refusal

    # -- requests

    @guarded
    def tls_clienthello(self, data: ClientHelloData) -> None:
        # As mitmproxy does where it connects eagerly: the filter is asked before the person is answered.
        data.establish_server_tls_first = data.context.server.tls and not data.ignore_connection

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        if flow.response is not None or flow.error is not None:
            return
        if flow.request.scheme == "http":
            self._in_the_clear(flow)
        elif refusal := self._refusals.get(flow.client_conn.id, {}).get(flow.server_conn.id):
            _show(flow, refusal)

    @guarded
    def error(self, flow: HTTPFlow) -> None:
        # It was said. The browser keeps its connection to us: once the filter is back, the next page must open.
        if flow.server_conn.error == NO_ANSWER:
            flow.server_conn.error = None

    def _in_the_clear(self, flow: HTTPFlow) -> None:
        """A proxy is asked for the whole address, and told for whom."""
        request = flow.request
        host = request.host
        if is_address(normal_host(host) or "") and (named := normal_host(request.host_header or "")):
            host = named
        port = request.port
        bare = f"[{host}]" if ":" in host else host
        request.authority = bare if port == _HTTP_PORT else authority(host, port)
        if self._forward == "x_forwarded_for":
            told = plain_address(flow.client_conn.peername[0]).encode()
            request.headers.fields = (*request.headers.fields, (FORWARDED_FOR, told))

    # -- whether it answers

    def running(self) -> None:
        self._probe = asyncio.get_running_loop().create_task(self._look())

    def done(self) -> None:
        if self._probe is not None:
            self._probe.cancel()

    async def _look(self) -> None:
        # Asked by the clock and not by what people do: a count of failed visits would tell of shielded ones too.
        while True:
            try:
                if not await answers(self._proxy):
                    self.tally.filter_silent += 1
            except Exception as fault:
                report(self.tally, "Upstream.look", fault)
            await asyncio.sleep(PROBE_SECONDS)


async def answers(address: tuple[str, int]) -> bool:
    """Whether something accepts connections there."""
    try:
        async with asyncio.timeout(_LONGEST_PROBE):
            _, writer = await asyncio.open_connection(*address)
    except OSError:  # TimeoutError and a name that cannot be found are such, too
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _show(flow: HTTPFlow, refusal: Refusal) -> None:
    """The filter's own page for a site it did not let through."""
    if flow.request.stream or "transfer-encoding" in flow.request.headers:
        return  # a body is on its way: mitmproxy's own page says why
    shown = refusal.status >= 400 and refusal.page and refusal.content_type.lower().startswith("text/")
    page, kind = (refusal.page, refusal.content_type) if shown else (REFUSED.encode(), "text/plain; charset=utf-8")
    status = refusal.status if refusal.status >= 400 else 403
    headers = {"Content-Type": kind, "Content-Security-Policy": _HARMLESS, "X-Content-Type-Options": "nosniff"}
    flow.response = Response.make(status, page, {**headers, "Cache-Control": "no-store"})
