"""Requests that could be read in two ways: the gateway must not record one reading while the site follows the other.

Owns what becomes of them. Promises: a request with several Hosts, with a Host other than its :authority, or whose
length is written in a way that not everybody reads alike, is not passed on (RFC 9112, 3.2 and 6; RFC 9113, 8.3.1);
where a client asks the proxy for one site and writes another's name into Host, the site that was asked for is what is
sent and what is recorded (RFC 9112, 3.2.2). A browser sends none of these.
"""

from mitmproxy.http import HTTPFlow
from mitmproxy.net.http.url import hostport

from config.host_name import is_address
from proxy_addons import seen
from proxy_addons.hook import guarded
from proxy_addons.seen import as_text, read_host
from proxy_addons.tally import Tally

_LENGTHS = frozenset((b"transfer-encoding", b"content-length"))


class OneReading:
    """Stands after the shield, which looks at every name a request gives, and before all that looks at one."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        if flow.response is not None or flow.error is not None:
            return
        if _ambiguous(flow):
            seen.forget(flow)
            flow.kill()
        elif _asks_by_name(flow):
            _as_asked(flow)


def _ambiguous(flow: HTTPFlow) -> bool:
    fields, known = flow.request.data.headers.fields, seen.of(flow)
    headers = known.headers if known is not None else seen.header_values(flow.request.data.headers)
    # Two Hosts leave fewer names than fields; nearly always, a look at the names is enough.
    if len(headers) != len(fields) and sum(name.lower() == b"host" for name, _ in fields) > 1:
        return True
    # Of doubled lengths mitmproxy itself refuses all but equal ones.
    if not all(_plain(headers.get(name, b"")) for name in _LENGTHS):
        return True
    host, authority = headers.get(b"host"), flow.request.data.authority
    return bool(host and authority and host != authority) and _named(host or b"") != _named(authority)


def _named(raw: bytes) -> str | bytes:
    """The host in a Host or :authority; what is none, as it is."""
    return read_host(as_text(raw)) or raw


def _plain(value: bytes) -> bool:
    return value.isascii() and as_text(value).isprintable()


def _asks_by_name(flow: HTTPFlow) -> bool:
    """Whether an explicit proxy was asked in the clear, for a site by its name."""
    client, host = flow.client_conn, flow.request.data.host
    return not client.tls and client.proxy_mode.type_name == "regular" and bool(host) and not is_address(host)


def _as_asked(flow: HTTPFlow) -> None:
    request = flow.request.data
    asked = read_host(request.host)
    named = request.headers.get("host")
    if asked is None or named is None or read_host(named) == asked:
        return
    request.headers["host"] = hostport(as_text(request.scheme), request.host, request.port)
    if known := seen.of(flow):
        known.host = asked
