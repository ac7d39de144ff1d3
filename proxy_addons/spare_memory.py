"""Memory that the gateway no longer uses, given back to the machine.

Owns when Python collects what only holds itself, about once a second, and when the C library lets go of what is free,
every `SECONDS`. By themselves both keep it, so that the gateway would stay as large as its busiest minute; and closed
TLS connections, which only hold themselves, would lie between what is in use, so that it grew from hour to hour.
Promises: what was loaded at the start is not looked through again; beside the turn every `SECONDS`, collecting takes at
most a hundredth of the time; where the C library cannot, nothing happens.
"""

import asyncio
import ctypes
import gc
import time
from typing import Final

SECONDS: Final = 30.0
COLLECTED_AFTER: Final = 1.0
"""Seconds; longer where many connections are open and there is more to look through."""
SHARE: Final = 0.01
_ARENA_MAX: Final = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def keep_one_heap() -> None:
    """Have all threads share one heap of the C library: each one's own would be filled and kept by itself.

    To be called before threads start; without effect on C libraries other than glibc."""
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting is not None:
        setting(_ARENA_MAX, 1)


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
        rest, due = COLLECTED_AFTER, time.monotonic() + self._seconds
        while True:
            await asyncio.sleep(min(rest, max(0.0, due - time.monotonic())))
            began = time.thread_time()
            if time.monotonic() >= due:
                self.turn()
                due = time.monotonic() + self._seconds
            else:
                gc.collect()
            rest = pause_after(time.thread_time() - began)


def pause_after(took: float) -> float:
    """Seconds until the next collection, where the last one took `took` seconds."""
    return max(COLLECTED_AFTER, took / SHARE)
