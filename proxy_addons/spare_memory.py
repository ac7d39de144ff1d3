"""Memory that the gateway no longer uses, given back to the machine.

Owns one turn every `SECONDS`: Python collects what only holds itself, and the C library lets go of what is free. By
themselves both keep it, so that the gateway would stay as large as its busiest minute. Promises: what was loaded at the
start is not looked through again; a turn takes some milliseconds; where the C library cannot, nothing happens.
"""

import asyncio
import ctypes
import gc
from typing import Final

SECONDS: Final = 30.0


class SpareMemory:
    """Gives back from when the gateway runs until it stops."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._turns: asyncio.Task[None] | None = None

    def running(self) -> None:
        gc.collect()
        gc.freeze()
        self._turns = asyncio.get_running_loop().create_task(self._give_back())

    def done(self) -> None:
        if self._turns is not None:
            self._turns.cancel()

    def turn(self) -> None:
        """Collect, and give back."""
        gc.collect()
        if self._trim is not None:
            self._trim(0)

    async def _give_back(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            self.turn()
