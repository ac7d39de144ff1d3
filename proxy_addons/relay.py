"""How much went over a connection that was passed through unopened.

Owns the counting of its bytes, which mitmproxy relays without telling anybody. Promises: nothing is looked at or kept
but the number of bytes each way; only connections that leave an event are counted.
"""

from dataclasses import dataclass
from typing import Final

from mitmproxy.proxy import events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import tcp


@dataclass(slots=True)
class Relayed:
    """Bytes of one connection so far, TLS's own among them."""

    up: int = 0
    down: int = 0


_watched: Final[dict[str, Relayed]] = {}
"""By the client connection's id, from `watch` to `ended`."""


def watch(client_id: str) -> Relayed:
    """Count what goes over this client's connection from now on, where mitmproxy is one we know; else it stays 0."""
    return _watched.setdefault(client_id, Relayed())


def ended(client_id: str) -> None:
    _watched.pop(client_id, None)


class CountedRelay(tcp.TCPLayer):
    """mitmproxy's relay of raw bytes, counted."""

    def __init__(self, context: Context, ignore: bool = False) -> None:
        super().__init__(context, ignore)
        self._relayed = _watched.get(context.client.id) if ignore else None

    def relay_messages(self, event: events.Event) -> layer.CommandGenerator[None]:
        if self._relayed is not None and isinstance(event, events.DataReceived):
            if event.connection is self.context.client:
                self._relayed.up += len(event.data)
            else:
                self._relayed.down += len(event.data)
        yield from super().relay_messages(event)


def count_relayed() -> None:
    """Have mitmproxy relay what is passed through by the counted relay. For the versions it was proven on."""
    tcp.TCPLayer = CountedRelay  # type: ignore[misc]
