"""A worker's sign of life to its supervisor.

Owns the pipe between the two, on the worker's side. Promises: the first beat says that the worker listens; beats come
from the event loop, so that one which hangs falls silent; a worker whose supervisor is gone stops cleanly, for nobody
would start it again.
"""

import asyncio
import contextlib
import os
from typing import Final

import structlog
from mitmproxy import ctx

BEAT_SECONDS: Final = 1.0

log = structlog.get_logger("fairgate.gateway")


class Beats:
    """Writes to the pipe whose writing end is the file descriptor `pipe`; the last addon to run."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._task: asyncio.Task[None] | None = None
        os.set_blocking(pipe, False)
        os.set_inheritable(pipe, False)

    def running(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._beats())

    def done(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _beats(self) -> None:
        while True:
            try:
                # A full pipe: the supervisor is busy, and will find enough beats in it.
                with contextlib.suppress(BlockingIOError):
                    os.write(self._pipe, b".")
            except OSError:
                log.error("supervisor_gone", does="stops")
                ctx.master.shutdown()
                return
            await asyncio.sleep(BEAT_SECONDS)
