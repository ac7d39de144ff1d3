"""The verdict on an address that shows another site's page: the page's own."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.categorise import Judge, Reason, kept_path, search_phrase
from analytics.event import NotInspected, Purpose
from analytics.judging import read_address
from config.policy import SiteRule, load_policy

POLICY = load_policy()
JUDGE = Judge(POLICY)
SHIELDED = st.sampled_from([rule for area in POLICY.shield for rule in area.sites if not rule.wide])
LISTED = st.sampled_from([rule for rule in POLICY.sites if "." in rule.host and not rule.wide])
WAYS = st.sampled_from(
    [
        "https://translate.google.com/translate?sl=en&tl=pl&u=https://{}",
        "https://web.archive.org/web/20240101000000/https://{}",
        "https://www.google.com/url?sa=t&url=https://{}",
        "https://archive.ph/newest/https://{}",
        "https://l.facebook.com/l.php?u=https://{}",
    ]
)


def test_the_sentence_says_whose_page_was_judged() -> None:
    verdict = JUDGE.judge("web.archive.org", "/web/2024/https://www.bbc.co.uk/sport/football")
    assert (verdict.category, verdict.reason, verdict.rule) == ("sport", Reason.PAGE_SHOWN, "bbc.co.uk/sport")
    assert verdict.sentence.startswith(
        "web.archive.org shows a page of www.bbc.co.uk, so it is judged as that page: bbc.co.uk/sport is listed as"
    )


def test_of_a_page_shown_nothing_but_the_front_end_is_kept() -> None:
    for host, path, query in (
        ("web.archive.org", "/web/2024/https://www.bbc.co.uk/sport", ""),
        ("web.archive.org", "/web/2024/https://www.bet365.com/casino", ""),
        ("www.google.com", "/url", "q=https://www.google.com/search?q=volcano"),
    ):
        verdict = JUDGE.judge(host, path, query)
        assert (verdict.reason, kept_path(verdict, path), search_phrase(verdict, query)) == ("page_shown", "", "")


def test_a_front_end_that_shows_nothing_is_judged_by_itself() -> None:
    assert JUDGE.judge("web.archive.org", "/").category == "reference"
    assert JUDGE.judge("translate.google.com", "/", "text=hello").category == "reference"


@given(WAYS, LISTED)
def test_a_page_means_the_same_however_it_is_shown(way: str, rule: SiteRule) -> None:
    pattern = rule.pattern
    address = read_address(way.format(pattern))
    itself = read_address(f"https://{pattern}")
    shown = JUDGE.judge(address.host, address.path, address.query)
    own = JUDGE.judge(itself.host, itself.path, itself.query)
    assert (shown.category, shown.purpose, shown.gravity, shown.rule) == (
        (own.category, own.purpose, own.gravity, own.rule)
    )


@given(WAYS, WAYS, SHIELDED)
def test_what_is_shielded_is_shielded_however_it_is_shown(outer: str, inner: str, rule: SiteRule) -> None:
    pattern = rule.pattern
    for url in (inner.format(pattern), outer.format(quote(inner.format(pattern).removeprefix("https://"), safe="/:"))):
        address = read_address(url)
        verdict = JUDGE.judge(address.host, address.path, address.query)
        assert verdict.purpose is Purpose.SHIELDED
        assert replace(verdict, sentence="") == replace(JUDGE.judge("www.nhs.uk"), sentence="")
        assert JUDGE.shield_area(address.host, address.path, address.query) is not None


@given(SHIELDED)
def test_a_translated_or_cached_shielded_site_is_never_decrypted(rule: SiteRule) -> None:
    host, path = rule.host, rule.path
    if not path and len(host) < 50:
        coded = host.replace("-", "--").replace(".", "-")
        for shown in (f"{coded}.translate.goog", f"{coded}.cdn.ampproject.org"):
            assert JUDGE.shielded(shown)
            assert JUDGE.pass_through(shown) is NotInspected.SHIELD


@pytest.mark.parametrize("host", ["www-bbc-co-uk.translate.goog", "web.archive.org", "translate.google.com"])
def test_other_front_ends_are_decrypted(host: str) -> None:
    assert not JUDGE.shielded(host)
    assert JUDGE.pass_through(host) is None


def test_a_search_through_a_front_end_is_shielded_by_its_phrase() -> None:
    verdict = JUDGE.judge("web.archive.org", "/web/2024/https://www.google.com/search", "q=hiv+test")
    assert verdict.purpose is Purpose.SHIELDED
