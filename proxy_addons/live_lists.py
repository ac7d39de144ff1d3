"""The imported lists in force, while the gateway runs.

Owns the watch on the compiled file and the judge that consults it. Promises: new lists are in force within a second or
two; they are opened, and checked whole, beside the event loop, and no exchange waits for that; they are swapped whole,
with the policy version that every later record carries; where the file is gone from its folder, the first lists were
rolled back, and none are in force; a damaged file, or one that cannot be reached, changes nothing but a line in the
operator's log. A damaged one at the start is refused: what it shielded would be recorded.
"""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import structlog

from analytics.categorise import Judge
from analytics.lists.listed import ListsInForce, lists_in_force
from analytics.lists.shelf import in_force_file
from config.errors import ConfigError
from config.policy import Policy

LOOK_SECONDS: Final = 0.4
_LET_GO: Final = 250
"""Remembered hosts let go of at a time: all at once would hold up requests."""

log = structlog.get_logger("fairgate.gateway")

type _Mark = tuple[int, int, int]


class LiveLists:
    """`judge` judges by the policy and the lists in force; `oldest_ms` (UTC) is when the oldest of them was taken.

    Raises:
        ConfigError: the lists in force are damaged.
    """

    def __init__(self, folder: Path, policy: Policy) -> None:
        self._folder, self._policy = folder, policy
        self._path = in_force_file(folder)
        self._mark = _mark(self._path)
        found = lists_in_force(folder, policy)
        self.judge, self.oldest_ms = Judge(policy, found), _oldest(found)
        self._watch: asyncio.Task[None] | None = None

    def running(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._look())

    def done(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def look(self) -> bool:
        """Open the lists again if they changed; whether others, or none, are now in force."""
        mark = _mark(self._path)
        if mark == self._mark:
            return False
        if mark is None and not self._taken_away():
            return False
        self._mark = mark
        try:
            fresh = await asyncio.to_thread(lists_in_force, self._folder, self._policy)
        except ConfigError as fault:
            log.error("lists_refused", kept=self.judge.policy_version, fault=type(fault.__cause__ or fault).__name__)
            return False
        if fresh is None and mark is not None:
            # Gone between the two looks: the next one says whether it was taken away.
            return False
        await self._swap(fresh)
        return True

    def _taken_away(self) -> bool:
        """Whether the file alone is gone: a folder that is gone too, or cannot be read, says nothing of the lists."""
        try:
            return self._path.name not in os.listdir(self._folder)
        except OSError:
            return False

    async def _swap(self, fresh: ListsInForce | None) -> None:
        remembered: dict[str, Any] = self.judge.use(fresh)
        self.oldest_ms = _oldest(fresh)
        version = fresh.compiled.version if fresh else None
        log.info("lists_in_force", version=version, policy_version=self.judge.policy_version)
        while remembered:
            for _ in range(min(_LET_GO, len(remembered))):
                remembered.popitem()
            await asyncio.sleep(0)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()


def _oldest(lists: ListsInForce | None) -> int | None:
    return min((head.taken_ms for head in lists.compiled.lists), default=None) if lists else None


def _mark(path: Path) -> _Mark | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a missing file is an answer, not an error
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
