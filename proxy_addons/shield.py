"""The shield: what is never decrypted, and what is never recorded even in the clear.

Owns the decision, at the first bytes of a TLS connection, whether it may be decrypted, and the removal of requests for
shielded sites. Promises: shielded traffic leaves only a count for its hour, whichever of its names shields it (Host,
:authority, the address asked of the proxy, the connection's); nobody who was not told is decrypted; where this addon
itself fails, the connection is passed through, never decrypted, and the request is not recorded. Everything else that
is passed through is recorded by its host name alone, with the reason.
"""

from typing import Final

from mitmproxy.http import HTTPFlow
from mitmproxy.tls import ClientHelloData

from analytics.categorise import Judge
from analytics.event import NotInspected, Purpose
from analytics.identity import Attribution
from proxy_addons import seen
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.hook import guarded, report
from proxy_addons.kinds import Kinds
from proxy_addons.passed_through import Connection, PassedThrough
from proxy_addons.pins import Pins
from proxy_addons.seen import Seen, read_host

WEB: Final = 443
NOT_WEB: Final = frozenset(
    (
        *(port for port in range(1024) if port not in (80, WEB)),
        *(3389, 4190, 5061, 5222, 5223, 5228, 5229, 5230, 5269, 5349, 6697, 8883),
    )
)
"""Ports of mail, directories, names, calls, chat and push, which carry TLS and no web: an explicit proxy is asked for
them too. In transparent mode only the web's two ports come here at all."""


class Shield:
    """Decides about decryption; takes shielded requests out of the recording."""

    def __init__(
        self, judge: Judge, attributor: Attributor, passed_through: PassedThrough, kinds: Kinds, pins: Pins
    ) -> None:
        self.tally = attributor.tally
        self._judge, self._attributor, self._passed_through, self._kinds = judge, attributor, passed_through, kinds
        self._pins = pins

    def tls_clienthello(self, data: ClientHelloData) -> None:
        try:
            data.ignore_connection = self._pass_through(data)
        except Exception as fault:
            data.ignore_connection = True
            report(self.tally, "Shield.tls_clienthello", fault)

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        known = seen.of(flow)
        if known is None:
            return
        # Taken out first: where this fails, nothing of it goes on.
        seen.forget(flow)
        if self._hidden(flow, known):
            self.tally.shield(known.ts_ms)
            self._kinds.hid(flow.client_conn.peername[0], known.who.person_id, known.ts_ms)
        else:
            seen.attach(flow, known)

    def _hidden(self, flow: HTTPFlow, known: Seen) -> bool:
        """Whether any of the request's names is shielded. Its own path is judged later, with how it came about."""
        if self._judge.shielded(known.host):
            return True
        others = seen.other_hosts(flow, known)
        return any(self._judge.judge(host, known.path, known.query).purpose is Purpose.SHIELDED for host in others)

    def _pass_through(self, data: ClientHelloData) -> bool:
        client, address = data.context.client, data.context.server.address
        ts_ms = now_ms()
        who = self._attributor.who(client, ts_ms)
        if not who.recorded:
            self.tally.pass_through(_unrecorded(who))
            self._attributor.count_unrecorded(who)
            return True
        named = read_host(data.client_hello.sni or "")
        asked = read_host(address[0]) if address else None
        if self._shielded(named, asked):
            self.tally.shield(ts_ms)
            self._kinds.hid(client.peername[0], who.person_id, ts_ms)
            return True
        # A connection names its site twice where the client asked the proxy for one and greets one.
        site = named or (asked if client.proxy_mode.type_name == "regular" else None)
        port = address[1] if address else WEB
        reason = self._reason(who, client.peername[0], site, port, ts_ms)
        if site is not None and reason is None:
            self._pins.greeted(client, data.client_hello, who, site)
        elif reason is not None:
            self.tally.pass_through(reason)
            if host := named or asked:
                through = Connection(
                    who=who, client_ip=client.peername[0], host=host, port=port, ts_ms=ts_ms, why=reason
                )
                self._passed_through.begin(client, through)
        return reason is not None

    def _reason(self, who: Attribution, client_ip: str, site: str | None, port: int, ts_ms: int) -> NotInspected | None:
        """Why this connection, which is not shielded, may not be decrypted; None where it may."""
        if port in NOT_WEB:
            return NotInspected.OPAQUE
        if site is None:
            return NotInspected.NO_SNI
        reason = self._judge.pass_through(site)
        if reason is None and self._pins.learnt(who, client_ip, site, ts_ms):
            return NotInspected.PINNED
        return reason

    def _shielded(self, *hosts: str | None) -> bool:
        return any(self._judge.shielded(host) for host in hosts if host)


def _unrecorded(who: Attribution) -> NotInspected:
    """Why nothing of this connection is opened: somebody who was not told, or nobody who is covered."""
    return NotInspected.NOT_ENROLLED if who.person_id is None else NotInspected.NOT_TOLD
