"""A site that speaks HTTP/2 alone, for tests: answers by path, keeps to the windows it is given, counts what it sent.

/large/N: N bytes. /grpc: sends back each message as it comes, with trailers at the end. /upload: how many bytes came.
/stuck: takes nothing of a request's body. /hang: nothing. All else: the path itself.
"""

import contextlib
import functools
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from tests.proxy_addons.local_web import Authority

PIECE = 16_384
TRAILERS = [("grpc-status", "0"), ("grpc-message", "all well")]


class Http2Web:
    """Serves `host` and, where it is a "*.name", all below it, while the context lasts, over TLS on `port`.

    `sent` is how many bytes of bodies went out, `resets` how many streams were given up by who asked."""

    def __init__(self, folder: Path, host: str) -> None:
        self.authority = Authority(folder)
        self.sent, self.resets, self.asked, self.connections = 0, 0, 0, 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.authority.leaf(host))
        self._tls.set_alpn_protocols(["h2"])
        self._listening = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                raw, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError, h2.exceptions.H2Error), self._tls.wrap_socket(raw, server_side=True) as line:
            _Conversation(self, line).run()


class _Conversation:
    """One connection."""

    def __init__(self, web: Http2Web, line: ssl.SSLSocket) -> None:
        self._web, self._line = web, line
        self._spoken = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._left: dict[int, int] = {}
        self._read: dict[int, int] = {}
        self._paths: dict[int, str] = {}

    def run(self) -> None:
        self._spoken.initiate_connection()
        self._line.sendall(self._spoken.data_to_send())
        while data := self._line.recv(65_536):
            for event in self._spoken.receive_data(data):
                self._take(event)
            self._pump()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived(stream_id=int(stream)):
                self._begin(stream, event)
            case h2.events.DataReceived(stream_id=int(stream)):
                self._data(stream, event)
            case h2.events.StreamEnded(stream_id=int(stream)):
                self._end(stream)
            case h2.events.StreamReset(stream_id=int(stream)):
                self._web.resets += 1
                self._left.pop(stream, None)

    def _begin(self, stream: int, event: h2.events.RequestReceived) -> None:
        self._web.asked += 1
        path = next(bytes(value) for name, value in event.headers if bytes(name) == b":path").decode()
        self._paths[stream], self._read[stream] = path, 0
        match path.split("/"):
            case [_, "large", count]:
                self._head(stream, "application/zip", int(count))
                self._left[stream] = int(count)
            case [_, "grpc"]:
                self._head(stream, "application/grpc", None)
            case [_, "hang" | "upload" | "stuck"]:
                pass
            case _:
                body = f"<p>{path}</p>".encode()
                self._head(stream, "text/html", len(body))
                self._spoken.send_data(stream, body, end_stream=True)

    def _head(self, stream: int, content_type: str, length: int | None) -> None:
        headers = [(":status", "200"), ("content-type", content_type)]
        self._spoken.send_headers(
            stream, [*headers, *([("content-length", str(length))] if length is not None else [])]
        )

    def _data(self, stream: int, event: h2.events.DataReceived) -> None:
        assert event.data is not None
        self._read[stream] = self._read.get(stream, 0) + len(event.data)
        if event.flow_controlled_length and self._paths.get(stream) != "/stuck":
            self._spoken.acknowledge_received_data(event.flow_controlled_length, stream)
        if self._paths.get(stream) == "/grpc":
            self._spoken.send_data(stream, event.data)

    def _end(self, stream: int) -> None:
        match self._paths.get(stream):
            case "/grpc":
                self._spoken.send_headers(stream, TRAILERS, end_stream=True)
            case "/upload":
                body = str(self._read[stream]).encode()
                self._head(stream, "text/plain", len(body))
                self._spoken.send_data(stream, body, end_stream=True)

    def _pump(self) -> None:
        """Send what the windows allow."""
        self._flush()
        for stream in list(self._left):
            while self._left.get(stream) and (room := self._room(stream)):
                self._left[stream] -= room
                self._spoken.send_data(stream, _piece(room), end_stream=not self._left[stream])
                self._web.sent += room
                self._flush()

    def _room(self, stream: int) -> int:
        return min(self._left[stream], self._spoken.local_flow_control_window(stream), PIECE)

    def _flush(self) -> None:
        if out := self._spoken.data_to_send():
            self._line.sendall(out)


@functools.cache
def _piece(length: int) -> bytes:
    return b"x" * length
