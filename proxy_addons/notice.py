"""The notice, shown where somebody visits a plain-HTTP page: never told, told of an earlier notice, or due a reminder.

Owns when a request is answered with the way to the notice page. Promises: only a page visit or an operating system's
probe is (proxy_addons.page_visit), never to or from anything shielded, and only for a person who is surely known;
where somebody was going stands in no address and no log but inside a token; the very page somebody was sent away from
opens when they ask for it again; while the portal does not answer, everything goes its way; what was answered so leaves
no event. The request for the portal itself leaves none either; it says, so that nobody else can, who asks.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable
from typing import Final

from mitmproxy.http import HTTPFlow, Response

from analytics.carried import VOUCHED, Carried, Carrier, plain_url
from analytics.categorise import Judge
from analytics.event import Grade, Method, Purpose
from analytics.identity import Attribution, plain_address
from analytics.notice_due import person_due
from analytics.portal_place import EVERYWHERE, PortalPlace, facing
from proxy_addons import seen
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.event_writer import Recording
from proxy_addons.hook import report
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.page_visit import PORTAL_PROBE, channel

SURE: Final = frozenset((Grade.A, Grade.B))
GOING_ON_SECONDS: Final = 600.0
"""For so long the page that somebody was sent away from opens when it is asked for again."""
PROBED_SECONDS: Final = 120.0
"""For so long an operating system's probes lead to the notice; after that a computer would think itself offline."""
LEFT_ALONE_SECONDS: Final = 3600.0
"""And then for so long they do not."""
REMEMBERED: Final = 4096
UP_SECONDS: Final = 2.0
REACH_SECONDS: Final = 2.0
_WORDS: Final = "<!doctype html><title>Please read this first</title><p>Please read the school's notice first.</p>"


class Notice:
    """Answers with the way to the notice; stands after the shield."""

    def __init__(
        self, recording: Recording, attributor: Attributor, identity: LiveIdentity, place: PortalPlace, carrier: Carrier
    ) -> None:
        self.tally = attributor.tally
        self._recording, self._attributor, self._identity = recording, attributor, identity
        self._place, self._carrier = place, carrier
        self._sent: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._probed: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._up_until, self._up = 0.0, False

    def requestheaders(self, flow: HTTPFlow) -> Awaitable[None] | None:
        if flow.request.data.scheme != b"http" or flow.response is not None or flow.error is not None:
            return None
        try:
            carried = self._wanted(flow)
        except Exception as fault:
            report(self.tally, "Notice.requestheaders", fault)
            return None
        return None if carried is None else self._answer(flow, carried)

    def _wanted(self, flow: HTTPFlow) -> Carried | None:
        """What is to be carried past the notice; None where the request goes its way."""
        headers = seen.header_values(flow.request.headers)
        host = seen.site_host(flow, headers)
        if host is None:
            return None
        if self._place.is_ours(host, flow.request.port, flow.client_conn.peername[0]):
            seen.forget(flow)
            self._vouch(flow)
            return None
        path, query = seen.split_path(flow.request.data.path)
        how = channel(flow.request.data.method, host, path, query, headers)
        if how is None:
            return None
        who = self._attributor.who(flow.client_conn, ts_ms := now_ms())
        if not self._due(who, ts_ms) or shielded(self._recording.judge, flow, host, path, query):
            return None
        carried = self._carried(flow, host, who, how, ts_ms)
        strict = self._place.settings.untold == "notice_only" and not who.told
        return carried if strict or self._now(carried) else None

    def _vouch(self, flow: HTTPFlow) -> None:
        """Say to the portal, which sees this machine alone, whose connection its request came by."""
        flow.request.headers.pop(VOUCHED, None)
        who = self._attributor.who(flow.client_conn, ts_ms := now_ms())
        if who.person_id is not None and who.grade in SURE:
            flow.request.headers[VOUCHED] = self._carrier.vouch(who.person_id, ts_ms)

    def _due(self, who: Attribution, ts_ms: int) -> bool:
        if who.person_id is None or who.grade not in SURE:
            return False
        register = self._recording.register
        person, version = register.now.person(who.person_id), register.snapshot.notice_version
        if person is None or not version:
            return False
        calendar = self._recording.policy.calendar
        return person_due(person, version, self._identity.now, ts_ms, calendar) is not None

    def _carried(self, flow: HTTPFlow, host: str, who: Attribution, how: str, ts_ms: int) -> Carried:
        shown, port = f"[{host}]" if ":" in host else host, flow.request.port
        place = shown if port == 80 else f"{shown}:{port}"
        target = flow.request.data.path.partition(b"#")[0].decode("ascii", "replace")
        signed_in = who.method is Method.PROXY and how != PORTAL_PROBE
        return Carried(
            url="" if how == PORTAL_PROBE else plain_url(f"http://{place}{target}") or f"http://{place}/",
            person_id=who.person_id or "",
            device_id=who.device_id or "",
            client_ip=plain_address(flow.client_conn.peername[0]),
            how="proxy_sign_in" if signed_in else how,
            made_ms=ts_ms,
        )

    def _now(self, carried: Carried) -> bool:
        """Whether to show it now: not for the page they go on to, nor for probes without end."""
        now, whom = time.monotonic(), (carried.client_ip, carried.person_id)
        if carried.how == PORTAL_PROBE:
            since = self._probed.get(whom)
            if since is None or now - since > PROBED_SECONDS + LEFT_ALONE_SECONDS:
                since = now
                _keep(self._probed, whom, now)
            return now - since <= PROBED_SECONDS
        sent, until = self._sent.get(whom, (0, 0.0))
        return sent != hash(carried.url) or until < now

    async def _answer(self, flow: HTTPFlow, carried: Carried) -> None:
        try:
            if not await self._portal_answers():
                return
            if seen.of(flow) is not None:
                seen.forget(flow)
                self.tally.requests += 1
            whom = (carried.client_ip, carried.person_id)
            if carried.how != PORTAL_PROBE:
                _keep(self._sent, whom, (hash(carried.url), time.monotonic() + GOING_ON_SECONDS))
            to = self._place.notice(facing(carried.client_ip), self._carrier.token(carried))
            flow.response = Response.make(
                302, _WORDS, {"Location": to, "Cache-Control": "no-store", "Content-Type": "text/html"}
            )
        except Exception as fault:
            report(self.tally, "Notice._answer", fault)

    async def _portal_answers(self) -> bool:
        """Whether somebody who is sent there now will find it."""
        if time.monotonic() > self._up_until:
            settings = self._place.settings
            host = "127.0.0.1" if settings.listen_host in EVERYWHERE else settings.listen_host
            self._up = await _reached(host, settings.portal_port)
            self._up_until = time.monotonic() + UP_SECONDS
        return self._up


def shielded(judge: Judge, flow: HTTPFlow, host: str, path: str, query: str) -> bool:
    """Whether any name of this request is shielded, known or not whose it is."""
    address = flow.server_conn.address
    raw = [flow.request.host, flow.client_conn.sni or "", address[0] if address else ""]
    raw += [seen.as_text(value) for name, value in flow.request.headers.fields if name.lower() == b"host"]
    hosts = {host, *(other for name in raw if name and (other := seen.read_host(name)))}
    return any(judge.judge(name, path, query).purpose is Purpose.SHIELDED for name in hosts)


async def _reached(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), REACH_SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _keep[K, V](memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
