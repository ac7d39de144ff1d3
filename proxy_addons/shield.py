"""The shield: what is never decrypted, and what is never recorded even in the clear.

Owns the decision, at the first bytes of a TLS connection, whether it may be decrypted, and the removal of requests for
shielded sites. Promises: shielded traffic leaves only a count for its hour, whichever of its names shields it (Host,
:authority, the address asked of the proxy, the connection's); nobody who was not told is decrypted; where this addon
itself fails, the connection is passed through, never decrypted, and the request is not recorded. Everything else that
is passed through is recorded by its host name alone, with the reason.
"""

from mitmproxy.http import HTTPFlow
from mitmproxy.tls import ClientHelloData

from analytics.categorise import Judge
from analytics.event import NotInspected, Purpose
from analytics.portal_place import PortalPlace
from proxy_addons import seen
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.hook import guarded, report
from proxy_addons.kinds import Kinds
from proxy_addons.passed_through import PassedThrough
from proxy_addons.seen import Seen, read_host


class Shield:
    """Decides about decryption; takes shielded requests out of the recording."""

    def __init__(
        self, judge: Judge, attributor: Attributor, passed_through: PassedThrough, kinds: Kinds, place: PortalPlace
    ) -> None:
        self.tally, self._place = attributor.tally, place
        self._judge, self._attributor, self._passed_through, self._kinds = judge, attributor, passed_through, kinds

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
        if address and self._place.is_ours(address[0], address[1], client.sockname[0]):
            return True  # the portal, asked for by way of the proxy: it has its own certificate
        who = self._attributor.who(client, ts_ms)
        if not who.recorded:
            self.tally.passed_through += 1
            self._attributor.count_unrecorded(who)
            return True
        named = read_host(data.client_hello.sni or "")
        asked = read_host(address[0]) if address else None
        reason = self._reason(named, asked, explicit=client.proxy_mode.type_name == "regular")
        if reason is None:
            return False
        if reason is NotInspected.SHIELD:
            self.tally.shield(ts_ms)
            self._kinds.hid(client.peername[0], who.person_id, ts_ms)
            return True
        self.tally.passed_through += 1
        if host := named or asked:
            port = address[1] if address else 443
            self._passed_through.record(who, client.peername[0], host, port, ts_ms, reason)
        return True

    def _reason(self, named: str | None, asked: str | None, *, explicit: bool) -> NotInspected | None:
        """Why this connection may not be decrypted; None where it may. A connection names its site twice where the
        client asked the proxy for one (`asked`) and greets one (`named`): either may shield it."""
        if self._shielded(named, asked):
            return NotInspected.SHIELD
        host = named or (asked if explicit else None)
        return NotInspected.NO_SNI if host is None else self._judge.pass_through(host)

    def _shielded(self, *hosts: str | None) -> bool:
        return any(self._judge.shielded(host) for host in hosts if host)
