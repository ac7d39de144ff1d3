"""The way out through the school's filter: one layer under all of a client's connections.

Owns what is said on a connection to the filter before anything of the client's is: the PROXY protocol's preface, and
CONNECT, but for plain HTTP, which the filter is asked for by its whole address. It stands outermost, so that every
connection mitmproxy opens for a client (decrypted, passed through, raw) comes by here. Promises: nothing of the
client's is sent before the filter agreed; a refusal or silence ends that connection with a sentence for the person, and
another way is never tried.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

import h11
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import HttpClient

from config.host_name import is_address, normal_host

OPENS_WITHIN: Final = 20.0
"""Seconds. The system itself would try for minutes to reach a filter that is switched off."""
LONGEST_PAGE: Final = 256 * 1024
"""Of a filter's own page; more is left out."""
NO_ANSWER: Final = (
    "The school's web filter does not answer, so this page cannot be shown. Everything goes through the filter, and "
    "never round it. Please tell the school's technician."
)
REFUSED: Final = "The school's web filter does not allow this site."
NOT_LET_IN: Final = (
    "The school's web filter asks Fairgate itself to sign in. Please tell the school's technician: the filter must let "
    "the gateway's address through without a password."
)
NO_SITE: Final = "That is no address of a site."
_SIGN_IN: Final = 407


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the filter said to CONNECT instead of yes."""

    status: int
    content_type: str
    page: bytes


class Filter(Protocol):
    """What a layer asks of the addon that owns the settings."""

    def preface(self, context: Context) -> bytes: ...

    def connect_headers(self, context: Context) -> list[tuple[str, str]]: ...

    def expect(self, server: Server) -> None: ...

    def refused(self, context: Context, server: Server, refusal: Refusal) -> None: ...


@dataclass(slots=True)
class _Asking:
    """A CONNECT that the filter has not answered yet."""

    command: commands.OpenConnection
    talk: h11.Connection
    refusal: Refusal | None = None
    page: bytearray = field(default_factory=bytearray)


class ThroughFilter(layer.Layer):
    """Opens every connection of `child`'s through the filter."""

    def __init__(self, context: Context, child: layer.Layer, way: Filter) -> None:
        super().__init__(context)
        # Where it stands, for whoever looks at the stack: under mitmproxy's mode, above everything else.
        context.layers.remove(self)
        context.layers.insert(1, self)
        self._child, self._way = child, way
        self._opening: dict[commands.RequestWakeup, Server] = {}
        self._asking: dict[Server, _Asking] = {}
        self._ended: set[Server] = set()

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.OpenConnectionCompleted):
            yield from self._opened(event)
        elif isinstance(event, events.Wakeup) and event.command in self._opening:
            yield from self._waited(event.command)
        elif isinstance(event, events.ConnectionEvent) and event.connection in self._asking:
            yield from self._answered(event)
        elif not (isinstance(event, events.ConnectionEvent) and event.connection in self._ended):
            yield from self._to_child(event)

    def _to_child(self, event: events.Event) -> layer.CommandGenerator[None]:
        for command in self._child.handle_event(event):
            if not isinstance(command, commands.OpenConnection):
                yield command
                continue
            self._way.expect(command.connection)
            yield command
            wake = commands.RequestWakeup(OPENS_WITHIN)
            self._opening[wake] = command.connection
            yield wake

    def _waited(self, wake: commands.RequestWakeup) -> layer.CommandGenerator[None]:
        """So long was a connection being opened; ended now, it is reported as one that failed."""
        server = self._opening.pop(wake)
        if server.timestamp_tcp_setup is None and server not in self._ended:
            yield commands.CloseConnection(server)

    def _opened(self, event: events.OpenConnectionCompleted) -> layer.CommandGenerator[None]:
        command, server = event.command, event.command.connection
        if event.reply is not None:
            yield from self._give_up(command, NO_ANSWER)
            return
        if preface := self._way.preface(self.context):
            yield commands.SendData(server, preface)
        if _plain_http(command):
            yield from self._to_child(event)
        elif (site := asked_for(self.context, server)) is None:
            yield commands.CloseConnection(server)
            yield from self._give_up(command, NO_SITE)
        else:
            asking = self._asking[server] = _Asking(command, h11.Connection(h11.CLIENT))
            yield commands.SendData(server, _connect(asking.talk, site, self._way.connect_headers(self.context)))

    def _answered(self, event: events.ConnectionEvent) -> layer.CommandGenerator[None]:
        server = event.connection
        assert isinstance(server, Server)  # noqa: S101 - only those are asked for
        asking = self._asking[server]
        closed = isinstance(event, events.ConnectionClosed)
        try:
            asking.talk.receive_data(b"" if closed else getattr(event, "data", b""))
            agreed = _read(asking)
        except h11.RemoteProtocolError:
            # What is no HTTP is no agreement; a page that broke off half-way is still a refusal.
            agreed = False
        if agreed is None and not closed:
            return
        del self._asking[server]
        if agreed:
            yield from self._to_child(events.OpenConnectionCompleted(asking.command, None))
            if rest := bytes(asking.talk.trailing_data[0]):
                yield from self._to_child(events.DataReceived(server, rest))
            return
        if not closed:
            yield commands.CloseConnection(server)
        yield from self._refused(server, asking)

    def _refused(self, server: Server, asking: _Asking) -> layer.CommandGenerator[None]:
        refusal = asking.refusal
        if refusal is None:
            why = NO_ANSWER
        elif refusal.status == _SIGN_IN:
            why = NOT_LET_IN
        else:
            why = REFUSED
            self._way.refused(
                self.context, server, Refusal(refusal.status, refusal.content_type, bytes(asking.page[:LONGEST_PAGE]))
            )
        yield from self._give_up(asking.command, why)

    def _give_up(self, command: commands.OpenConnection, why: str) -> layer.CommandGenerator[None]:
        server = command.connection
        server.state, server.error = ConnectionState.CLOSED, why
        self._ended.add(server)
        yield from self._to_child(events.OpenConnectionCompleted(command, why))
        if why is NO_ANSWER and server is not self.context.server:
            # mitmproxy would fail whatever asks for this site again, long after the filter is back.
            server.error = None


