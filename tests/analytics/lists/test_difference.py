"""What new lists would change is told exactly."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.lists.content import Content, text_of
from analytics.lists.difference import contradicted, difference
from analytics.lists.shelf import Shelf
from tests.analytics.lists.small_lists import compiled, policy

NAMES = st.lists(st.sampled_from([f"{letter}.example" for letter in "abcdef"]), min_size=1, unique=True).map(sorted)
CONTENT = st.dictionaries(st.sampled_from(["bets", "shops"]), NAMES, min_size=1)


def test_the_first_lists_are_all_added(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    fresh = shelf.stage("rough", text_of({"bets": ["a.example"], "shops": ["b.example"]}), policy().imported, 1, 1)
    told = difference(shelf, None, fresh, policy())
    assert told.changes == {("rough", "bets"): (1, 0), ("rough", "shops"): (1, 0)}


@given(CONTENT, CONTENT)
@settings(max_examples=25)  # each compiles two files
def test_counts_are_those_of_plain_sets(tmp_path_factory: pytest.TempPathFactory, old: Content, new: Content) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("d"))
    shelf.stage("rough", text_of(old), policy().imported, 1, 1)
    before = shelf.apply()
    after = shelf.stage("rough", text_of(new), policy().imported, 1, 1)
    wanted = {}
    for own in {*old, *new}:
        left, right = set(old.get(own, ())), set(new.get(own, ()))
        if left != right:
            wanted["rough", own] = (len(right - left), len(left - right))
    assert difference(shelf, before, after, policy()).changes == wanted


def test_sites_that_the_school_calls_something_else_are_counted(tmp_path: Path) -> None:
    lists = {"rough": {"bets": ["twinkl.co.uk", "bet365.com", "bbc.co.uk/sport", "nobody.example"]}}
    # twinkl.co.uk is work and bbc.co.uk/sport private; bet365.com is the same, and the last is on no list of ours.
    assert contradicted(compiled(tmp_path / "x", policy(), lists), policy()) == 2


def test_a_name_above_several_sites_of_the_school_counts_once(tmp_path: Path) -> None:
    below = [site for site in policy().sites if site.host.endswith("google.com")]
    assert len(below) > 1
    lists = {"rough": {"bets": ["google.com"]}}
    assert contradicted(compiled(tmp_path / "x", policy(), lists), policy()) == 1
