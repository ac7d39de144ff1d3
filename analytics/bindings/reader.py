"""Reading the identity table, for everybody but its writer.

Promises: `look` costs microseconds where nothing changed; a table that is absent, locked or damaged leaves the view as
it was, and never raises into traffic.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

from analytics.bindings.binding import EMPTY, IdentityView
from analytics.bindings.table import bindings
from config.errors import FairgateError

ENDED_MS: Final = 600_000
"""Bindings that ended this recently are read too: an exchange may be judged a little after it began."""

log = structlog.get_logger("fairgate.identity")


class IdentityReader:
    """`now` is the newest view; `look` renews it where the table changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._version = -1
        self.now: IdentityView = EMPTY
        self.look()

    def look(self) -> bool:
        """Read the table again if it changed; whether there is a new view."""
        try:
            return self._look()
        except sqlite3.Error as fault:
            log.error("identity_table_unreadable", fault=type(fault).__name__)
            self.close()
            return False

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db, self._version = None, -1

    def _look(self) -> bool:
        if self._db is None:
            if not self._path.exists():
                return False
            self._db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=0.2, check_same_thread=False)
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return False
        self.now = _view(self._db, time.time_ns() // 1_000_000)
        self._version = version
        return True


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
