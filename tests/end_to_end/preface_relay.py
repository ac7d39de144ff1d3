"""What stands before a filter that takes the PROXY protocol: reads the preface, written anew from its specification,
notes it, and hands the rest of the connection on."""

import contextlib
import ipaddress
import socket
import struct
import threading
from types import TracebackType
from typing import Final, Self

_SIGNATURE: Final = bytes.fromhex("0d0a0d0a000d0a515549540a")
_FAMILIES: Final = {0x11: 4, 0x21: 16}


class PrefaceRelay:
    """Listens on `port`, relays to `target` on this machine. `told` holds the client addresses it was told; with no
    `preface` expected, it only relays."""

    def __init__(self, target: int, port: int = 0, *, preface: bool = True) -> None:
        self.told: list[str] = []
        self._target, self._preface = target, preface
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listening.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                arrived, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(arrived,), daemon=True).start()

    def _serve(self, arrived: socket.socket) -> None:
        with contextlib.suppress(OSError), arrived, socket.create_connection(("127.0.0.1", self._target)) as onward:
            if self._preface:
                if not (told := read_preface(arrived)):
                    return
                self.told.append(told)
            threading.Thread(target=_pour, args=(onward, arrived), daemon=True).start()
            _pour(arrived, onward)


def read_preface(arrived: socket.socket) -> str:
    """The source address the preface tells; "" where the peer only looked whether somebody is there."""
    start = _exactly(arrived, 1)
    if start == b"P":
        line = start
        while not line.endswith(b"\r\n"):
            line += _exactly(arrived, 1)
        words = line.decode("ascii").split()
        return words[2] if words[1].startswith("TCP") else words[1]
    if not start:
        return ""
    head = start + _exactly(arrived, 15)
    assert head[:12] == _SIGNATURE
    assert head[12] == 0x21
    body = _exactly(arrived, struct.unpack("!H", head[14:])[0])
    size = _FAMILIES.get(head[13])
    return str(ipaddress.ip_address(body[:size])) if size else "UNKNOWN"


def _exactly(arrived: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count and (piece := arrived.recv(count - len(got))):
        got += piece
    return got


def _pour(source: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            into.sendall(piece)
        into.shutdown(socket.SHUT_WR)