def _read(asking: _Asking) -> bool | None:
    """Whether the filter agreed; None where it has not said all yet."""
    while True:
        match asking.talk.next_event():
            case h11.NEED_DATA:
                return None
            case h11.PAUSED | h11.EndOfMessage():
                return asking.refusal is None
            case h11.Response(status_code=status, headers=headers):
                if not 200 <= status < 300:
                    stated = dict(headers).get(b"content-type", b"").decode("latin-1")
                    asking.refusal = Refusal(status, stated, b"")
            case h11.Data(data=data):
                asking.page += data
                if len(asking.page) > LONGEST_PAGE:
                    return False
            case h11.ConnectionClosed():
                return False


def _plain_http(command: commands.OpenConnection) -> bool:
    """Whether a plain HTTP request will be sent there, and not TLS or something raw."""
    return isinstance(command.blocking, HttpClient) and not command.connection.tls


def asked_for(context: Context, server: Server) -> tuple[str, int] | None:
    """The site to name to the filter: by name where the client greeted one and was redirected here by its address."""
    address = server.address
    host = normal_host(address[0]) if address is not None else None
    if address is None or host is None:
        return None
    named = normal_host(server.sni or context.client.sni or "")
    return (named if named and is_address(host) else host), address[1]


def authority(host: str, port: int) -> str:
    """host:port as CONNECT writes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _connect(talk: h11.Connection, site: tuple[str, int], more: list[tuple[str, str]]) -> bytes:
    target = authority(*site)
    said = talk.send(h11.Request(method="CONNECT", target=target, headers=[("Host", target), *more]))
    talk.send(h11.EndOfMessage())
    return said or b""
