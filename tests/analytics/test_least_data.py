"""The least that is kept of a path or a search."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.canonical import canonical_bytes
from analytics.least_data import LONGEST_PATH, LONGEST_PHRASE, kept_path, phrase_pattern, search_phrase, searched_for


@dataclass(frozen=True)
class Kept:
    """As much of a verdict as decides what is kept."""

    rule: str
    keep: str
    phrase_keys: tuple[str, ...] = ()
    reason: str = "listed"


SEARCH = Kept("google.com", "phrase", ("q", "p"))


@pytest.mark.parametrize(
    ("rule", "keep", "path", "kept"),
    [
        ("amazon.co.uk", "host", "/gp/secret-present", ""),
        ("bbc.co.uk/sport", "host", "/sport/football/12345", "/sport"),
        ("bet365.com", "path", "/casino?token=1", "/casino"),
        ("bet365.com", "path", "/casino#top", "/casino"),
        ("google.com", "phrase", "/search", ""),
        ("", "host", "/anything", ""),
    ],
)
def test_a_path_is_kept_only_as_far_as_the_purpose_needs_it(rule: str, keep: str, path: str, kept: str) -> None:
    assert kept_path(Kept(rule, keep), path) == kept


@pytest.mark.parametrize("reason", ["page_context", "page_shown"])
def test_the_path_of_a_rule_about_another_address_is_not_claimed_for_this_one(reason: str) -> None:
    assert kept_path(Kept("bbc.co.uk/sport", "host", reason=reason), "/web/2024/https://www.bbc.co.uk/sport") == ""


@pytest.mark.parametrize(
    ("query", "phrase"),
    [
        ("q=volcano+facts&sid=77&email=a@b.example", "volcano facts"),
        ("Q=caf%C3%A9", "café"),
        ("p=%20spaced%0Aout%20", "spaced out"),
        ("text=not+a+key", ""),
        ("q=", ""),
        ("", ""),
        ("q=%ff%fe", "��"),
    ],
)
def test_only_what_was_searched_for_is_kept_of_a_query(query: str, phrase: str) -> None:
    assert search_phrase(SEARCH, query) == phrase


def test_no_phrase_is_kept_where_the_category_does_not_need_it() -> None:
    assert search_phrase(Kept("amazon.co.uk", "host"), "q=present") == ""


def test_a_word_inside_an_innocent_phrase_shields_nothing_and_beside_it_still_does() -> None:
    shielded = phrase_pattern(["cancer", "mass times"], ["tropic of cancer", "mass times acceleration"])
    assert not shielded("Tropic of  Cancer map")
    assert not shielded("mass times acceleration year 6")
    assert shielded("tropic of cancer, breast cancer")
    assert shielded("catholic mass times")
    assert shielded("tropics of cancer")


@given(st.text(), st.text())
def test_whatever_was_sent_what_is_kept_is_short_and_fits_a_record(path: str, query: str) -> None:
    kept = kept_path(Kept("bet365.com", "path"), path)
    phrase = search_phrase(SEARCH, f"q={query}")
    assert len(kept) <= LONGEST_PATH
    assert len(phrase) <= LONGEST_PHRASE
    assert not {"?", "#"} & set(kept)
    canonical_bytes({"path": kept, "search_phrase": phrase})


def test_half_a_character_is_replaced() -> None:
    assert kept_path(Kept("bet365.com", "path"), "/\udcff") == "/?"
    assert searched_for(("q",), "q=a\udcffb") == "a?b"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("am I PREGNANT?", True),
        ("panic   attack help", True),
        ("women’s refuge", True),
        ("ＰＲＥＧＮＡＮＴ", True),
        ("pregnantly", False),
        ("impregnant", False),
        ("volcano", False),
        ("", False),
    ],
)
def test_a_phrase_is_found_as_whole_words_whatever_its_case_and_spacing(text: str, holds: bool) -> None:
    assert phrase_pattern(("pregnant", "panic attack", "women's refuge"))(text) is holds


def test_no_phrases_match_nothing() -> None:
    assert phrase_pattern(())("anything") is False
