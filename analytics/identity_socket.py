"""How workers and the network's watcher tell `fairgate identity` things: lines of JSON on a Unix socket.

Owns the protocol. A message is one JSON object on a line with the key "say"; the answer to each is one line,
{"taken": true}, once what it says is durable, or {"taken": false, "why": ...} where it can never be taken. Promises:
only this account and root are listened to; a message that nobody understands ends nothing but itself.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from config.errors import FairgateError

LONGEST: Final = 65_536
ANSWER_SECONDS: Final = 10.0
_PEER: Final = struct.Struct("3i")

type Message = dict[str, Any]
type Heard = Callable[[Message], None]

log = structlog.get_logger("fairgate.identity")


class IdentitySocket:
    """Listens at `path` and hands each message to what `hears` names for it."""

    def __init__(self, path: Path, hears: Mapping[str, Heard]) -> None:
        self._path, self._hears = path, hears
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=LONGEST)
        self._path.chmod(0o600)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _peer(writer.get_extra_info("socket")) not in (0, os.geteuid()):
                return
            while line := await reader.readline():
                writer.write(json.dumps(self.take(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError) as fault:
            log.warning("identity_message_refused", fault=type(fault).__name__)
        finally:
            writer.close()

    def take(self, line: bytes) -> Message:
        """The answer to one line."""
        try:
            message = json.loads(line)
            self._hears[message["say"]](message)
        except (ValueError, KeyError, TypeError) as fault:
            log.warning("identity_message_refused", fault=type(fault).__name__)
            return {"taken": False, "why": type(fault).__name__}
        return {"taken": True}


def say(path: Path, message: Message) -> Message:
    """Tell it one thing, as a command does, and wait for the answer.

    Raises:
        FairgateError: nobody listens, or it would not answer.
    """
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(ANSWER_SECONDS)
            door.connect(str(path))
            door.sendall(json.dumps(message).encode() + b"\n")
            with door.makefile("rb") as answers:
                answer: Message = json.loads(answers.readline())
    except (OSError, ValueError) as fault:
        raise FairgateError(
            f"`fairgate identity` does not answer at {path} ({type(fault).__name__}). Start it, and run this as the "
            "account it runs as, or as root."
        ) from fault
    return answer


def _peer(connected: socket.socket) -> int:
    """The account at the other end."""
    _, account, _ = _PEER.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(account)
