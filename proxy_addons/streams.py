"""Bodies that pass through in pieces: large ones, and those whose size nobody says.

Owns the counting of streamed bodies, and that nothing of any body or message stays in memory. Promises: at most
`STREAMED_FROM` bytes of a body are ever held; raw messages are let go as soon as they were sent on.
"""

from collections.abc import Callable
from typing import Literal

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow, Message
from mitmproxy.tcp import TCPFlow

from proxy_addons import seen
from proxy_addons.hook import guarded
from proxy_addons.passed_through import SWITCHING
from proxy_addons.posture import STREAMED_FROM
from proxy_addons.seen import Seen
from proxy_addons.tally import Tally

_WITHOUT_BODY = frozenset((204, 304))


class Streams:
    """Streams and counts; must stand after attribution and shield."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._upgraded: dict[str, Seen] = {}
        """Exchanges that became something else, by the client's connection, which is theirs alone from then on."""

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        if flow.response is None and (flow.request.stream or _unsaid_request(flow)):
            _stream(flow, flow.request, "bytes_up")

    @guarded
    def responseheaders(self, flow: HTTPFlow) -> None:
        response = flow.response
        if response is not None and (response.stream or _unsaid_response(flow)):
            _stream(flow, response, "bytes_down")

    @guarded
    def response(self, flow: HTTPFlow) -> None:
        known = seen.of(flow)
        if known is not None and flow.response is not None and flow.response.status_code == SWITCHING:
            self._upgraded[flow.client_conn.id] = known

    @guarded
    def client_disconnected(self, client: Client) -> None:
        self._upgraded.pop(client.id, None)

    @guarded
    def tcp_message(self, flow: TCPFlow) -> None:
        known = self._upgraded.get(flow.client_conn.id)
        if known is not None:
            known.bytes_up += sum(len(message.content) for message in flow.messages if message.from_client)
            known.bytes_down += sum(len(message.content) for message in flow.messages if not message.from_client)
        flow.messages.clear()


def _stream(flow: HTTPFlow, message: Message, counter: Literal["bytes_up", "bytes_down"]) -> None:
    message.stream = _counted(flow, counter)


def _counted(flow: HTTPFlow, counter: Literal["bytes_up", "bytes_down"]) -> Callable[[bytes], bytes]:
    known = seen.of(flow)

    def count(piece: bytes) -> bytes:
        if known is not None:
            setattr(known, counter, getattr(known, counter) + len(piece))
        return piece

    return count


def _unsaid_request(flow: HTTPFlow) -> bool:
    request = flow.request
    if request.data.method in (b"GET", b"HEAD"):
        return False
    return "content-length" not in request.headers


def _unsaid_response(flow: HTTPFlow) -> bool:
    """Whether the length of the answer's body is not said, so that it might never end."""
    response = flow.response
    if response is None or flow.request.data.method == b"HEAD":
        return False
    if response.status_code < 200 or response.status_code in _WITHOUT_BODY:
        return False
    return "content-length" not in response.headers


__all__ = ["STREAMED_FROM", "Streams"]
