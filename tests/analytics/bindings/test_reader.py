"""Workers see each change of the table at their next look, and keep what they have where it cannot be read."""

from pathlib import Path

from analytics.bindings import EMPTY, IdentityReader, IdentityTable
from tests.analytics.bindings.a_binding import BINDING


def test_a_table_that_comes_later_is_found(tmp_path: Path) -> None:
    path = tmp_path / "identity.sqlite"
    reader = IdentityReader(path)
    assert reader.now is EMPTY
    table = IdentityTable(path)
    with table.change():
        table.insert(BINDING)
    assert reader.look()
    assert reader.now.at(BINDING.client_ip, 20) == (BINDING,)
    reader.close()
    table.close()


def test_nothing_new_is_not_read_again(tmp_path: Path) -> None:
    table = IdentityTable(tmp_path / "identity.sqlite")
    reader = IdentityReader(tmp_path / "identity.sqlite")
    before = reader.now
    assert not reader.look()
    with table.change():
        table.acknowledge("p-anne", "v1", 7, "page_visit", "")
        table.acknowledge("p-anne", "v1", 9, "page_visit", "")
    assert reader.look()
    assert before.told == {}
    assert (reader.now.told, reader.now.reminded) == ({("p-anne", "v1"): 7}, {("p-anne", "v1"): 9})
    reader.close()
    table.close()


def test_a_table_that_turned_bad_leaves_the_last_view(tmp_path: Path) -> None:
    path = tmp_path / "identity.sqlite"
    table = IdentityTable(path)
    with table.change():
        table.insert(BINDING)
    reader = IdentityReader(path)
    reader.close()
    table.close()
    for file in tmp_path.glob("identity.sqlite*"):
        file.unlink()
    path.write_bytes(b"not a database" * 100)
    assert not reader.look()
    assert reader.now.bindings == (BINDING,)
