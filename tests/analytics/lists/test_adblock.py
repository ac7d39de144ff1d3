"""Adblock-style lists, as far as they speak of whole domains."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.lists.adblock import EXCEPTED, read_adblock
from analytics.lists.faults import Faults


def read(text: str) -> tuple[list[tuple[str, str]], Faults]:
    faults = Faults()
    return list(read_adblock(io.BytesIO(text.encode()), "list", "own", faults)), faults


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("||ads.example^", ("own", "ads.example")),
        ("||ADS.example", ("own", "ads.example")),
        ("||ads.example^|", ("own", "ads.example")),
        ("||ads.example^$important", ("own", "ads.example")),
        ("||ads.example^$all,document", ("own", "ads.example")),
        ("@@||ads.example^", (EXCEPTED, "ads.example")),
        ("@@||ads.example^$script", (EXCEPTED, "ads.example")),
        ("||bücher.example^", ("own", "xn--bcher-kva.example")),
    ],
)
def test_a_rule_for_a_whole_domain_is_taken(line: str, rule: tuple[str, str]) -> None:
    assert read(line) == ([rule], Faults())


@pytest.mark.parametrize(
    "line",
    [
        *("||ads.example^$third-party", "||ads.example^$script,important", "||ads.example^$domain=a.example"),
        *("||ads.example/banner", "/banner/*", "ads.example", "|https://ads.example|", "||ads.*^", "||ads.example^x"),
        *("a.example##.advert", "##.advert", "a.example#@#.advert", "@@/banner", "||a.example^$removeparam=x"),
    ],
)
def test_any_other_rule_is_counted_and_condemns_nobody(line: str) -> None:
    rules, faults = read(line)
    assert rules == []
    assert faults.left_out.total() == 1


def test_comments_and_titles_are_neither() -> None:
    assert read("[Adblock Plus 2.0]\n! Title: x\n\n") == ([], Faults())


def test_a_public_suffix_is_refused() -> None:
    rules, faults = read("||co.uk^\n||blogspot.com^\n")
    assert rules == []
    assert faults.bad.total() == 2


@given(st.text(alphabet="|@^$*/.,a#!=~é \n", max_size=60))
def test_any_text_is_rules_or_counted(text: str) -> None:
    rules, faults = read(text)
    assert len(rules) + faults.bad.total() + faults.left_out.total() <= text.count("\n") + 1
