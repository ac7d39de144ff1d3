"""What our addons know of one exchange while it lasts.

Owns the record that travels on the flow from one addon to the next, and how a flow's headers and host are read.
Promises: an exchange that may not be recorded has no such record, so no later addon can touch it by mistake; reading
never raises, whatever the client sent.
"""

import functools
from dataclasses import dataclass
from typing import Final

from mitmproxy.http import Headers, HTTPFlow

from analytics.categorise import Verdict
from analytics.identity import Attribution
from analytics.kind import KindVerdict
from config.host_name import normal_host

_KEY: Final = "fairgate"

type HeaderValues = dict[bytes, bytes]


@dataclass(slots=True)
class Seen:
    """One exchange of a person who was told. Set from left to right: attribution, shield, kind, verdict, recorder."""

    who: Attribution
    ts_ms: int
    headers: HeaderValues
    """The request's, names in lower case; of doubled ones the last."""
    host: str
    path: str
    query: str
    bytes_up: int = 0
    """Counted for streamed bodies only."""
    bytes_down: int = 0
    content_type: str = ""
    """As the answer states it."""
    kind: KindVerdict | None = None
    verdict: Verdict | None = None
    page: Verdict | None = None
    """The verdict on the page that asked for it, where the browser named one."""


def as_text(value: bytes) -> str:
    """A header's value as text, whatever its bytes."""
    return value.decode("utf-8", "replace")


def attach(flow: HTTPFlow, seen: Seen) -> None:
    flow.metadata[_KEY] = seen


def of(flow: HTTPFlow) -> Seen | None:
    """What is known of the flow; None where it is not to be recorded."""
    found = flow.metadata.get(_KEY)
    return found if isinstance(found, Seen) else None


def forget(flow: HTTPFlow) -> None:
    """This flow is not, or no longer, to be recorded."""
    flow.metadata.pop(_KEY, None)


def header_values(headers: Headers) -> HeaderValues:
    """All of a message's headers in one pass: mitmproxy's own look-up walks the list for each name."""
    return {name.lower(): value for name, value in headers.fields}


@functools.lru_cache(maxsize=8192)
def read_host(raw: str) -> str | None:
    """`normal_host`, remembered: the same few hundred come again and again."""
    return normal_host(raw)


def site_host(flow: HTTPFlow, headers: HeaderValues) -> str | None:
    """The site a request is for: what it names itself (Host or :authority), else where it was sent; None if neither
    is a host."""
    request = flow.request.data
    named = request.authority or headers.get(b"host", b"")
    if named and (host := read_host(named.decode("utf-8", "replace"))):
        return host
    return read_host(flow.client_conn.sni or request.host or "")


def other_hosts(flow: HTTPFlow, known: Seen) -> frozenset[str]:
    """Every other name under which the request came: each Host and :authority, where it was sent, and the connection's
    own (TLS and CONNECT). Mostly none."""
    request, address = flow.request.data, flow.server_conn.address
    fields = request.headers.fields
    raw = [known.headers.get(b"host", b""), request.authority]
    if len(fields) != len(known.headers):
        raw += [value for name, value in fields if name.lower() == b"host"]
    return _others(known.host, request.host, flow.client_conn.sni or "", address[0] if address else "", *raw)


@functools.lru_cache(maxsize=8192)
def _others(host: str, *raw: str | bytes) -> frozenset[str]:
    """The hosts among `raw` that are not `host`; remembered, since the same names come with each request."""
    names = {as_text(name) if isinstance(name, bytes) else name for name in raw}
    return frozenset(other for name in names if name and (other := read_host(name)) and other != host)


def split_path(raw: bytes) -> tuple[str, str]:
    """Path and query of a request target, without any fragment."""
    path, _, query = raw.partition(b"#")[0].decode("utf-8", "replace").partition("?")
    return path, query
