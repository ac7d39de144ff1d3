"""The compiled file: what goes in is found again, nothing else is, and damage is noticed."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.lists.compiled import PATHS_BELOW, open_compiled
from analytics.lists.compiler import Source, compile_lists
from config.errors import ConfigError
from tests.analytics.lists.small_lists import Holds, compiled, listed, policy

HELD: Holds = {
    "careful": {"bets": ["casino.example"], "porn": ["casino.example", "x.example"]},
    "rough": {"shops": ["casino.example", "shop.example/sale/today"]},
}
NAMES = st.from_regex(r"([a-d]{1,2}\.){1,2}(com|co\.uk)(/[a-b]{1,2}){0,2}", fullmatch=True)


def test_a_name_is_found_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    lists = compiled(tmp_path / "x", policy(), HELD)
    assert sorted(lists.find("casino.example")) == [(0, "bets"), (0, "porn"), (1, "shops")]
    assert lists.find("shop.example/sale/today") == ((1, "shops"),)
    assert lists.find("shop.example") == ((-1, PATHS_BELOW),)
    assert lists.find("shop.example/sale") == lists.find("www.casino.example") == lists.find("") == ()
    assert (lists.domains, lists.rules, lists.deepest) == (4, 4, 2)
    assert [(head.key, head.counts) for head in lists.lists] == [
        ("careful", {"bets": 1, "porn": 2}),
        ("rough", {"shops": 2}),
    ]


@settings(max_examples=40)  # each writes a file
@given(st.dictionaries(NAMES, st.sets(st.sampled_from(["bets", "porn", "shops"]), min_size=1)), st.lists(NAMES))
def test_looking_up_equals_a_plain_table(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, set[str]], others: list[str]
) -> None:
    by_category = {own: [name for name in table if own in table[name]] for own in ("bets", "porn", "shops")}
    lists = compiled(tmp_path_factory.mktemp("c") / "x", policy(), {"careful": by_category})
    hosts = {name.partition("/")[0] for name in table if "/" in name}
    for name in {*table, *hosts, *others}:
        wanted = {(0, own) for own in table.get(name, ())} | ({(-1, PATHS_BELOW)} if name in hosts else set())
        assert set(lists.find(name)) == wanted


def test_the_same_lists_make_the_same_file_whenever_they_are_compiled(tmp_path: Path) -> None:
    one = compiled(tmp_path / "1", policy(), HELD)
    compile_lists(
        [
            Source(
                entry, f"v-{entry.key}", 99, [(own, name) for own, names in HELD[entry.key].items() for name in names]
            )
            for entry in policy().imported
        ],
        tmp_path / "2",
        99_999,
    )
    two = open_compiled(tmp_path / "2")
    assert (one.version, one.body_digest) == (two.version, two.body_digest)
    assert one.made_ms != two.made_ms


def test_a_list_of_another_version_makes_a_file_of_another_version(tmp_path: Path) -> None:
    more = {**HELD, "careful": {"bets": ["casino.example"], "porn": ["x.example"]}}
    assert compiled(tmp_path / "1", policy(), HELD).version != compiled(tmp_path / "2", policy(), more).version


def test_the_file_is_small_private_and_holds_no_names(tmp_path: Path) -> None:
    names = [f"site-{number}.example" for number in range(20_000)]
    compiled(tmp_path / "x", policy(), {"rough": {"shops": names}})
    assert (tmp_path / "x").stat().st_size <= 12 * len(names)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o400
    assert b"site-1" not in (tmp_path / "x").read_bytes()


def test_no_lists_at_all_are_a_file_too(tmp_path: Path) -> None:
    lists = compiled(tmp_path / "x", policy(), {})
    lists.check_whole()
    assert (lists.rules, lists.find("casino.example")) == (0, ())


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    compiled(tmp_path / "x", policy(), HELD)
    whole = (tmp_path / "x").read_bytes()
    for at in range(len(whole)):
        damaged = tmp_path / "damaged"
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if 44 <= at < 48:
            continue  # padding that nothing reads
        with pytest.raises(ConfigError, match="fairgate lists rollback"):
            open_compiled(damaged).check_whole()


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.99, 1.01])
def test_a_file_of_another_length_is_refused_when_it_is_opened(tmp_path: Path, part: float) -> None:
    compiled(tmp_path / "x", policy(), HELD)
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "y").write_bytes((whole + b"\0" * len(whole))[: int(len(whole) * part)])
    with pytest.raises(ConfigError, match="cannot be used"):
        open_compiled(tmp_path / "y")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fairgate lists import"):
        open_compiled(tmp_path / "none")


def test_what_a_killed_compile_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "x.new").touch(0o400)
    compiled(tmp_path / "x", policy(), HELD)
    assert os.listdir(tmp_path) == ["x"]


def test_more_categories_than_the_file_can_tell_apart_are_refused(tmp_path: Path) -> None:
    rules = ((f"c{number}", "a.example") for number in range(70_000))
    with pytest.raises(ConfigError, match="Import fewer lists"):
        compile_lists([Source(listed("many", (("c0", "adult", "hint"),)), "v", 1, rules)], tmp_path / "x", 1)
