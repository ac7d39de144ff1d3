"""Telling `fairgate identity` what a worker learnt: sign-ins, refusals, who is active.

Promises: `tell` never blocks and never raises; messages wait, in order and in a bounded number, until they were taken;
where `fairgate identity` does not run, browsing goes on, and the oldest messages give way to the newest.
"""

import asyncio
import json
from collections import deque
from pathlib import Path
from typing import Any, Final

import structlog

WAITING: Final = 1000
RETRY_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 10.0

log = structlog.get_logger("fairgate.gateway")


class TellIdentity:
    """Sends messages to the socket at `path` (see analytics.identity_socket)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: deque[dict[str, Any]] = deque(maxlen=WAITING)
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> tuple[dict[str, Any], ...]:
        """What was not taken yet, oldest first."""
        return tuple(self._waiting)

    @property
    def crowded(self) -> bool:
        """Whether so much waits that what can do without being told should."""
        return len(self._waiting) > WAITING // 2

    def tell(self, say: str, **what: Any) -> None:
        """Have it told, soon."""
        self._waiting.append({"say": say, **what})
        self._more.set()

    def running(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._send())

    def done(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _send(self) -> None:
        while True:
            await self._more.wait()
            try:
                await self._connected()
            except (OSError, ValueError, TimeoutError, EOFError):
                await asyncio.sleep(RETRY_SECONDS)

    async def _connected(self) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self._path))
        try:
            while True:
                while self._waiting:
                    message = self._waiting[0]
                    writer.write(json.dumps(message).encode() + b"\n")
                    answer = await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
                    if not answer:
                        raise EOFError("identity hung up")
                    if not json.loads(answer)["taken"]:
                        log.error("identity_refused_message", say=message["say"])
                    if self._waiting and self._waiting[0] is message:
                        self._waiting.popleft()
                self._more.clear()
                await self._more.wait()
        finally:
            writer.close()
