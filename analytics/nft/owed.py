"""What `fairgate identity` must still be told: kept on disk until it has taken it.

Owns STATE/gateway/nft/owed.jsonl, one message a line. Promises: a stretch in which devices went past the gateway is on
disk before anything else happens, and leaves it only when identity said that it is durable there; counts that wait are
added up, so that the file stays small however long identity is away.
"""

import json
import socket
import time
from pathlib import Path
from typing import Any, Final

import structlog

from analytics.durable import write_whole

_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 5.0
"""How long identity is left alone after it did not answer: nothing else waits for it meanwhile."""
_COUNTS: Final = ("quic", "dot", "doh")

type Message = dict[str, Any]

log = structlog.get_logger("fairgate.nft")


class Owed:
    """The messages waiting in `file`; `socket_path` is where identity listens."""

    def __init__(self, file: Path, socket_path: Path) -> None:
        self._file, self._socket = file, socket_path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._waiting = _read(file)
        self._not_before = 0.0

    @property
    def waiting(self) -> tuple[Message, ...]:
        """Oldest first."""
        return tuple(self._waiting)

    def owe(self, message: Message) -> None:
        """Keep `message` until identity has taken it."""
        before = next((each for each in self._waiting if each["say"] == message["say"] == "attempts"), None)
        if before is None:
            self._waiting.append(message)
        else:
            before |= {name: before[name] + message[name] for name in _COUNTS}
        self._save()

    def tell(self) -> None:
        """Tell identity what waits, as far as it listens now."""
        if not self._waiting or time.monotonic() < self._not_before or not self._socket.exists():
            return
        try:
            with socket.socket(socket.AF_UNIX) as talk:
                talk.settimeout(_SECONDS)
                talk.connect(str(self._socket))
                with talk.makefile("rwb") as lines:
                    while self._waiting:
                        lines.write(json.dumps(self._waiting[0]).encode() + b"\n")
                        lines.flush()
                        if not json.loads(lines.readline())["taken"]:
                            log.error("identity_refused_message", say=self._waiting[0]["say"])
                        self._waiting.pop(0)
                        self._save()
        except (OSError, ValueError, KeyError, TypeError):
            self._not_before = time.monotonic() + _AGAIN_SECONDS

    def _save(self) -> None:
        try:
            write_whole(self._file, b"".join(json.dumps(each).encode() + b"\n" for each in self._waiting))
        except OSError as fault:
            log.error("owed_not_kept", errno=fault.errno)


def _read(file: Path) -> list[Message]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and "say" in message:
            found.append(message)
    return found
