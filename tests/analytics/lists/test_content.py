"""The kept form of a list: only what has a meaning, sorted, under one version."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.lists.adblock import EXCEPTED
from analytics.lists.content import Content, kept_rules, read_content, text_of, version_of
from analytics.lists.faults import Faults
from config.errors import ConfigError
from config.policy import ListFormat
from tests.analytics.lists.small_lists import HINTS, listed
from tests.analytics.lists.test_archive import tar

ROUGH, PLAIN = listed("rough", HINTS), listed("plain", ())


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_only_what_the_policy_gives_a_meaning_is_kept_and_the_rest_counted(tmp_path: Path) -> None:
    faults = Faults()
    path = written(
        tmp_path / "c.csv", "domain,category\nb.example,bets\na.example,bets\nb.example,bets\nc.example,odd\n"
    )
    assert read_content(path, ROUGH, "csv", "", faults) == {"bets": ["a.example", "b.example"]}
    assert faults.left_out == {"names in categories that lists.toml gives no meaning (odd)": 1}


def test_a_category_is_known_by_any_of_its_names_and_taken_once(tmp_path: Path) -> None:
    path = tar(
        tmp_path / "x", {"b/pari/domains": b"a.example\n", "b/pari/usage": b"black\nparis\n"}, {"b/bets": "pari"}
    )
    assert read_content(path, ROUGH, "ut1", "", Faults()) == {"bets": ["a.example"]}


@pytest.mark.parametrize(("category", "own"), [("", "="), ("gambling", "=gambling")])
def test_a_list_without_categories_is_of_the_one_that_is_stated(tmp_path: Path, category: str, own: str) -> None:
    path = written(tmp_path / "p", "b.example\na.example\n")
    assert read_content(path, PLAIN, "plain", category, Faults()) == {own: ["a.example", "b.example"]}


@pytest.mark.parametrize("form", ["ut1", "csv", "hosts", "adblock", "plain"])
def test_what_holds_nothing_is_refused_in_every_format(tmp_path: Path, form: ListFormat) -> None:
    path = written(tmp_path / "p", "domain,category\n" if form == "csv" else "")
    with pytest.raises(ConfigError):
        read_content(path, PLAIN, form, "", Faults())


def test_only_exceptions_are_nothing_to_import(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds nothing to import as adblock"):
        read_content(written(tmp_path / "p", "@@||a.example^\n"), PLAIN, "adblock", "", Faults())


def test_the_first_bad_line_is_told_where_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"p, line 1: 'co.uk': anybody may register"):
        read_content(written(tmp_path / "p", "co.uk\n"), PLAIN, "plain", "", Faults())


def test_order_spelling_and_repetition_do_not_change_the_version(tmp_path: Path) -> None:
    one = read_content(written(tmp_path / "1", "a.example\nb.example\n"), PLAIN, "plain", "", Faults())
    two = read_content(
        written(tmp_path / "2", "# new\nB.EXAMPLE.\r\na.example\na.example\n"), PLAIN, "plain", "", Faults()
    )
    assert version_of(text_of(one)) == version_of(text_of(two))


def test_content_that_was_changed_or_is_gone_is_refused(tmp_path: Path) -> None:
    text = text_of({"bets": ["a.example"]})
    path = tmp_path / f"{version_of(text)}.txt"
    path.write_bytes(text + b"b.example\n")
    with pytest.raises(ConfigError, match="was changed after it was imported"):
        list(kept_rules(path))
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        list(kept_rules(path))


NAMES = st.lists(st.from_regex(r"[a-z]{1,5}\.example(/[a-zé%?]{1,5})?", fullmatch=True), max_size=5, unique=True).map(
    sorted
)


@settings(max_examples=40)  # each writes a file
@given(st.dictionaries(st.sampled_from(["bets", "=", "=adult", EXCEPTED, "with space"]), NAMES, min_size=1))
def test_what_is_kept_is_what_comes_back(tmp_path_factory: pytest.TempPathFactory, content: Content) -> None:
    text = text_of(content)
    path = tmp_path_factory.mktemp("kept") / f"{version_of(text)}.txt"
    path.write_bytes(text)
    assert list(kept_rules(path)) == [(own, name) for own in sorted(content) for name in content[own]]
