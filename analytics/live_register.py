"""The register of people and devices, as of the newest good snapshot.

Owns the watch on the snapshot file. Promises: a new snapshot is in force within a second; a damaged one changes
nothing but a line in the operator's log; the register is swapped whole, so one exchange never sees two.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

import structlog

from analytics.identity import Register
from analytics.snapshot import Snapshot, read_snapshot
from config.errors import ConfigError

LOOK_SECONDS: Final = 0.4

log = structlog.get_logger("fairgate.gateway")

type _Mark = tuple[int, int, int]


class LiveRegister:
    """`now` is the register in force.

    Raises:
        ConfigError: there is no good snapshot to start with, or it is another school's.
    """

    def __init__(self, path: Path, school: str) -> None:
        self._path, self._school = path, school
        self._mark = _mark(path)
        self.now = Register(self._read())
        self._watch: asyncio.Task[None] | None = None

    @property
    def snapshot(self) -> Snapshot:
        return self.now.snapshot

    def running(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._look())

    def done(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    def look(self) -> bool:
        """Read the snapshot again if it changed; whether a new one is now in force."""
        mark = _mark(self._path)
        if mark == self._mark:
            return False
        self._mark = mark
        try:
            self.now = Register(self._read())
        except ConfigError as fault:
            log.error("snapshot_refused", kept_ms=self.snapshot.made_ms, fault=type(fault.__cause__ or fault).__name__)
            return False
        log.info("snapshot_in_force", made_ms=self.snapshot.made_ms)
        return True

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def _read(self) -> Snapshot:
        snapshot = read_snapshot(self._path)
        if snapshot.school != self._school:
            raise ConfigError(
                f"{self._path} is the snapshot of {snapshot.school}, and this gateway is {self._school}'s. "
                "Publish this school's: fairgate publish."
            )
        return snapshot


def _mark(path: Path) -> _Mark | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a missing file is an answer, not an error
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
