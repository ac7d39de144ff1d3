"""The kind: how each exchange came about.

Owns the reading of a flow into what analytics.kind needs, and each client's short memory of where it just was.
Promises: decided when the answer's headers are in, so that what a long page pulls in finds its page already opened;
the memory is bounded, in clients and for each; a shielded page is never named as the one that asked.
"""

from collections import OrderedDict
from typing import Final

from mitmproxy.http import HTTPFlow

from analytics.appraisal import appraise_kind
from analytics.categorise import Judge
from analytics.kind import Exchange
from analytics.recent_navigations import RecentNavigations
from proxy_addons import seen
from proxy_addons.hook import guarded
from proxy_addons.seen import Seen
from proxy_addons.tally import Tally

CLIENTS: Final = 2048
"""Clients remembered, the least recent forgotten first."""
_REQUEST: Final = {
    b"sec-fetch-dest": "sec_fetch_dest",
    b"sec-fetch-mode": "sec_fetch_mode",
    b"sec-fetch-site": "sec_fetch_site",
    b"sec-fetch-user": "sec_fetch_user",
    b"sec-purpose": "sec_purpose",
    b"purpose": "purpose_header",
    b"x-purpose": "purpose_header",
    b"x-moz": "purpose_header",
    b"accept": "accept",
    b"referer": "referer",
    b"origin": "origin",
    b"upgrade": "upgrade",
    b"upgrade-insecure-requests": "upgrade_insecure_requests",
    b"cache-control": "cache_control",
    b"access-control-request-method": "preflight_method",
    b"x-requested-with": "requested_with",
    b"user-agent": "user_agent",
}
"""Request headers that tell how an exchange came about, and what `Exchange` calls them."""
_ANSWER: Final = {b"content-type": "content_type", b"location": "location"}


class Kinds:
    """Decides the kind of what is to be recorded; stands after attribution and shield."""

    def __init__(self, judge: Judge, tally: Tally) -> None:
        self.tally = tally
        self._judge = judge
        self._recent: OrderedDict[tuple[str, str | None], RecentNavigations] = OrderedDict()

    @guarded
    def responseheaders(self, flow: HTTPFlow) -> None:
        self._decide(flow)

    @guarded
    def error(self, flow: HTTPFlow) -> None:
        self._decide(flow)

    def _decide(self, flow: HTTPFlow) -> None:
        known = seen.of(flow)
        if known is None or known.kind is not None:
            return
        exchange = read_exchange(flow, known)
        recent = self._memory(flow.client_conn.peername[0], known.who.person_id)
        known.content_type = exchange.content_type
        known.kind, known.page = appraise_kind(exchange, recent, self._judge)

    def hid(self, client_ip: str, person_id: str | None, ts_ms: int) -> None:
        """This client asked for a shielded site: what it pulls in may name no page. Only the time is noted."""
        self._memory(client_ip, person_id).hid(ts_ms)

    def _memory(self, client_ip: str, person_id: str | None) -> RecentNavigations:
        client = (client_ip, person_id)
        memory = self._recent.get(client)
        if memory is None:
            memory = self._recent[client] = RecentNavigations()
            while len(self._recent) > CLIENTS:
                self._recent.popitem(last=False)
        else:
            self._recent.move_to_end(client)
        return memory


def read_exchange(flow: HTTPFlow, known: Seen) -> Exchange:
    """What analytics.kind is told of a flow, answered or not."""
    response = flow.response
    stated = {_REQUEST[name]: seen.as_text(value) for name, value in known.headers.items() if name in _REQUEST}
    if response is not None:
        answered = seen.header_values(response.headers)
        stated.update({_ANSWER[name]: seen.as_text(answered[name]) for name in _ANSWER if name in answered})
    return Exchange(
        ts_ms=known.ts_ms,
        method=flow.request.data.method.decode("ascii", "replace").upper(),
        scheme="https" if flow.request.data.scheme == b"https" else "http",
        host=known.host,
        path=f"{known.path}?{known.query}" if known.query else known.path,
        status=response.status_code if response is not None else 0,
        **stated,
    )
