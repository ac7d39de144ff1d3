"""The database is durable, private, and at the version the code was written for."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from analytics.governance import Governance
from analytics.governance.database import NEWEST, Database
from analytics.governance.migrations.upgrade import configuration
from analytics.governance.models import Base, DeviceRow
from config.errors import ConfigError


def test_migrated_tables_are_exactly_the_models(governance: Governance) -> None:
    with governance.database.read() as work:
        context = MigrationContext.configure(work.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_the_one_the_code_names(governance: Governance) -> None:
    with governance.database.read() as work:
        script = ScriptDirectory.from_config(configuration(work.connection()))
        assert script.get_heads() == [NEWEST]


def test_what_the_first_version_held_is_kept_by_later_ones(place: Path) -> None:
    database = Database(place, create=True)
    with database.write() as work:
        for table in ("confirmations", "permission_requests"):
            work.execute(text(f"DROP TABLE {table}"))
        for column in ("said_earlier", "ended_by", "ended_why"):
            work.execute(text(f"ALTER TABLE permissions DROP COLUMN {column}"))
        for column in ("macs", "hostnames", "token_hash"):
            work.execute(text(f"ALTER TABLE devices DROP COLUMN {column}"))
        work.execute(text("INSERT INTO devices VALUES ('d-1', 'Lab', 'shared', '[\"10.0.0.5\"]')"))
        work.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        work.execute(
            text("INSERT INTO permissions VALUES ('m-1', NULL, '[\"travel\"]', '[]', '[]', 'why', 'a-1', 1, 1, 0)")
        )
    database.close()
    again = Database(place)
    with again.read() as work:
        (row,) = work.execute(text("SELECT * FROM permissions")).mappings().all()
        (device,) = work.scalars(select(DeviceRow))
        assert work.execute(text("SELECT version_num FROM alembic_version")).scalar() == NEWEST
    again.close()
    assert (row["permission_id"], row["reason"]) == ("m-1", "why")
    assert (device.addresses, device.macs, device.hostnames, device.token_hash) == (["10.0.0.5"], [], [], "")
    assert (row["said_earlier"], row["ended_by"], row["ended_why"]) == ("", "", "")


def test_every_connection_is_durable_and_keeps_references(governance: Governance) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys")
    with governance.database.write() as work:
        found = {name: work.execute(text(f"PRAGMA {name}")).scalar() for name in names}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_nobody_else_on_the_machine_can_read_it(governance: Governance, place: Path) -> None:
    governance.people.add("Ann Bell")
    for path in place.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_write_that_fails_is_undone(governance: Governance, place: Path) -> None:
    def fail() -> None:
        with governance.database.write() as work:
            work.execute(text("DELETE FROM school"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    again = Governance(place)
    assert again.school == "oakfield"
    again.close()


def test_many_may_open_it_at_once(tmp_path: Path, run_together: Callable[..., None]) -> None:
    place = tmp_path / "g.sqlite"
    place.touch(0o600)
    run_together(4, lambda: Database(place).close())
    with sqlite3.connect(place) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [(NEWEST,)]
    raw.close()


def test_an_absent_damaged_newer_or_empty_database_is_explained(tmp_path: Path, place: Path) -> None:
    with pytest.raises(ConfigError, match="fairgate init"):
        Governance(tmp_path / "none.sqlite")
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(ConfigError, match="cannot be read"):
        Governance(damaged)
    Database(place, create=True).close()
    with pytest.raises(ConfigError, match="fairgate init"):
        Governance(place)
    with sqlite3.connect(place) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(ConfigError, match="newer Fairgate"):
        Governance(place)


def test_a_school_is_founded_once(governance: Governance, place: Path) -> None:
    with pytest.raises(ConfigError, match="already founded"):
        Governance.found(place, "elsewhere", "Elsewhere")
