"""The strict setting: whoever was never told reaches the notice, and little else, until they were.

Owns what is refused then; it does nothing unless [identity] untold is "notice_only". Promises: nothing is decrypted to
refuse it; what is shielded, what is passed through unopened for everybody, and the school's own sites stay open and
leave no trace; only a person who is surely known and was never told is refused anything.
"""

from collections import OrderedDict
from typing import Final

from mitmproxy.http import HTTPFlow, Response
from mitmproxy.tcp import TCPFlow
from mitmproxy.tls import ClientHelloData, TlsData
from OpenSSL import SSL

from analytics.categorise import Judge
from analytics.identity import Attribution
from analytics.portal_place import PortalPlace
from proxy_addons import seen
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.hook import guarded
from proxy_addons.notice import SURE, shielded

_WORDS: Final = (
    "This connection opens when the school's notice was read. Open any page whose address begins with http:// in a "
    "browser, or ask the school's technician.\n"
)
_CLOSING: Final = 4096


class NoticeOnly:
    """Refuses what somebody untold asks for; the last to decide about a connection."""

    def __init__(self, judge: Judge, attributor: Attributor, place: PortalPlace) -> None:
        self.tally = attributor.tally
        self._judge, self._attributor, self._place = judge, attributor, place
        self._strict = place.settings.untold == "notice_only"
        self._closing: OrderedDict[str, None] = OrderedDict()

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        if not self._strict or flow.response is not None or flow.error is not None:
            return
        if not self._refused(self._attributor.who(flow.client_conn, now_ms())):
            return
        host = seen.site_host(flow, seen.header_values(flow.request.headers)) or ""
        path, query = seen.split_path(flow.request.data.path)
        if self._open(host, flow.request.port, flow.client_conn.peername[0]):
            return
        if not shielded(self._judge, flow, host, path, query):
            flow.response = Response.make(511, _WORDS, {"Cache-Control": "no-store", "Content-Type": "text/plain"})

    @guarded
    def tls_clienthello(self, data: ClientHelloData) -> None:
        client, address = data.context.client, data.context.server.address
        if address and self._place.is_ours(address[0], address[1], client.peername[0]):
            data.ignore_connection = True  # the portal, asked for by way of the proxy, has its own certificate
        if not self._strict or not data.ignore_connection:
            return
        if not self._refused(self._attributor.who(client, now_ms())):
            return
        hosts = [data.client_hello.sni or "", address[0] if address else ""]
        port = address[1] if address else 443
        named = [host for host in map(seen.read_host, filter(None, hosts)) if host]
        if any(self._open(host, port, client.peername[0]) for host in named):
            return
        # Answered without a certificate: the handshake fails before anything is said.
        data.ignore_connection = data.establish_server_tls_first = False
        self._closing[client.id] = None
        if len(self._closing) > _CLOSING:
            self._closing.popitem(last=False)

    def tls_start_client(self, data: TlsData) -> None:
        if self._closing.pop(data.context.client.id, self) is None:
            data.ssl_conn = SSL.Connection(SSL.Context(SSL.TLS_SERVER_METHOD))
            data.ssl_conn.set_accept_state()

    @guarded
    def tcp_start(self, flow: TCPFlow) -> None:
        if self._strict and self._refused(self._attributor.who(flow.client_conn, now_ms())):
            flow.kill()

    def _refused(self, who: Attribution) -> bool:
        return who.person_id is not None and who.grade in SURE and not who.told

    def _open(self, host: str, port: int, client_ip: str) -> bool:
        if self._place.is_ours(host, port, client_ip) or self._judge.shielded(host):
            return True
        own = any(host == site or host.endswith(f".{site}") for site in self._place.settings.school_sites)
        return own or self._judge.pass_through(host) is not None
