"""Workers see each change of the table at their next look, and name nobody by one that may be out of date."""

from dataclasses import replace
from pathlib import Path

from analytics.bindings import EMPTY, Heart, IdentityReader, IdentityTable
from tests.analytics.bindings.a_binding import BINDING
from tests.analytics.bindings.a_clock import Hands


def test_a_table_that_comes_later_is_found(tmp_path: Path) -> None:
    path = tmp_path / "identity.sqlite"
    reader = IdentityReader(path)
    assert reader.now is EMPTY
    table = IdentityTable(path)
    with table.change():
        table.insert(BINDING)
    Heart(path).beat()
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
    Heart(path).beat()
    reader = IdentityReader(path)
    reader.close()
    table.close()
    path.write_bytes(b"not a database" * 100)
    assert not reader.look()
    assert reader.now.bindings == (BINDING,)


def test_a_table_put_aside_names_nobody_any_more_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "identity.sqlite"
    first = IdentityTable(path)
    with first.change():
        first.insert(BINDING)
    Heart(path).beat()
    reader = IdentityReader(path)
    assert reader.now.bindings == (BINDING,)
    first.close()
    for file in list(tmp_path.glob("identity.sqlite*")):
        file.rename(tmp_path / f"aside-{file.name}")
    assert reader.look()
    assert reader.now is EMPTY
    second = IdentityTable(path)
    ben = replace(BINDING, binding_id="radius:2", session="s-2", person_id="p-ben")
    with second.change():
        second.insert(ben)
    assert reader.look()
    assert reader.now.bindings == (ben,)
    reader.close()
    second.close()


def test_without_a_pulse_the_register_alone_is_left(tmp_path: Path) -> None:
    path, hands = tmp_path / "identity.sqlite", Hands()
    table, reader = IdentityTable(path), IdentityReader(path, hands.clock)
    with table.change():
        table.insert(BINDING)
        table.acknowledge("p-anne", "v1", 7, "page_visit", "")
        table.put_pin("d-1", "app.example", 1, hands.wall_ms() + 3_600_000)
    assert reader.look()
    assert [item.person_id for item in reader.now.bindings] == [], "its writer never beat"
    Heart(path, hands.clock).beat()
    assert reader.look()
    assert [item.person_id for item in reader.now.bindings] == ["p-anne"]
    assert not reader.look()
    hands.passes(11_000)
    assert reader.look()
    assert [item.person_id for item in reader.now.bindings] == []
    assert reader.now.told == {("p-anne", "v1"): 7}, "what was told stays told"
    assert ("d-1", "app.example") in reader.now.pins
    Heart(path, hands.clock).beat()
    assert reader.look()
    assert [item.person_id for item in reader.now.bindings] == ["p-anne"]
    reader.close()
    table.close()


def test_a_clock_set_back_names_nobody_who_had_left(tmp_path: Path) -> None:
    path, hands = tmp_path / "identity.sqlite", Hands()
    table, heart, reader = IdentityTable(path), Heart(path, hands.clock), IdentityReader(path, hands.clock)
    with table.change():
        table.insert(replace(BINDING, until_ms=hands.wall_ms() - 60_000))
    heart.beat()
    reader.look()
    assert reader.now.at(BINDING.client_ip, hands.wall_ms()) == ()
    hands.wall_off -= 300_000
    heart.beat()
    reader.look()
    assert reader.now.at(BINDING.client_ip, hands.wall_ms()) == ()
    hands.wall_off += 300_000
    heart.beat()
    assert reader.look(), "the clock is right again"
    reader.close()
    table.close()
