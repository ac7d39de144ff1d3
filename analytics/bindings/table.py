"""The identity table: SQLite on the gateway's disk, written by one process.

Owns its schema and every statement that changes it. Promises: each change is durable (WAL, synchronous=FULL) when its
call returns, together with the record of it in the outbox, or not made at all; the record is taken out of the outbox
only when it is safe on the spool.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from analytics.bindings.binding import Binding
from analytics.event import Method
from config.errors import FairgateError

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS bindings (
    binding_id TEXT PRIMARY KEY, source TEXT NOT NULL, session TEXT NOT NULL, person_id TEXT NOT NULL,
    device_id TEXT NOT NULL, client_ip TEXT NOT NULL, mac TEXT NOT NULL, from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS bindings_until ON bindings (until_ms);
CREATE INDEX IF NOT EXISTS bindings_session ON bindings (source, session);
CREATE UNIQUE INDEX IF NOT EXISTS bindings_open ON bindings (source, session) WHERE until_ms = 0;
CREATE TABLE IF NOT EXISTS acknowledgements (
    person_id TEXT NOT NULL, notice_version TEXT NOT NULL, told_ms INTEGER NOT NULL, how TEXT NOT NULL,
    device_id TEXT NOT NULL, PRIMARY KEY (person_id, notice_version, told_ms)) STRICT;
CREATE TABLE IF NOT EXISTS pins (
    client TEXT NOT NULL, host TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
    PRIMARY KEY (client, host)) STRICT;
CREATE TABLE IF NOT EXISTS withheld (binding_id TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS distrusting (client TEXT PRIMARY KEY, from_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS on_record (binding_id TEXT PRIMARY KEY, from_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS heard (
    packet BLOB PRIMARY KEY, at_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, record BLOB NOT NULL) STRICT;
"""
_COLUMNS: Final = tuple(field.name for field in fields(Binding))


