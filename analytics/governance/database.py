"""Opening the governance database, and its transactions.

Owns the engine, SQLite's durability settings and the running of migrations.
Promises: WAL, synchronous=FULL and foreign keys on every SQLite connection; a write takes SQLite's write lock when it
begins, so what it read is still true when it commits; the file is 0600; opening migrates to the newest version once,
whoever opens first.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from config.errors import ConfigError

type Work = Session
"""One transaction. Named so, because a session here is a viewer's."""

NEWEST: Final = "0003"
"""The migration this code is written for."""

_WRITES: Final = "fairgate_writes"
_BUSY_MS: Final = 10_000


def now_ms() -> int:
    """The time, UTC milliseconds."""
    return time.time_ns() // 1_000_000


class Database:
    """The governance database at a path (SQLite) or an SQLAlchemy URL. Safe to share between threads."""

    def __init__(self, location: Path | str, *, create: bool = False) -> None:
        """Open it, and bring its tables up to date.

        Raises:
            ConfigError: it is absent and `create` is not set, it is damaged, or a newer Fairgate made it.
        """
        self.location = location
        self._engine = create_engine(_url(location, create))
        if self._engine.dialect.name == "sqlite":
            _make_durable(self._engine)
        self._writer = self._engine.execution_options(**{_WRITES: True})
        try:
            self._migrate()
        except ConfigError:
            self.close()
            raise
        except DatabaseError as fault:
            self.close()
            raise ConfigError(
                f"The governance database {location} cannot be read ({fault.orig}). Restore it from the last backup."
            ) from fault

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A transaction that changes nothing."""
        with Session(self._engine) as work:
            yield work

    @contextmanager
    def write(self) -> Iterator[Work]:
        """A transaction that is committed, durably, when the block ends well, and undone otherwise."""
        with Session(self._writer, expire_on_commit=False) as work, work.begin():
            yield work

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def _migrate(self) -> None:
        with self._engine.connect() as connection:
            found = _version(connection)
        if found == NEWEST:
            return
        if found > NEWEST:
            raise ConfigError(f"{self.location} was made by a newer Fairgate (tables {found}). Install that one.")
        # Alembic is imported only where there is something to migrate: it costs every command a third of a second.
        from analytics.governance.migrations.upgrade import upgrade

        with self._writer.begin() as connection:
            upgrade(connection, NEWEST)


def _url(location: Path | str, create: bool) -> str:
    if isinstance(location, str) and "://" in location:
        return location
    path = Path(location)
    if create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made by us, so that SQLite's journal files inherit its mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    if not path.is_file():
        raise ConfigError(f"There is no governance database at {path}. Set the school up first: fairgate init.")
    return f"sqlite:///{path}"


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _make_durable(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _configure(raw: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself; `_begin` does it.
        raw.isolation_level = None
        try:
            for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                raw.execute(f"PRAGMA {pragma}")
        except BaseException:
            # A connection that was never handed over is nobody else's to close.
            raw.close()
            raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
