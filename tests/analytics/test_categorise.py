"""The verdict on an address."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.categorise import Judge, Reason, normal_host, registrable_domain
from analytics.event import NotInspected, Purpose
from analytics.least_data import search_phrase
from config.policy import load_policy

POLICY = load_policy()
JUDGE = Judge(POLICY)
AREA_WORDS = [area.title for area in POLICY.shield]
SHIELDED_HOSTS = [rule.host for area in POLICY.shield for rule in area.sites if not rule.path]
HOSTS = st.sampled_from([rule.host for rule in POLICY.sites]) | st.sampled_from(SHIELDED_HOSTS) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("host", "path", "category", "purpose"),
    [
        ("www.bbc.co.uk", "/bitesize/subjects", "teaching_resources", "work"),
        ("www.bbc.co.uk", "/sport/football", "sport", "private"),
        ("www.bbc.co.uk", "/SPORT", "sport", "private"),
        ("www.bbc.co.uk", "/news/../sport/x", "sport", "private"),
        ("www.bbc.co.uk", "//sport", "sport", "private"),
        ("www.bbc.co.uk", "/%73port", "sport", "private"),
        ("www.bbc.co.uk", "/%53port", "sport", "private"),
        ("www.bbc.co.uk", "/news/education-123", "news", "private"),
        ("www.bbc.co.uk", "/news/education", "education_news", "work"),
        ("www.bbc.co.uk", "/sportsday", "portals", "unknown"),
        ("www.bbc.co.uk", "/news/uk-1", "news", "private"),
        ("www.amazon.co.uk", "/business", "school_suppliers", "work"),
        ("www.reddit.com", "/r/TeachingUK/comments/x", "teaching_forums", "unknown"),
        ("x.com", "/educationgovuk", "social_pages", "unknown"),
        ("www.amazon.co.uk", "/", "shopping", "private"),
        ("www.amazon.co.uk", "/gp/video/detail/x", "streaming", "private"),
        ("www.twinkl.co.uk", "/", "teaching_resources", "work"),
        ("www.tes.com", "/jobs/vacancy/x", "teaching_jobs", "unknown"),
        ("oakfield.kent.sch.uk", "/", "schools", "work"),
        ("www.kent.gov.uk", "/", "local_government", "work"),
        ("www.gov.uk", "/guidance", "central_government", "work"),
        ("www.ox.ac.uk", "/", "universities", "work"),
        ("www.youtube.com", "/watch", "video_sharing", "unknown"),
        ("en.wikipedia.org", "/wiki/Volcano", "reference", "unknown"),
        ("www.facebook.com", "/oakfieldprimary", "social_pages", "unknown"),
        ("www.facebook.com", "/marketplace/item", "auctions", "private"),
        ("www.google.co.uk", "/search", "search_engines", "unknown"),
        ("www.google.co.uk", "/maps/place", "maps", "unknown"),
        ("outlook.office.com", "/mail", "school_mail", "work"),
        ("outlook.live.com", "/mail", "webmail", "private"),
        ("mail.google.com", "/", "either_mail", "unknown"),
        ("www.bet365.com", "/", "gambling", "inappropriate"),
        ("www.pornhub.com", "/", "adult", "inappropriate"),
        ("securepubads.g.doubleclick.net", "/", "advertising", "infrastructure"),
        ("d1234.cloudfront.net", "/", "content_delivery", "infrastructure"),
        ("10.0.0.5", "/", "local_network", "infrastructure"),
        ("kittens.example", "/", "unknown", "unknown"),
        ("8.8.8.8", "/", "unknown", "unknown"),
    ],
)
def test_a_governor_would_agree_with(host: str, path: str, category: str, purpose: str) -> None:
    verdict = JUDGE.judge(host, path)
    assert (verdict.category, str(verdict.purpose)) == (category, purpose)


def test_the_sentence_is_one_that_a_governor_understands() -> None:
    verdict = JUDGE.judge("www.amazon.co.uk")
    assert verdict.sentence == (
        "amazon.co.uk is listed as Shopping, which is private use "
        f"(Fairgate curated list, version {POLICY.lists[0].version})."
    )
    assert "Every address under gov.uk is listed as Government, which is work use" in JUDGE.judge("x.gov.uk").sentence
    assert JUDGE.judge("kittens.example").sentence == (
        "No list names kittens.example, so what it was used for is not known and it counts against nobody."
    )


@pytest.mark.parametrize("host", ["AMAZON.co.uk", "amazon.co.uk.", "amazon.co.uk:443", "smile.amazon.co.uk"])
def test_however_a_host_is_written_the_verdict_is_the_same(host: str) -> None:
    assert JUDGE.judge(host) == JUDGE.judge("amazon.co.uk")


@pytest.mark.parametrize("host", SHIELDED_HOSTS)
def test_every_shielded_host_and_all_below_it_is_shielded_and_never_decrypted(host: str) -> None:
    for name in (host, f"www.{host}", f"{host}.".upper()):
        assert JUDGE.shielded(name)
        assert JUDGE.judge(name).purpose is Purpose.SHIELDED
        assert JUDGE.pass_through(name) is NotInspected.SHIELD


@pytest.mark.parametrize(
    ("host", "path", "query"),
    [
        ("www.gov.uk", "/employment-tribunals/make-a-claim", ""),
        ("www.gov.uk", "/Employment-Tribunals", ""),
        ("www.gov.uk", "/x/../employment-tribunals", ""),
        ("www.boots.com", "/online-doctor/x", ""),
        ("www.google.co.uk", "/search", "q=am+i+pregnant"),
        ("www.bing.com", "/search", "form=x&q=Teaching%20Union%20fees"),
        ("duckduckgo.com", "/", "q=samaritans"),
    ],
)
def test_a_shielded_path_or_search_is_not_recorded_on_a_site_that_is(host: str, path: str, query: str) -> None:
    assert not JUDGE.shielded(host)
    assert JUDGE.judge(host, path, query).purpose is Purpose.SHIELDED


@pytest.mark.parametrize(
    "phrase",
    [
        "tropic of cancer map",
        "the great depression ks2",
        "union jack craft ks1",
        "mass of an object year 6",
        "oilseed rape",
    ],
)
def test_an_ordinary_phrase_that_holds_a_shielded_word_is_no_secret(phrase: str) -> None:
    assert JUDGE.judge("www.google.com", "/search", f"q={phrase}").category == "search_engines"


def test_what_was_searched_for_on_other_sites_shields_and_is_never_kept() -> None:
    assert JUDGE.judge("www.youtube.com", "/results", "search_query=panic+attacks").purpose is Purpose.SHIELDED
    verdict = JUDGE.judge("www.youtube.com", "/results", "search_query=volcano")
    assert (verdict.category, search_phrase(verdict, "search_query=volcano")) == ("video_sharing", "")


def test_a_shielded_verdict_names_neither_host_nor_area() -> None:
    verdict = JUDGE.judge("www.samaritans.org", "/how-we-can-help")
    said = f"{verdict.sentence} {verdict.rule} {verdict.category} {verdict.list_name}".lower()
    assert "samaritans" not in said
    assert [word for word in AREA_WORDS if word.lower() in said] == []


@pytest.mark.parametrize(
    ("host", "path", "query", "area"),
    [
        ("www.nhs.uk", "/", "", "health"),
        ("www.neu.org.uk", "/", "", "union"),
        ("www.gov.uk", "/dismissal", "", "legal_advice"),
        ("www.google.com", "/search", "q=samaritans", "helplines"),
        ("www.google.com", "/search", "q=volcano", None),
        ("www.amazon.co.uk", "/s", "k=pregnancy+test", "health"),
        ("kittens.example", "/", "q=samaritans", None),
        ("web.archive.org", "/web/2024/https://www.nhs.uk/", "", "health"),
        ("www-neu-org-uk.translate.goog", "/", "", "union"),
        ("", "/", "", None),
    ],
)
def test_whoever_asks_is_told_which_area_shields_an_address(host: str, path: str, query: str, area: str | None) -> None:
    found = JUDGE.shield_area(host, path, query)
    assert (found.key if found else None) == area


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("www.barclays.co.uk", NotInspected.BANKING),
        ("api.monzo.com", NotInspected.BANKING),
        ("1.push.apple.com", NotInspected.PINNED),
        ("www.nhs.uk", NotInspected.SHIELD),
        ("www.amazon.co.uk", None),
        ("kittens.example", None),
        ("not a host", None),
    ],
)
def test_what_is_never_decrypted_says_why(host: str, why: NotInspected | None) -> None:
    assert JUDGE.pass_through(host) is why


def test_a_hint_list_supports_no_verdict_against_anyone() -> None:
    hints = tuple(replace(entry, quality="hint") for entry in POLICY.lists)
    judge = Judge(replace(POLICY, lists=hints))
    verdict = judge.judge("www.bet365.com")
    assert (verdict.purpose, verdict.gravity, verdict.reason) == (Purpose.UNKNOWN, 0, Reason.HINT_ONLY)
    assert "not kept carefully enough" in verdict.sentence
    assert judge.judge("www.twinkl.co.uk").purpose is Purpose.WORK


@given(HOSTS, st.text(max_size=40), st.text(max_size=40))
def test_judging_is_total_and_what_is_not_counted_has_no_gravity(host: str, path: str, query: str) -> None:
    verdict = JUDGE.judge(host, path, query)
    counted = verdict.purpose in (Purpose.PRIVATE, Purpose.INAPPROPRIATE, Purpose.UNLAWFUL)
    assert 0 <= verdict.gravity <= (4 if counted else 0)
    assert JUDGE.judge(host, path, query) == verdict


def test_hosts_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.categorise._REMEMBERED_HOSTS", 8)
    judge = Judge(POLICY)
    for number in range(50):
        judge.judge(f"host-{number}.example")
    judge.judge("x" * 5_000)
    assert len(judge._known) <= 8
    assert judge.judge("host-0.example").category == "unknown"


def test_the_names_that_others_build_on_are_here() -> None:
    assert normal_host("BBC.co.uk.") == "bbc.co.uk"
    assert registrable_domain("www.bbc.co.uk") == "bbc.co.uk"
