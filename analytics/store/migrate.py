"""Numbered migrations: the only way the store's schema comes to be or changes.

Owns `migrations/NNNN_name.sql` and the table that remembers which were applied. Promises: each is applied once, in
order; one that was altered after it was applied, or a store made by a newer Fairgate, is refused before anything is
touched. Every statement is written so that doing it twice is harmless (IF NOT EXISTS): a migration that a power cut
broke off is simply done again.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from analytics.store.event_store import EventStore
from config.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"
_REMEMBERED = """
CREATE TABLE IF NOT EXISTS schema_migrations (number Int64, name String, sha256 String, applied_ms Int64)
ENGINE = MergeTree ORDER BY number
SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """Its statements; each ends with a semicolon at the end of a line."""
        return [part.strip() for part in f"{self.sql}\n".split(";\n") if part.strip()]


def shipped(folder: Path = _FOLDER) -> list[Migration]:
    """The migrations in `folder`, by number."""
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(int(path.stem[:4]), path.stem[5:], path.read_text("utf-8")) for path in files]


def migrate(store: EventStore, migrations: list[Migration] | None = None) -> list[Migration]:
    """Apply what is not applied yet, and say which those were.

    Raises:
        StoreError: an applied migration was altered, the store is of a newer Fairgate, or a statement failed.
    """
    wanted = shipped() if migrations is None else migrations
    store.command(_REMEMBERED)
    applied = _applied(store)
    _check(applied, {migration.number: migration for migration in wanted})
    fresh = [migration for migration in wanted if migration.number not in applied]
    for migration in fresh:
        for statement in migration.statements:
            store.command(statement)
        store.insert("schema_migrations", _row(migration), f"migration-{migration.number}")
    return fresh


def _applied(store: EventStore) -> dict[int, str]:
    rows = store.arrow("SELECT DISTINCT number, sha256 FROM schema_migrations ORDER BY number").to_pylist()
    return {row["number"]: row["sha256"] for row in rows}


def _check(applied: dict[int, str], wanted: dict[int, Migration]) -> None:
    for number, sha256 in applied.items():
        if number not in wanted:
            raise StoreError(
                f"The store was made by a newer Fairgate (it has migration {number:04d}). Run that version, or newer."
            )
        if wanted[number].sha256 != sha256:
            raise StoreError(
                f"Migration {number:04d}_{wanted[number].name} was altered after it was applied. "
                "Put the released file back; a change of schema is a new migration."
            )


def _row(migration: Migration) -> pa.Table:
    return pa.table(
        {
            "number": pa.array([migration.number], pa.int64()),
            "name": [migration.name],
            "sha256": [migration.sha256],
            "applied_ms": pa.array([time.time_ns() // 1_000_000], pa.int64()),
        }
    )