class IdentityTable:
    """The table at `path`, for its one writer.

    Raises:
        FairgateError: it cannot be made, opened or read.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = _opened(path)
        except (OSError, sqlite3.Error) as fault:
            raise FairgateError(
                f"The identity table {path} cannot be used ({fault}). Give it to the account fairgate runs as, or put "
                "it aside: who signs in anew is then known again; what was recorded stays."
            ) from fault

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """All statements in the block, or none of them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- bindings; each inside `change`

    def insert(self, binding: Binding) -> None:
        marks = ", ".join("?" * len(_COLUMNS))
        self._db.execute(f"INSERT INTO bindings VALUES ({marks})", _row(binding))  # noqa: S608 - marks alone

    def replace(self, binding: Binding) -> None:
        """The same binding, with what is known now."""
        changed = ", ".join(f"{name} = ?" for name in _COLUMNS)
        self._db.execute(
            f"UPDATE bindings SET {changed} WHERE binding_id = ?",  # noqa: S608 - our own column names
            (*_row(binding), binding.binding_id),
        )

    def binding(self, binding_id: str) -> Binding | None:
        """The binding of that id, open or ended."""
        return next(iter(bindings(self._db, "binding_id = ?", (binding_id,))), None)

    def last(self, source: Method, session: str) -> Binding | None:
        """The newest binding of a source's session."""
        found = bindings(self._db, "source = ? AND session = ?", (str(source), session))
        return found[-1] if found else None

    def withhold(self, binding_id: str) -> None:
        """Nothing of this binding is on record: its person was not yet told."""
        self._db.execute("INSERT OR IGNORE INTO withheld VALUES (?)", (binding_id,))

    def release(self, binding_id: str) -> None:
        self._db.execute("DELETE FROM withheld WHERE binding_id = ?", (binding_id,))

    def withheld(self) -> set[str]:
        """The ids of bindings of which nothing is on record."""
        return {str(row[0]) for row in self._db.execute("SELECT binding_id FROM withheld")}

    def put_on_record(self, binding_id: str, from_ms: int) -> None:
        """Its person was told: what its records say begins at `from_ms`."""
        self.release(binding_id)
        self._db.execute("INSERT OR REPLACE INTO on_record VALUES (?, ?)", (binding_id, from_ms))

    def on_record(self) -> dict[str, int]:
        """Binding id to the moment from which it is on record, of those that began before."""
        return dict(self._db.execute("SELECT binding_id, from_ms FROM on_record").fetchall())

    def forget(self, ended_before_ms: int) -> None:
        """Take bindings away that ended before: what they said stands in the records."""
        self._db.execute("DELETE FROM bindings WHERE until_ms > 0 AND until_ms < ?", (ended_before_ms,))
        self._db.execute("DELETE FROM on_record WHERE binding_id NOT IN (SELECT binding_id FROM bindings)")

    def forget_after(self, now_ms: int) -> None:
        """Take away every binding that ended later than now: the clock was set back, and it would hold once more."""
        self._db.execute("DELETE FROM bindings WHERE until_ms > ?", (now_ms,))

    def open_bindings(self) -> list[Binding]:
        """Every binding that did not end yet."""
        return bindings(self._db, "until_ms = 0", ())

    # -- acknowledgements, pins, outbox; each inside `change`

    def acknowledge(self, person_id: str, notice_version: str, told_ms: int, how: str, device_id: str) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO acknowledgements VALUES (?, ?, ?, ?, ?)",
            (person_id, notice_version, told_ms, how, device_id),
        )

    def told(self, person_id: str, notice_version: str) -> bool:
        """Whether they acknowledged this version here."""
        query = "SELECT 1 FROM acknowledgements WHERE person_id = ? AND notice_version = ?"
        return self._db.execute(query, (person_id, notice_version)).fetchone() is not None

    def told_ever(self, person_id: str) -> bool:
        """Whether they acknowledged any notice here."""
        query = "SELECT 1 FROM acknowledgements WHERE person_id = ?"
        return self._db.execute(query, (person_id,)).fetchone() is not None

    def put_pin(self, client: str, host: str, from_ms: int, until_ms: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (client, host, from_ms, until_ms))

    def drop_pin(self, client: str, host: str) -> None:
        self._db.execute("DELETE FROM pins WHERE client = ? AND host = ?", (client, host))

    def pins(self) -> list[tuple[str, str, int, int]]:
        """(client, host, from, until) of every learnt pass-through."""
        return self._db.execute("SELECT client, host, from_ms, until_ms FROM pins").fetchall()

    def put_distrusting(self, client: str, from_ms: int) -> None:
        """This client lacks the school's certificate."""
        self._db.execute("INSERT OR IGNORE INTO distrusting VALUES (?, ?)", (client, from_ms))

    def drop_distrusting(self, client: str) -> None:
        self._db.execute("DELETE FROM distrusting WHERE client = ?", (client,))

    def distrusting(self) -> list[str]:
        """The clients that lack the school's certificate."""
        return [client for (client,) in self._db.execute("SELECT client FROM distrusting").fetchall()]

    def heard(self, packet: bytes) -> int:
        """When the packet of this digest was taken; 0 where it was not."""
        found = self._db.execute("SELECT at_ms FROM heard WHERE packet = ?", (packet,)).fetchone()
        return int(found[0]) if found else 0

    def hear(self, packet: bytes, at_ms: int, until_ms: int) -> None:
        """It was taken; this is known until `until_ms`."""
        self._db.execute("INSERT OR REPLACE INTO heard VALUES (?, ?, ?)", (packet, at_ms, until_ms))

    def unhear(self, now_ms: int) -> None:
        """Forget the packets whose time is over."""
        self._db.execute("DELETE FROM heard WHERE until_ms < ?", (now_ms,))

    def post(self, record: bytes) -> None:
        """Leave a record for the spool."""
        self._db.execute("INSERT INTO outbox (record) VALUES (?)", (record,))

    def outbox(self, after: int = 0) -> list[tuple[int, bytes]]:
        """(number, record) of what is not known to be on the spool, in order, from the number `after` on."""
        query = "SELECT number, record FROM outbox WHERE number > ? ORDER BY number"
        return self._db.execute(query, (after,)).fetchall()

    def posted(self, up_to: int) -> None:
        """Everything up to this number is safe on the spool."""
        self._db.execute("DELETE FROM outbox WHERE number <= ?", (up_to,))


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(SCHEMA)
        path.chmod(0o600)
    except BaseException:
        db.close()
        raise
    return db


def bindings(db: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[Binding]:
    """The bindings that `where` (our own words, with ? for `values`) finds."""
    rows = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM bindings WHERE {where} ORDER BY from_ms", values)  # noqa: S608
    return [Binding(**{**dict(zip(_COLUMNS, row, strict=True)), "source": Method(row[1])}) for row in rows]


def _row(binding: Binding) -> tuple[Any, ...]:
    return tuple(str(value) if isinstance(value, Method) else value for value in astuple(binding))
