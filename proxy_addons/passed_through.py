"""Connections that were not decrypted: the one event each of them leaves.

Owns what such an event may say: when, whose, which host, how much for how long, and why it was not decrypted. Promises:
shielded connections never come here; raw connections that are neither TLS nor HTTP are recorded as opaque; one that an
exchange turned into (a WebSocket, any Upgrade) is that exchange's, and leaves nothing here whatever became of it; the
event is written when the connection ends, when the gateway stops, or after ten minutes, whichever comes first.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow
from mitmproxy.tcp import TCPFlow

from analytics.categorise import Judge
from analytics.event import NotInspected
from analytics.identity import Attribution
from analytics.kind import NOT_DECRYPTED
from proxy_addons import relay
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.event_writer import EventWriter
from proxy_addons.hook import guarded
from proxy_addons.relay import Relayed
from proxy_addons.seen import read_host

HELD_MS: Final = 600_000
"""A connection that goes on for longer is recorded with what went over it until then: a day's tunnel would be lost with
the worker that is killed before evening."""
LOOK_SECONDS: Final = 15.0
SWITCHING: Final = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection that is not looked into."""

    who: Attribution
    client_ip: str
    host: str
    port: int
    ts_ms: int
    why: NotInspected
    scheme: str = "https"
    kind_reason: str = NOT_DECRYPTED.reason


class PassedThrough:
    """Records undecrypted and opaque connections."""

    def __init__(self, judge: Judge, attributor: Attributor, writer: EventWriter) -> None:
        self.tally = attributor.tally
        self._judge, self._attributor, self._writer = judge, attributor, writer
        self._open: dict[str, tuple[Connection, Relayed]] = {}
        self._upgraded: set[str] = set()
        self._looking: asyncio.Task[None] | None = None

    def running(self) -> None:
        self._looking = asyncio.get_running_loop().create_task(self._look())

    def begin(self, client: Client, connection: Connection) -> None:
        """It goes through from now on; its event comes when it ends."""
        self._open[client.id] = (connection, relay.watch(client.id))

    def record(self, connection: Connection, relayed: Relayed, duration_ms: int = 0) -> None:
        """One event for a connection that is over, or never came about."""
        self._writer.write(
            connection.who,
            connection.ts_ms,
            connection.host,
            self._judge.judge(connection.host),
            client_ip=connection.client_ip,
            duration_ms=duration_ms,
            method="",
            scheme=connection.scheme,
            port=connection.port,
            path="",
            search_phrase="",
            status=0,
            content_type="",
            bytes_up=relayed.up,
            bytes_down=relayed.down,
            kind=NOT_DECRYPTED.kind,
            kind_confidence=NOT_DECRYPTED.confidence,
            kind_reason=connection.kind_reason,
            initiator_host="",
            upload=False,
            media=False,
            not_inspected=connection.why,
        )

    @guarded
    def response(self, flow: HTTPFlow) -> None:
        if flow.response is not None and flow.response.status_code == SWITCHING:
            self._upgraded.add(flow.client_conn.id)

    @guarded
    def tcp_start(self, flow: TCPFlow) -> None:
        if flow.client_conn.id in self._upgraded:
            return
        address, ts_ms = flow.server_conn.address, now_ms()
        who = self._attributor.who(flow.client_conn, ts_ms)
        names = [read_host(name) for name in (flow.client_conn.sni, address[0] if address else "") if name]
        host = names[0] if names else None
        if not who.recorded:
            self._attributor.count_unrecorded(who)
        elif any(self._judge.shielded(name) for name in names if name):
            self.tally.shield(ts_ms)
        elif host is not None and address is not None:
            self.tally.closed[NotInspected.OPAQUE] += 1
            opaque = Connection(
                who=who,
                client_ip=flow.client_conn.peername[0],
                host=host,
                port=address[1],
                ts_ms=ts_ms,
                why=NotInspected.OPAQUE,
                scheme="tcp",
            )
            self.begin(flow.client_conn, opaque)

    @guarded
    def tcp_message(self, flow: TCPFlow) -> None:
        if flow.client_conn.id in self._open and flow.messages:
            message, (_, relayed) = flow.messages[-1], self._open[flow.client_conn.id]
            if message.from_client:
                relayed.up += len(message.content)
            else:
                relayed.down += len(message.content)

    @guarded
    def client_disconnected(self, client: Client) -> None:
        self._upgraded.discard(client.id)
        self._end(client.id)

    @guarded
    def record_held(self, now: int) -> None:
        """Record what has gone on for long enough at `now` (UTC ms)."""
        for client_id, (connection, _) in list(self._open.items()):
            if now - connection.ts_ms >= HELD_MS:
                self._end(client_id)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.record_held(now_ms())

    @guarded
    def done(self) -> None:
        """What still goes through is recorded as it stands."""
        if self._looking is not None:
            self._looking.cancel()
        for client_id in list(self._open):
            self._end(client_id)

    def _end(self, client_id: str) -> None:
        relay.ended(client_id)
        if found := self._open.pop(client_id, None):
            connection, relayed = found
            self.record(connection, relayed, max(0, now_ms() - connection.ts_ms))
