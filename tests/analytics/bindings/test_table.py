"""The identity table: whole changes or none, and a mode that keeps it private."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.bindings import IdentityTable
from config.errors import FairgateError
from tests.analytics.bindings.a_binding import BINDING


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "identity" / "identity.sqlite"
    table = IdentityTable(path)
    with table.change():
        table.insert(BINDING)
        table.put_pin("d-1", "app.example", 10, 99)
        table.post(b"record")
    table.close()
    again = IdentityTable(path)
    assert again.open_bindings() == [BINDING]
    assert again.pins() == [("d-1", "app.example", 10, 99)]
    assert again.outbox() == [(1, b"record")]
    again.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_change_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    table = IdentityTable(tmp_path / "identity.sqlite")
    with pytest.raises(sqlite3.IntegrityError):
        _insert_twice(table)
    assert table.open_bindings() == []
    table.close()


def _insert_twice(table: IdentityTable) -> None:
    with table.change():
        table.insert(BINDING)
        table.insert(BINDING)


def test_an_ended_binding_is_no_longer_open(tmp_path: Path) -> None:
    table = IdentityTable(tmp_path / "identity.sqlite")
    with table.change():
        table.insert(BINDING)
        table.replace(replace(BINDING, until_ms=20))
    assert table.open_bindings() == []
    table.close()


def test_what_is_no_table_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "identity.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(FairgateError, match="put it aside"):
        IdentityTable(path)
