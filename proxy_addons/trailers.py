"""Fields after a body (trailers), where HTTP/1 stands on one side: mitmproxy cannot pass them on and gives up.

Owns what becomes of them. Promises: over HTTP/2 on both sides they pass unchanged (gRPC lives by them); where HTTP/1 is
on either side they are left out, as every intermediary may (RFC 9110, 6.5.1), and the exchange goes on.
"""

from collections.abc import Iterator
from typing import Any, Final

from h11 import EndOfMessage
from h11._readers import ChunkedReader
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.http._events import RequestTrailers, ResponseTrailers

_MARK: Final = "fairgate_untrailed"


class UntrailedReader(ChunkedReader):
    """Reads a chunked body; its end never carries fields."""

    def __call__(self, buf: Any) -> Any:
        read = super().__call__(buf)
        return EndOfMessage() if isinstance(read, EndOfMessage) and read.headers else read


def leave_out_trailers() -> None:
    """Mend mitmproxy's HTTP/1, for the whole process."""
    _http1.ChunkedReader = UntrailedReader  # type: ignore[attr-defined]
    for side, kind in ((_http1.Http1Server, ResponseTrailers), (_http1.Http1Client, RequestTrailers)):
        _ignore(side, kind)


def _ignore(side: Any, kind: type) -> None:
    plain = side.send
    if getattr(plain, _MARK, False):
        return

    def send(self: Any, event: Any) -> Iterator[Any]:
        if not isinstance(event, kind):
            yield from plain(self, event)

    setattr(send, _MARK, True)
    side.send = send
