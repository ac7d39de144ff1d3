"""A worker's view of who is where: the identity table, looked at again and again.

Promises: a change is seen within a second; the view is swapped whole; where the table cannot be read the last view
stays.
"""

import asyncio
from pathlib import Path
from typing import Final

from analytics.bindings import IdentityReader, IdentityView

LOOK_SECONDS: Final = 0.25


class LiveIdentity:
    """`now` is the newest view of the table at `path`."""

    def __init__(self, path: Path) -> None:
        self._reader = IdentityReader(path)
        self._watch: asyncio.Task[None] | None = None

    @property
    def now(self) -> IdentityView:
        return self._reader.now

    def running(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._look())

    def done(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._reader.close()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._reader.look()
