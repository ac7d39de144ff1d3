"""An HTTP/2 client for tests, through a gateway's proxy port: says exactly what it is told to, and no more."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from tests.proxy_addons.running_gateway import School

type Header = tuple[str, str]


class Http2Client:
    """One connection to `host`. `greedy` grants room for bodies as they come; otherwise nothing is granted."""

    def __init__(self, school: School, host: str, *, greedy: bool = True) -> None:
        self.host, self._greedy = host, greedy
        raw = socket.create_connection(("127.0.0.1", school.port), timeout=20)
        raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        assert b" 200 " in raw.recv(4096)
        tls = ssl.create_default_context(cafile=school.ca)
        tls.set_alpn_protocols(["h2"])
        self.line = tls.wrap_socket(raw, server_hostname=host)
        assert self.line.selected_alpn_protocol() == "h2"
        self.spoken = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.spoken.initiate_connection()
        self.bodies: dict[int, bytearray] = {}
        self.status: dict[int, str] = {}
        self.trailers: dict[int, dict[str, str]] = {}
        self.ended: set[int] = set()
        self.told: int | None = None
        """The code with which the gateway hung up."""
        self.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.line.close()

    def ask(self, path: str, *more: Header, method: str = "GET", end: bool = True) -> int:
        """Begin a request; its stream."""
        stream = self.spoken.get_next_available_stream_id()
        head = [(":method", method), (":scheme", "https"), (":authority", self.host), (":path", path), *more]
        self.spoken.send_headers(stream, head, end_stream=end)
        self.flush()
        return stream

    def flush(self) -> None:
        if out := self.spoken.data_to_send():
            self.line.sendall(out)

    def read_until(self, done: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Take what comes until `done()`; whether it was."""
        until = time.monotonic() + seconds
        self.line.settimeout(0.2)
        while not done() and time.monotonic() < until:
            try:
                data = self.line.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            for event in self.spoken.receive_data(data):
                self._take(event)
            with contextlib.suppress(OSError):
                self.flush()
        self.line.settimeout(20)
        return done()

    def grant(self, stream: int, size: int) -> None:
        """Room for so many more bytes."""
        self.spoken.increment_flow_control_window(size)
        self.spoken.increment_flow_control_window(size, stream)
        self.flush()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.ResponseReceived(stream_id=int(stream)):
                self.status[stream] = next(bytes(v).decode() for n, v in event.headers if bytes(n) == b":status")
            case h2.events.DataReceived(stream_id=int(stream)):
                self.bodies.setdefault(stream, bytearray()).extend(event.data or b"")
                if self._greedy and event.flow_controlled_length:
                    self.spoken.acknowledge_received_data(event.flow_controlled_length, stream)
            case h2.events.TrailersReceived(stream_id=int(stream)):
                self.trailers[stream] = {bytes(n).decode(): bytes(v).decode() for n, v in event.headers}
            case h2.events.StreamEnded(stream_id=int(stream)) | h2.events.StreamReset(stream_id=int(stream)):
                self.ended.add(stream)
            case h2.events.ConnectionTerminated(error_code=code):
                self.told = int(code) if code is not None else None
