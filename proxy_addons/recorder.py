"""The recorder: one event for each exchange, on the spool.

Owns what of an exchange becomes its event. Promises: least data (no query, no credentials, no body; of the path and the
search phrase only what the verdict lets be kept); it never blocks and never raises into the traffic; an exchange that
ends without an answer is recorded too, with status 0, and one still under way when the gateway stops is not lost; a
WebSocket, or whatever else an exchange turned into, is recorded once, when it ends, with all its bytes.
"""

import functools
import time
from collections.abc import Sequence
from typing import Final, Protocol

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow

from analytics.categorise import Judge, kept_path, search_phrase
from analytics.event import Kind, NotInspected
from proxy_addons import seen
from proxy_addons.attribution import Attributor
from proxy_addons.event_writer import EventWriter
from proxy_addons.hook import guarded
from proxy_addons.passed_through import SWITCHING, Connection, PassedThrough
from proxy_addons.relay import Relayed
from proxy_addons.seen import Seen, read_host

UPLOAD_BYTES: Final = 16 * 1024
"""A request that carries as much is taken for an upload, whatever it calls itself."""
LONGEST_TYPE: Final = 100
LONGEST_METHOD: Final = 20
LARGEST: Final = 2**53 - 1
_MEDIA: Final = ("video/", "audio/", "application/vnd.apple.mpegurl", "application/dash+xml")
_SENDING: Final = frozenset((b"POST", b"PUT", b"PATCH"))
UNREACHED: Final = "no_answer"
"""`kind_reason` where not even the connection came about."""


class Settling(Protocol):
    """An addon that finds something out about an exchange that ends."""

    def error(self, flow: HTTPFlow, /) -> None: ...


class Recorder:
    """Writes the events of HTTP exchanges; the last of the pipeline."""

    def __init__(
        self,
        attributor: Attributor,
        judge: Judge,
        passed_through: PassedThrough,
        writer: EventWriter,
        before: Sequence[Settling],
    ) -> None:
        """`before` are the addons that settle an exchange's kind and verdict, in their order."""
        self.tally = attributor.tally
        self._attributor, self._judge = attributor, judge
        self._passed_through, self._writer, self._before = passed_through, writer, before
        self._under_way: dict[str, dict[str, HTTPFlow]] = {}
        """By client connection and flow."""

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        if seen.of(flow) is not None:
            self._under_way.setdefault(flow.client_conn.id, {})[flow.id] = flow

    @guarded
    def response(self, flow: HTTPFlow) -> None:
        if flow.response is None or flow.response.status_code != SWITCHING:
            self._record(flow)

    @guarded
    def client_disconnected(self, client: Client) -> None:
        """A WebSocket ends so; and whatever else mitmproxy did not tell the end of."""
        self._end(client.id)

    @guarded
    def error(self, flow: HTTPFlow) -> None:
        self._record(flow)

    @guarded
    def http_connect_error(self, flow: HTTPFlow) -> None:
        """A tunnel that could not be opened: the site refused, or has no such name."""
        if flow.response is None or flow.response.status_code == 407:
            return
        ts_ms = int(flow.request.data.timestamp_start * 1000)
        who = self._attributor.who(flow.client_conn, ts_ms)
        host = read_host(flow.request.host)
        if not who.recorded:
            self._attributor.count_unrecorded(who)
        elif host is not None and self._judge.shielded(host):
            self.tally.shield(ts_ms)
        elif host is not None:
            unreached = Connection(
                who=who,
                client_ip=flow.client_conn.peername[0],
                host=host,
                port=flow.request.port,
                ts_ms=ts_ms,
                why=NotInspected.OPAQUE,
                kind_reason=UNREACHED,
            )
            self._passed_through.record(unreached, Relayed())

    @guarded
    def done(self) -> None:
        """What is still under way is recorded as it stands: nobody will tell us how it ends."""
        for client in list(self._under_way):
            self._end(client)

    def _end(self, client: str) -> None:
        for flow in self._under_way.pop(client, {}).values():
            for addon in self._before:
                addon.error(flow)
            self._record(flow)

    def _record(self, flow: HTTPFlow) -> None:
        if others := self._under_way.get(flow.client_conn.id):
            others.pop(flow.id, None)
        known = seen.of(flow)
        if known is None or known.kind is None or known.verdict is None:
            return
        seen.forget(flow)
        self._write(flow, known)

    def _write(self, flow: HTTPFlow, known: Seen) -> None:
        request, response, kind, verdict = flow.request.data, flow.response, known.kind, known.verdict
        assert kind is not None and verdict is not None  # noqa: PT018, S101 - for the type checker; _record asked
        content_type = _media_type(known.content_type)
        bytes_up = known.bytes_up or len(request.content or b"")
        self.tally.requests += 1
        ended = time.time()
        if response is not None and response.timestamp_end is not None and response.status_code != SWITCHING:
            ended = response.timestamp_end
        self._writer.write(
            known.who,
            known.ts_ms,
            known.host,
            verdict,
            asked_path=known.path,
            asked_query=known.query,
            client_ip=flow.client_conn.peername[0],
            duration_ms=max(0, int((ended - request.timestamp_start) * 1000)),
            method=request.method[:LONGEST_METHOD].decode("ascii", "replace").upper(),
            scheme="https" if request.scheme == b"https" else "http",
            port=request.port,
            path=kept_path(verdict, known.path),
            search_phrase=search_phrase(verdict, known.query) if kind.kind is Kind.NAVIGATION else "",
            status=response.status_code if response is not None else 0,
            content_type=content_type,
            bytes_up=bytes_up,
            bytes_down=known.bytes_down or len((response.raw_content if response is not None else None) or b""),
            kind=kind.kind,
            kind_confidence=kind.confidence,
            kind_reason=kind.reason.value,
            initiator_host=kind.initiator_host,
            upload=_upload(known, request.method, bytes_up),
            media=content_type.startswith(_MEDIA),
            not_inspected=NotInspected.INSPECTED,
        )


@functools.lru_cache(maxsize=1024)
def _media_type(stated: str) -> str:
    """The media type alone, without parameters, in ASCII."""
    plain = stated.partition(";")[0].strip().lower()[:LONGEST_TYPE]
    return plain.encode("ascii", "replace").decode("ascii")


def _upload(known: Seen, method: bytes, bytes_up: int) -> bool:
    if method not in _SENDING:
        return False
    return bytes_up >= UPLOAD_BYTES or known.headers.get(b"content-type", b"").lower().startswith(
        b"multipart/form-data"
    )
