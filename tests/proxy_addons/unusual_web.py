"""A web of what is rarer than pages: WebSockets, other upgrades, long polls, trailers, ranges, uploads in pieces.

/frames: a WebSocket that sends back each message. /switch: another protocol, which sends back each byte. /poll: an
answer only when `release` is set. /trailers: a body with fields after it. /range: 1,000 bytes, or the part asked for.
/drip: an answer a byte at a time. POST: how many bytes came, with or without a stated length.
"""

import contextlib
import time

import wsproto
import wsproto.events

from tests.proxy_addons.local_web import Handler

WHOLE = bytes(range(250)) * 4


class UnusualHandler(Handler):
    """Answers by path, and by method."""

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/frames":
                self._frames()
            case "/switch":
                self._switch()
            case "/poll":
                self.web.release.wait(30)
                self.answer(200, b"something new", {})
            case "/trailers":
                self._trailers()
            case "/range":
                self._range()
            case "/drip":
                self._drip()
            case "/unchanged":
                self.send_response(304)
                self.send_header("ETag", '"1"')
                self.end_headers()
            case _:
                super().do_GET()

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", "5000000000")
        self.end_headers()

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            super().do_POST()
            return
        read = 0
        while size := int(self.rfile.readline(), 16):
            read += len(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        self.answer(200, str(read).encode(), {})

    def _frames(self) -> None:
        live = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        live.receive_data(f"{self.requestline}\r\n{head}\r\n".encode())
        self.close_connection = True
        with contextlib.suppress(OSError):
            while True:
                for event in live.events():
                    self.connection.sendall(self._frame(live, event))
                    if isinstance(event, wsproto.events.CloseConnection):
                        return
                data = self.connection.recv(65_536)
                live.receive_data(data or None)

    def _frame(self, live: wsproto.WSConnection, event: wsproto.events.Event) -> bytes:
        match event:
            case wsproto.events.Request():
                return live.send(wsproto.events.AcceptConnection())
            case wsproto.events.Message():
                return live.send(type(event)(data=event.data, message_finished=event.message_finished))
            case wsproto.events.Ping() | wsproto.events.CloseConnection():
                return live.send(event.response())
            case _:
                return b""

    def _switch(self) -> None:
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "morse/1")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            while data := self.connection.recv(65_536):
                self.connection.sendall(data)

    def _trailers(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Trailer", "X-Checksum")
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n0\r\nX-Checksum: 12\r\n\r\n")

    def _range(self) -> None:
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes="):
            self.answer(200, WHOLE, {"Accept-Ranges": "bytes"})
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        part = WHOLE[int(first) : int(last) + 1]
        self.answer(206, part, {"Content-Range": f"bytes {first}-{last}/{len(WHOLE)}"})

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(10):
            self.wfile.write(b"%d" % number)
            time.sleep(0.1)
        self.close_connection = True
