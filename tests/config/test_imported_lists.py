"""How lists.toml declares a list that others publish, and how a mistake in it is told."""

import re
import shutil
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.imported_lists import may_be_fetched
from config.policy import SHIPPED, load_policy

MINE = """
[mine]
title = "Our own feed"
quality = "evidence"
format = "plain"
category = "gambling"
why = "Kept by the trust."
author = "Head"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A school's own copy of the policy, to change."""
    shutil.copytree(SHIPPED, tmp_path / "school")
    shutil.copy(SHIPPED.parent / "lists.toml", tmp_path)
    return tmp_path / "school"


def with_lists(folder: Path, text: str) -> Path:
    path = folder.parent / "lists.toml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    return folder


def test_the_shipped_ut1_is_a_hint_but_for_the_one_list_that_is_kept_with_care() -> None:
    (ut1,) = load_policy().imported
    assert (ut1.key, ut1.format, ut1.quality) == ("ut1", "ut1", "hint")
    assert [(entry.own, entry.meaning) for entry in ut1.categories if entry.quality == "evidence"] == [
        ("adult", "adult")
    ]
    assert len(ut1.categories) > 35


def test_the_shipped_mapping_names_categories_and_no_site() -> None:
    text = (SHIPPED.parent / "lists.toml").read_text("utf-8")
    names = re.findall(r"^([a-z_-]+) = ", text.partition("[ut1.categories]")[2], re.MULTILINE)
    assert len(names) == len(load_policy().imported[0].categories)
    assert [name for name in names if "." in name] == []


def test_a_school_adds_a_list_of_its_own(folder: Path) -> None:
    policy = load_policy(with_lists(folder, MINE))
    assert [(one.key, one.category, one.categories) for one in policy.imported[1:]] == [("mine", "gambling", ())]
    assert policy.list_sources["mine"].address is None
    assert policy.list_sources["mine"].oldest_days == 90
    assert [one.key for one in policy.lists] == ["curated"]


def test_what_a_list_means_is_part_of_the_version_and_where_it_comes_from_is_not(folder: Path) -> None:
    first = load_policy(with_lists(folder, MINE)).version
    path = folder.parent / "lists.toml"
    path.write_text(path.read_text("utf-8") + 'address = "https://lists.example/x"\n', "utf-8")
    assert load_policy(folder).version == first
    path.write_text(path.read_text("utf-8").replace('category = "gambling"', 'category = "games"'), "utf-8")
    assert load_policy(folder).version != first


def test_a_new_list_is_nothing_that_staff_must_be_told_again(folder: Path) -> None:
    before = load_policy(folder).notice_version
    assert load_policy(with_lists(folder, MINE)).notice_version == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"gambling"', '"gaming"', [r"line \d+: mine.category", "'gaming'", "a category of categories.toml"]),
        ('"evidence"', '"gospel"', ["mine.quality", "'gospel'"]),
        ('"plain"', '"xml"', ["mine.format", "'xml'"]),
        ('"plain"', '"ut1"', ["mine", "categories"]),
        ('why = "Kept by the trust."\n', "", ["mine.why", "found nothing"]),
        ("author", "colour", ["mine.colour", "no such key"]),
        ('"Head"', '"Head"\naddress = "http://lists.example/x"', ["mine.address", "https://"]),
        ('"Head"', '"Head"\nsha256 = "abc"', ["mine.sha256"]),
        ('"Head"', '"Head"\noldest_days = 0', ["mine.oldest_days"]),
        ('"Head"', '"Head"\n[mine.categories]\nx = "adult"', ["mine", "category"]),
    ],
)
def test_a_mistake_is_told_with_its_key(folder: Path, old: str, new: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        load_policy(with_lists(folder, MINE.replace(old, new)))
    assert [part for part in told if not re.search(part, str(refused.value))] == []


def test_a_category_that_is_neither_ours_nor_shielded_is_told_with_its_line(folder: Path) -> None:
    path = folder.parent / "lists.toml"
    path.write_text(path.read_text("utf-8").replace('sect = "faith"', 'sect = "cults"'), "utf-8")
    with pytest.raises(ConfigError, match=r"line \d+: ut1.categories.sect: found 'cults'"):
        load_policy(folder)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://lists.example/x.tar.gz", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://[::1]/x", True),
        ("http://localhost/x", True),
        ("http://lists.example/x", False),
        ("http://127.0.0.1.lists.example/x", False),
        ("http://127.0.0.1@lists.example/x", False),
        ("ftp://127.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_https_or_this_machine_is_fetched_from(address: str, allowed: bool) -> None:
    assert may_be_fetched(address) is allowed
