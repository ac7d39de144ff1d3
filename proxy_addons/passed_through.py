"""Connections that were not decrypted: the one event each of them leaves.

Owns what such an event may say: when, whose, which host, and why it was not decrypted. Promises: shielded connections
never come here. Raw connections that are neither TLS nor HTTP are recorded as opaque.
"""

from mitmproxy.tcp import TCPFlow

from analytics.categorise import Judge
from analytics.event import NotInspected
from analytics.identity import Attribution
from analytics.kind import NOT_DECRYPTED
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.event_writer import EventWriter
from proxy_addons.hook import guarded
from proxy_addons.seen import read_host


class PassedThrough:
    """Records undecrypted and opaque connections."""

    def __init__(self, judge: Judge, attributor: Attributor, writer: EventWriter) -> None:
        self.tally = attributor.tally
        self._judge, self._attributor, self._writer = judge, attributor, writer

    def record(
        self,
        who: Attribution,
        client_ip: str,
        host: str,
        port: int,
        ts_ms: int,
        why: NotInspected,
        *,
        scheme: str = "https",
        kind_reason: str = NOT_DECRYPTED.reason,
    ) -> None:
        """One event for a connection to `host`."""
        self._writer.write(
            who,
            ts_ms,
            host,
            self._judge.judge(host),
            client_ip=client_ip,
            duration_ms=0,
            method="",
            scheme=scheme,
            port=port,
            path="",
            search_phrase="",
            status=0,
            content_type="",
            bytes_up=0,
            bytes_down=0,
            kind=NOT_DECRYPTED.kind,
            kind_confidence=NOT_DECRYPTED.confidence,
            kind_reason=kind_reason,
            initiator_host="",
            upload=False,
            media=False,
            not_inspected=why,
        )

    @guarded
    def tcp_start(self, flow: TCPFlow) -> None:
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
            self.record(who, flow.client_conn.peername[0], host, address[1], ts_ms, NotInspected.OPAQUE, scheme="tcp")
