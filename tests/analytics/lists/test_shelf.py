"""The shelf: what waits, what is in force, what was before, whatever stops half-way."""

import os
from pathlib import Path

import pytest

from analytics.lists.content import text_of
from analytics.lists.shelf import KEPT, Shelf
from config.errors import ConfigError
from tests.analytics.lists.small_lists import HINTS, listed, policy

LISTS = policy().imported


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def stage(shelf: Shelf, key: str, *names: str, now: int = 1) -> str:
    return shelf.stage(key, text_of({"bets": sorted(names)}), LISTS, now, now).version


def applied(shelf: Shelf, *names: str) -> str:
    stage(shelf, "rough", *names)
    return shelf.apply().version


def rolled_back(shelf: Shelf) -> str | None:
    lists = shelf.roll_back()
    return lists.version if lists else None


def names_in_force(shelf: Shelf) -> list[str]:
    lists = shelf.in_force()
    return [name for name in ("a.example", "b.example", "c.example") if lists and lists.find(name)]


def test_a_list_waits_until_it_is_applied(shelf: Shelf) -> None:
    version = stage(shelf, "rough", "a.example")
    assert (shelf.in_force(), names_in_force(shelf)) == (None, [])
    assert shelf.apply().version == version
    assert names_in_force(shelf) == ["a.example"]
    assert shelf.waiting() is None
    with pytest.raises(ConfigError, match="No lists wait"):
        shelf.apply()


def test_one_list_joins_the_others_in_the_order_of_lists_toml(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    stage(shelf, "careful", "b.example")
    assert [head.key for head in shelf.apply().lists] == ["careful", "rough"]
    assert names_in_force(shelf) == ["a.example", "b.example"]


def test_two_imports_wait_together(shelf: Shelf) -> None:
    stage(shelf, "rough", "a.example")
    stage(shelf, "careful", "b.example")
    shelf.apply()
    assert names_in_force(shelf) == ["a.example", "b.example"]


def test_a_list_that_lists_toml_no_longer_has_is_left_behind(shelf: Shelf) -> None:
    stage(shelf, "rough", "a.example")
    lists = shelf.stage("other", text_of({"bets": ["b.example"]}), (listed("other", HINTS),), 1, 1)
    assert [head.key for head in lists.lists] == ["other"]


def test_rolling_back_goes_one_step_at_a_time_and_takes_what_waits_away(shelf: Shelf) -> None:
    first, second, _ = applied(shelf, "a.example"), applied(shelf, "b.example"), applied(shelf, "c.example")
    stage(shelf, "rough", "a.example", "b.example")
    assert rolled_back(shelf) == second
    assert shelf.waiting() is None
    assert rolled_back(shelf) == first
    assert names_in_force(shelf) == ["a.example"]


def test_before_the_first_lists_none_were_in_force(shelf: Shelf) -> None:
    for _ in range(2):
        applied(shelf, "a.example")
        stage(shelf, "rough", "b.example")
        assert shelf.roll_back() is None
        assert not shelf.in_force_path.exists()
        assert shelf.waiting() is None
        with pytest.raises(ConfigError, match="nothing before that to go back to"):
            shelf.roll_back()


def test_damaged_first_lists_can_be_taken_back_too(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    spoil(shelf.in_force_path)
    assert shelf.roll_back() is None
    assert applied(shelf, "b.example")


def test_where_those_before_are_damaged_the_lists_in_force_stay(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    applied(shelf, "b.example")
    spoil(shelf.earlier()[0])
    with pytest.raises(ConfigError, match="are damaged"):
        shelf.roll_back()
    assert names_in_force(shelf) == ["b.example"]


def test_a_bounded_number_is_kept_and_content_that_nothing_needs_is_removed(shelf: Shelf, tmp_path: Path) -> None:
    for number in range(KEPT + 4):
        applied(shelf, f"n{number}.example")
    assert len(shelf.earlier()) == KEPT
    assert len(list((tmp_path / "content" / "rough").iterdir())) == KEPT + 1
    for _ in range(KEPT):
        shelf.roll_back()
    with pytest.raises(ConfigError, match="no longer kept"):
        shelf.roll_back()
    lists = shelf.in_force()
    assert lists is not None
    assert lists.find("n3.example")


def test_after_a_rollback_and_a_new_import_everything_still_works(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    applied(shelf, "b.example")
    shelf.roll_back()
    applied(shelf, "c.example")
    assert names_in_force(shelf) == ["c.example"]
    shelf.roll_back()
    assert names_in_force(shelf) == ["a.example"]


def test_a_crash_between_keeping_and_applying_costs_nothing(shelf: Shelf, tmp_path: Path) -> None:
    first, second = applied(shelf, "a.example"), applied(shelf, "b.example")
    os.link(shelf.in_force_path, tmp_path / "earlier" / "2.lists")  # as `apply` leaves it, killed before its rename
    stage(shelf, "rough", "c.example")
    shelf.apply()
    assert rolled_back(shelf) == second
    assert rolled_back(shelf) == first


def test_a_crash_in_applying_after_the_first_lists_still_lets_them_be_taken_back(shelf: Shelf, tmp_path: Path) -> None:
    applied(shelf, "a.example")
    os.link(shelf.in_force_path, tmp_path / "earlier" / "1.lists")
    assert shelf.roll_back() is None
    assert shelf.earlier() == []


def spoil(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def test_what_is_damaged_never_comes_into_force(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    stage(shelf, "rough", "b.example")
    spoil(shelf.waiting_path)
    with pytest.raises(ConfigError, match="cannot be used"):
        shelf.apply()
    assert names_in_force(shelf) == ["a.example"]


def test_from_damaged_lists_in_force_both_ways_out_work(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    applied(shelf, "b.example")
    spoil(shelf.in_force_path)
    assert shelf.in_force() is None
    shelf.roll_back()
    assert names_in_force(shelf) == ["a.example"]
    spoil(shelf.in_force_path)
    applied(shelf, "c.example")
    assert names_in_force(shelf) == ["c.example"]


def test_a_damaged_one_from_before_is_passed_over(shelf: Shelf) -> None:
    for name in ("a.example", "b.example", "c.example"):
        applied(shelf, name)
    spoil(shelf.earlier()[0])
    shelf.roll_back()
    assert names_in_force(shelf) == ["a.example"]


def test_changed_content_is_not_compiled(shelf: Shelf) -> None:
    applied(shelf, "a.example")
    lists = shelf.in_force()
    assert lists is not None
    shelf.content("rough", lists.lists[0].version).write_text("[bets]\nevil.example\n")
    with pytest.raises(ConfigError, match="was changed after it was imported"):
        stage(shelf, "careful", "b.example")
    assert shelf.waiting() is None
