"""HTTP/2 bodies that one side sends faster than the other takes them.

Owns how much of them is held in between. mitmproxy tells every sender to go on at once (windows of 2 GiB) and keeps
what the other side has no room for: a paused video or download would come whole into memory. Promises: of each stream
at most `WINDOW` and a little more is held; a stream that waits holds up no other on its connection; nothing is lost,
and sending goes on by itself when there is room; what the client takes back is taken back at the site.
"""

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

import h2.events
import h2.exceptions
from h2.config import H2Configuration
from hyperframe.frame import WindowUpdateFrame
from mitmproxy.connection import Client, Connection
from mitmproxy.proxy.commands import SendData
from mitmproxy.proxy.events import Event
from mitmproxy.proxy.layer import CommandGenerator
from mitmproxy.proxy.layers import http as layers
from mitmproxy.proxy.layers.http import _http2
from mitmproxy.proxy.layers.http._base import HttpEvent
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection

from proxy_addons.http2_budget import CODE, Budget

WINDOW: Final = 512 * 1024
"""Bytes a sender may have under way in one stream: 25 MB/s where an answer takes 20 ms."""
FULL: Final = 128 * 1024
"""From so many bytes kept for a stream on, its sender is not told to go on."""
QUEUED: Final = 16
"""The same for events of a stream that the site has no room for yet."""


class Room(HttpEvent):
    """There is room again for a stream's body: its sender may go on."""


class BoundedH2Connection(BufferedH2Connection):
    """Tells senders to go on only where `full(stream)` is not."""

    def __init__(self, config: H2Configuration) -> None:
        super().__init__(config)
        self.local_settings.initial_window_size = WINDOW
        # As mitmproxy does: what is not acknowledged here would not be what is sent.
        self.local_settings.acknowledge()
        self.full: Callable[[int], bool] = lambda _stream: False
        self._withheld: dict[int, int] = {}

    def kept(self, stream: int) -> int:
        """Bytes of a stream that its receiver has no room for yet."""
        pieces = self.stream_buffers.get(stream)
        return sum(len(piece.data) for piece in pieces) if pieces else 0

    def acknowledge_received_data(self, acknowledged_size: int, stream_id: int) -> None:
        if not self.full(stream_id):
            super().acknowledge_received_data(acknowledged_size, stream_id)
            return
        self._withheld[stream_id] = self._withheld.get(stream_id, 0) + acknowledged_size
        # The connection's own window is opened all the same: the other streams need it.
        if more := self._inbound_flow_control_window_manager.process_bytes(acknowledged_size):
            self._prepare_for_sending([_update(0, more)])

    def go_on(self, stream_id: int) -> None:
        """Tell a stream's sender to go on with what was withheld from it."""
        size = self._withheld.pop(stream_id, 0)
        stream = self.streams.get(stream_id)
        if size and stream is not None and stream.open:
            self._prepare_for_sending(stream.acknowledge_received_data(size))


class _Between:
    """Both sides of one client's connection, and who waits for room: by the client's numbers of streams."""

    def __init__(self) -> None:
        self.server: Any = None
        self.clients: list[Any] = []
        self.down: dict[int, Connection] = {}
        """Answers that wait for the client, and where they come from."""
        self.up: set[int] = set()
        """Bodies of requests that wait for a site."""


_between: WeakKeyDictionary[Client, _Between] = WeakKeyDictionary()


def _of(client: Client) -> _Between:
    return _between.setdefault(client, _Between())


class FlowingServer(_http2.Http2Server):
    """Towards the client."""

    h2_conn: BoundedH2Connection

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._sides = _of(context.client)
        self._sides.server = self
        self._budget = Budget()
        self.h2_conn.full = self._upload_waits

    def handle_h2_event(self, event: h2.events.Event) -> CommandGenerator[bool]:
        if self._budget.allows(event):
            if isinstance(event, h2.events.StreamReset):
                # Asked and taken back within one read, mitmproxy has forgotten the stream by now, and the site would
                # go on working for nobody.
                self.streams.setdefault(event.stream_id, _http2.StreamState.HEADERS_RECEIVED)
            return (yield from super().handle_h2_event(event))
        yield from self.protocol_error("Far more frames than any browser sends.", CODE)
        return True

    def _upload_waits(self, stream: int) -> bool:
        if any(side.waits(stream) for side in self._sides.clients):
            self._sides.up.add(stream)
            return True
        return False

    def _handle_event(self, event: Event) -> CommandGenerator[None]:
        if isinstance(event, Room):
            yield from _go_on(self, event.stream_id)
            return
        yield from super()._handle_event(event)
        for stream, origin in list(self._sides.down.items()):
            if self.h2_conn.kept(stream) < FULL:
                del self._sides.down[stream]
                yield layers.SendHttp(Room(stream), origin)


class FlowingClient(_http2.Http2Client):
    """Towards a site."""

    h2_conn: BoundedH2Connection

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._sides = _of(context.client)
        self._sides.clients.append(self)
        self.h2_conn.full = self._download_waits

    def waits(self, stream: int) -> bool:
        """Whether the site has no room for the request body of the client's `stream`."""
        if stream in self.stream_queue:
            return len(self.stream_queue[stream]) > QUEUED
        ours = self.our_stream_id.get(stream)
        return ours is not None and bool(self.h2_conn.kept(ours) >= FULL)

    def _download_waits(self, ours: int) -> bool:
        stream, towards = self.their_stream_id.get(ours), self._sides.server
        if stream is None or towards is None or towards.h2_conn.kept(stream) < FULL:
            return False
        self._sides.down[stream] = self.conn
        return True

    def _handle_event(self, event: Event) -> CommandGenerator[None]:
        if isinstance(event, Room):
            if ours := self.our_stream_id.get(event.stream_id):
                yield from _go_on(self, ours)
            return
        yield from super()._handle_event(event)
        for stream in list(self._sides.up):
            if not any(side.waits(stream) for side in self._sides.clients):
                self._sides.up.discard(stream)
                yield layers.SendHttp(Room(stream), self.context.client)


def _go_on(side: Any, stream: int) -> CommandGenerator[None]:
    try:
        side.h2_conn.go_on(stream)
    except h2.exceptions.ProtocolError:
        return  # the connection is closing
    if data := side.h2_conn.data_to_send():
        yield SendData(side.conn, data)


def _update(stream: int, more: int) -> WindowUpdateFrame:
    frame = WindowUpdateFrame(stream)
    frame.window_increment = more
    return frame


def bound_http2() -> None:
    """Handle every HTTP/2 connection of this process so."""
    seams: Any = layers
    _http2.BufferedH2Connection = BoundedH2Connection  # type: ignore[attr-defined]
    seams.Http2Server, seams.Http2Client = FlowingServer, FlowingClient
