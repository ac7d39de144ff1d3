"""A limit on the size of a message's headers, which mitmproxy does not have.

Owns how much of an unfinished request or answer head is kept in memory. Promises: a client that sends more gets 431 and
is cut off, a site that sends more is cut off with 502; everything else is read exactly as mitmproxy reads it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.http._base import ReceiveHttp

LARGEST_HEAD: Final = 256 * 1024
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    b"Content-Length: 41\r\n\r\nThe request's headers are far too large.\n"
)
_MARK: Final = "fairgate_limited"

type ReadHeaders = Callable[[Any, events.Event], Iterator[Any]]


def limit_headers() -> None:
    """Put the limit on mitmproxy's HTTP/1 reading, for the whole process. HTTP/2 has its own, of 64 KiB."""
    _limit(_http1.Http1Server, _refuse_client)
    _limit(_http1.Http1Client, _drop_server)


def _limit(reader: Any, too_much: Callable[[Any], Iterator[Any]]) -> None:
    plain: ReadHeaders = reader.read_headers
    if getattr(plain, _MARK, False):
        return

    def read_headers(self: Any, event: events.Event) -> Iterator[Any]:
        yield from plain(self, event)
        if self.state == self.read_headers and len(self.buf) > LARGEST_HEAD:
            self.buf.maybe_extract_at_most(len(self.buf))
            yield from too_much(self)

    setattr(read_headers, _MARK, True)
    reader.read_headers = read_headers


def _refuse_client(server: Any) -> Iterator[Any]:
    yield commands.SendData(server.conn, _REFUSAL)
    yield commands.CloseConnection(server.conn)
    server.state = server.done


def _drop_server(client: Any) -> Iterator[Any]:
    yield commands.CloseConnection(client.conn)
    if client.stream_id is not None:
        fault = client.ReceiveProtocolError(
            client.stream_id, "The site's headers are far too large.", client.ReceiveProtocolError.code
        )
        yield ReceiveHttp(fault)
    client.state = client.done
