"""Imported lists that are old, damaged, absent or waiting."""

import os

from analytics.doctor.examined import DAY_MS
from analytics.lists.content import text_of
from analytics.lists.shelf import Shelf, in_force_file
from config.policy import load_policy
from tests.analytics.doctor.conftest import School, now_ms


def taken(school: School, days_ago: int, *, apply: bool = True) -> Shelf:
    """Lists of the first publisher that the shipped policy knows, taken so long ago."""
    shelf, then = Shelf(school.state.lists), now_ms() - days_ago * DAY_MS
    policy = load_policy()
    listed = policy.imported[0]
    shelf.stage(listed.key, text_of({"adult": ["a.example"]}), policy.imported, then, then)
    if apply:
        shelf.apply()
    return shelf


def test_no_lists_are_a_note(school: School) -> None:
    (line,) = school.lines("lists")
    assert line.startswith("NOTE [lists] No imported lists are in force")


def test_young_lists_are_nothing_to_say(school: School) -> None:
    taken(school, 1)
    assert school.lines("lists") == []


def test_old_lists_are_said_with_their_age(school: School) -> None:
    taken(school, 4_000)
    (line,) = school.lines("lists")
    assert "is 4000 days old; lists.toml allows" in line
    assert "a.example" not in line


def test_damaged_lists_are_said(school: School) -> None:
    taken(school, 1)
    path = in_force_file(school.state.lists)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-9])
    (line,) = school.lines("lists")
    assert "are damaged" in line


def test_lists_that_have_long_been_waiting_are_a_note(school: School) -> None:
    shelf = taken(school, 1, apply=False)
    assert school.lines("lists-waiting") == []
    then = now_ms() // 1000 - 9 * 86_400
    os.utime(shelf.waiting_path, (then, then))
    (line,) = school.lines("lists-waiting")
    assert "Newer lists have been waiting for 9 days." in line
