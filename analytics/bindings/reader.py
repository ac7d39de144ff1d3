"""Reading the identity table, for everybody but its writer.

Promises: `look` costs microseconds where nothing changed, and never raises into traffic; a table that is locked or
damaged leaves the view as it was, and one that is taken away or replaced leaves nothing of it; while its writer does
not live (analytics.bindings.pulse), or the clock shows times that were over already, the view has no bindings:
devices are then known by the register alone.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from analytics.bindings.binding import EMPTY, IdentityView
from analytics.bindings.pulse import Belief, Clock
from analytics.bindings.table import bindings
from config.errors import FairgateError

ENDED_MS: Final = 600_000
"""Bindings that ended this recently are read too: an exchange may be judged a little after it began."""

log = structlog.get_logger("fairgate.identity")


class IdentityReader:
    """`now` is the newest view; `look` renews it where the table changed."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path, self._clock = path, clock or Clock()
        self._belief, self._believed = Belief(path, self._clock), True
        self._db: sqlite3.Connection | None = None
        self._version, self._file = -1, (0, 0)
        self._read: IdentityView = EMPTY
        self.now: IdentityView = EMPTY
        self.look()

    def look(self) -> bool:
        """Read the table again if it changed; whether there is a new view."""
        before, believed = self._read, self._belief.holds()
        try:
            self._look()
        except (OSError, sqlite3.Error) as fault:
            log.error("identity_table_unreadable", fault=type(fault).__name__)
            self.close()
        if self._read is before and believed is self._believed:
            return False
        if believed is not self._believed and before is not EMPTY:
            log.warning("identity_believed_again" if believed else "identity_not_believed")
        self._believed = believed
        self.now = self._read if believed or not self._read.bindings else replace(self._read, bindings=())
        return True

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db, self._version = None, -1

    def _look(self) -> None:
        file = _identity(self._path)
        if file != self._file:
            # Put aside, or another one: what the former said is nobody's word any more.
            self.close()
            self._file, self._read = file, EMPTY
        if file == (0, 0):
            return
        if self._db is None:
            self._db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=0.2, check_same_thread=False)
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._read = _view(self._db, self._clock.wall_ms())
            self._version = version


def distrusting(path: Path) -> dict[str, int]:
    """The clients that lack the school's certificate, and since when; none where there is no table.

    Raises:
        FairgateError: the table cannot be read.
    """
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as db:
            return dict(db.execute("SELECT client, from_ms FROM distrusting ORDER BY from_ms").fetchall())
    except sqlite3.Error as fault:
        raise FairgateError(f"The identity table {path} cannot be read ({fault}). Run this as its owner.") from fault


def _identity(path: Path) -> tuple[int, int]:
    """What tells the file of this name from every other; (0, 0) where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino


def _view(db: sqlite3.Connection, now_ms: int) -> IdentityView:
    db.execute("BEGIN")
    try:
        told = db.execute(
            "SELECT person_id, notice_version, min(told_ms), max(told_ms) FROM acknowledgements GROUP BY 1, 2"
        ).fetchall()
        pins = db.execute("SELECT client, host, until_ms FROM pins WHERE until_ms > ?", (now_ms,)).fetchall()
        return IdentityView(
            bindings=tuple(bindings(db, "until_ms = 0 OR until_ms > ?", (now_ms - ENDED_MS,))),
            told={(person, version): first for person, version, first, _ in told},
            reminded={(person, version): last for person, version, _, last in told},
            pins={(client, host): until for client, host, until in pins},
        )
    finally:
        db.execute("ROLLBACK")
