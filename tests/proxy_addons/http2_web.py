"""A site that speaks HTTP/2 alone, for tests: answers every request with its path."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import h2.config
import h2.connection
import h2.events

from tests.proxy_addons.local_web import Authority


class Http2Web:
    """Serves while the context lasts, over TLS on `port`."""

    def __init__(self, folder: Path, host: str) -> None:
        self.authority = Authority(folder)
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
                threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError), self._tls.wrap_socket(raw, server_side=True) as line:
            spoken = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            spoken.initiate_connection()
            line.sendall(spoken.data_to_send())
            while data := line.recv(65_536):
                for event in spoken.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        self._answer(spoken, event)
                line.sendall(spoken.data_to_send())

    def _answer(self, spoken: h2.connection.H2Connection, asked: h2.events.RequestReceived) -> None:
        path = next(bytes(value) for name, value in asked.headers if bytes(name) == b":path")
        body = b"<p>" + path + b"</p>"
        assert asked.stream_id is not None
        headers = [(":status", "200"), ("content-type", "text/html"), ("content-length", str(len(body)))]
        spoken.send_headers(asked.stream_id, headers)
        spoken.send_data(asked.stream_id, body, end_stream=True)
