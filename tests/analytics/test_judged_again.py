"""What another policy says of a stored event, as far as what was kept allows."""

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.categorise import Judge, Verdict
from analytics.event import Kind, NotInspected, Purpose, WebEvent
from analytics.judged_again import JudgeAgain, Judged, Missing, meaning
from analytics.judging import read_address
from analytics.policy_then import KnownThen
from config.policy import Category, PassThrough, Policy, ShieldArea, SiteList, load_policy
from config.policy_model import digest
from config.site_pattern import read_pattern
from tests.analytics.judged_events import Gateway

BASE = replace(load_policy(), hours={}, thresholds={}, retention={})
KINDS = {
    "shop": ("private", 1, "host", ()),
    "lesson": ("work", 0, "path", ()),
    "find": ("unknown", 0, "phrase", ("q",)),
    "bet": ("inappropriate", 3, "host", ()),
    "money": ("private", 0, "host", ()),
    "cdn": ("infrastructure", 0, "host", ()),
}
# Few of each, so that what is drawn meets.
HOSTS = ("a.example", "b.example")
PATHS = ("", "/x", "/x/y")
PATTERNS = tuple(host + path for host in HOSTS for path in PATHS)
URLS = st.builds("https://{}{}{}".format, st.sampled_from(HOSTS), st.sampled_from(("/", *PATHS[1:], "/z")),
                 st.sampled_from(("", "?q=school+nurse")))  # fmt: skip


def policy(
    sites: dict[str, str],
    shield: tuple[str, ...] = ("shield.example",),
    phrases: tuple[str, ...] = (),
    own: dict[str, str] | None = None,
) -> Policy:
    """A small policy: a curated list of sites by category, the school's own before it, and one shield."""
    categories = {
        key: Category(
            key=key, title=key.title(), purpose=purpose, gravity=gravity, why="x", stated_purpose="x", author="x",
            keep=keep, phrase_keys=keys,  # type: ignore[arg-type]
        )
        for key, (purpose, gravity, keep, keys) in KINDS.items()
    }  # fmt: skip
    area = ShieldArea(
        key="health", title="Health", why="x", author="x", phrases=phrases,
        sites=tuple(read_pattern(pattern, "health", "shield") for pattern in shield),
    )  # fmt: skip
    return replace(
        BASE,
        categories=categories,
        lists=tuple(
            SiteList(
                key=key,
                title=key.title(),
                quality="evidence",
                why="x",
                author="x",
                version=digest(sorted(rules.items()))[:12],
            )
            for key, rules in (("own", own or {}), ("curated", sites))
        ),
        sites=tuple(
            read_pattern(pattern, category, "own" if pattern in (own or {}) else "curated")
            for pattern, category in {**sites, **(own or {})}.items()
        ),
        shield=(area,),
        pass_through=PassThrough(banking=("money",), pinned=()),
    )


def stored(event: WebEvent) -> Judged:
    return Judged.of({name: str(value) if name != "gravity" else value for name, value in asdict(event).items()})


def known_of(then: Policy) -> KnownThen:
    """What the store shows of the policy that judged then, once it has seen enough of it."""
    return KnownThen(
        phrased=frozenset((then.version, key) for key, each in then.categories.items() if each.keep == "phrase"),
        lists=frozenset((then.version, each.title, each.version) for each in then.lists),
    )


def again(then: Policy, now: Policy, url: str, kind: Kind = Kind.NAVIGATION, page: str = "", **changes: Any) -> Any:
    """What can be said now of what was recorded then: a meaning, or what is missing."""
    event = Gateway.of(then).event(url, kind, page, **changes)
    assert event is not None
    found = JudgeAgain(Judge(now), now, known_of(then)).verdict(stored(event))
    return meaning(found) if isinstance(found, Verdict) else found


def test_a_site_put_into_another_category_is_judged_by_it() -> None:
    then, now = policy({"a.example": "shop"}), policy({"a.example": "lesson"})
    assert again(then, now, "https://www.a.example/anything") == ("lesson", "work", 0)


def test_an_event_that_this_very_policy_judged_is_left_as_it_was() -> None:
    same = policy({"a.example": "shop"})
    assert again(same, same, "https://a.example/") is None


def test_where_only_the_site_was_kept_a_rule_for_a_part_of_it_cannot_be_applied() -> None:
    then = policy({"a.example": "shop"})
    assert again(then, policy({"a.example": "shop", "a.example/x": "lesson"}), "https://a.example/x/y") is Missing.PATH
    # Where every part means the same, nothing is missing.
    alike = policy({"a.example": "bet", "a.example/x": "bet"})
    assert again(then, alike, "https://a.example/x/y") == ("bet", "inappropriate", 3)


def test_a_path_that_the_same_list_names_apart_was_not_the_one_that_was_opened() -> None:
    curated = {"a.example": "shop", "a.example/x": "bet", "b.example/x": "bet"}
    then, now = policy(curated), policy(curated, own={"a.example": "lesson"})
    assert again(then, now, "https://a.example/") == ("lesson", "work", 0)
    assert again(then, now, "https://a.example/x") == ("bet", "inappropriate", 3)
    # No list named it, so it was not the part that one names.
    assert again(then, policy(curated, own={"c.example": "bet"}), "https://b.example/z") == ("unknown", "unknown", 0)
    # Another state of the list tells nothing.
    assert again(then, policy({**curated, "c.example": "bet"}), "https://a.example/") is Missing.PATH


def test_where_the_path_was_kept_it_is_judged_by_it() -> None:
    then = policy({"a.example": "lesson"})
    now = policy({"a.example": "lesson", "a.example/x": "shop"})
    assert again(then, now, "https://a.example/x/y") == ("shop", "private", 1)
    assert again(then, now, "https://a.example/xy") == ("lesson", "work", 0)


def test_of_a_path_kept_because_of_the_rule_only_that_much_is_known() -> None:
    then = policy({"a.example": "shop", "a.example/x": "bet"})
    assert again(then, policy({"a.example": "lesson"}), "https://a.example/x/y") == ("lesson", "work", 0)
    assert again(then, policy({"a.example/x": "shop"}), "https://a.example/x/y") == ("shop", "private", 1)
    assert again(then, policy({"a.example/x/y": "shop"}), "https://a.example/x/y") is Missing.PATH


def test_a_search_is_shielded_by_the_phrase_that_was_kept_and_not_guessed_at_without_one() -> None:
    then, now = policy({"find.example": "find"}), policy({"find.example": "find"}, phrases=("school nurse",))
    assert again(then, now, "https://find.example/x?q=school+nurse") == ("shielded", "shielded", 0)
    assert again(then, now, "https://find.example/x?q=apples") == ("find", "unknown", 0)
    # This policy kept phrases, so there was none.
    assert again(then, now, "https://find.example/") == ("find", "unknown", 0)
    # That one did not.
    assert again(policy({"find.example": "shop"}), now, "https://find.example/x?q=apples") is Missing.PHRASE
    assert again(then, now, "https://find.example/x?q=apples", Kind.SUBRESOURCE) is Missing.PHRASE
    assert again(then, now, "https://find.example/?q=" + "a" * 300) is Missing.PHRASE


def test_what_a_page_pulled_in_is_judged_as_the_page_is_now() -> None:
    then, now = policy({"a.example": "shop"}), policy({"a.example": "bet", "b.example": "bet"})
    assert again(then, now, "https://b.example/i.png", Kind.SUBRESOURCE, "https://a.example/") == (
        "bet", "inappropriate", 3,
    )  # fmt: skip
    parts = policy({"a.example": "bet", "a.example/x": "shop"})
    assert again(then, parts, "https://b.example/i.png", Kind.SUBRESOURCE, "https://a.example/x") is Missing.PAGE


def test_what_nobody_chose_and_no_page_is_named_for_weighs_nothing() -> None:
    then, now = policy({"a.example": "shop"}), policy({"a.example": "bet"})
    for kind in (Kind.EMBEDDED, Kind.SUBRESOURCE, Kind.BACKGROUND):
        assert again(then, now, "https://a.example/i.png", kind) == ("bet", "inappropriate", 0)


@pytest.mark.parametrize("url", ["https://a.example/i.png", "https://c.example/i.png"])
@pytest.mark.parametrize("around", ["https://b.example/", "https://nowhere.example/"])
def test_what_a_frame_pulled_in_is_not_judged_without_the_page_that_the_frame_stood_in(url: str, around: str) -> None:
    then, now = policy({"a.example": "shop", "b.example": "lesson"}), policy({"a.example": "bet"})
    assert again(then, now, url, Kind.SUBRESOURCE, "https://a.example/", around=around) is Missing.PAGE


def test_the_rule_of_a_page_says_nothing_of_the_path_of_what_it_pulled_in() -> None:
    curated = {"a.example": "shop", "b.example/x": "bet"}
    now = policy(curated, own={"a.example": "bet"})
    assert again(policy(curated), now, "https://b.example/x", Kind.SUBRESOURCE, "https://a.example/") is Missing.PATH


def test_what_a_page_of_search_results_pulled_in_is_not_judged_without_the_phrase() -> None:
    curated = {"a.example": "find", "a.example/x": "lesson"}
    now = policy(curated, phrases=("school nurse",))
    page = "https://a.example/?q=school+nurse"
    assert again(policy(curated), now, "https://a.example/x/y", Kind.SUBRESOURCE, page) is Missing.PHRASE


def again_known(then: Policy, now: Policy, url: str, kind: Kind = Kind.NAVIGATION, page: str = "") -> Any:
    """As `again`, with the files of the policy that judged then at hand."""
    event = Gateway.of(then).event(url, kind, page)
    assert event is not None
    found = JudgeAgain(Judge(now), now, KnownThen(), then).verdict(stored(event))
    return meaning(found) if isinstance(found, Verdict) else found


def test_of_a_policy_whose_files_are_at_hand_it_is_known_what_else_would_have_been_shielded_or_judged() -> None:
    curated = {"a.example": "shop", "a.example/x": "bet"}
    then = policy(curated, shield=("a.example/h",))
    now = policy({**curated, "c.example": "bet"}, shield=("a.example/h",), own={"a.example": "lesson"})
    assert again(then, now, "https://a.example/") is Missing.PATH
    assert again_known(then, now, "https://a.example/") == ("lesson", "work", 0)
    # A part that is shielded now and was not then is still not known.
    assert again_known(then, policy(curated, shield=("a.example/z",)), "https://a.example/") is Missing.PATH


def test_a_search_that_no_new_word_shields_is_judged_without_its_words() -> None:
    then = policy({"a.example": "find"}, phrases=("school nurse",))
    now, wider = (policy({"a.example": "find", "c.example": "bet"}, phrases=each) for each in
                  (("school nurse",), ("school nurse", "apples")))  # fmt: skip
    for kind in (Kind.NAVIGATION, Kind.SUBRESOURCE):
        assert again_known(then, now, "https://a.example/suggest", kind) == ("find", "unknown", 0)
    assert again_known(then, wider, "https://a.example/suggest?q=apples", Kind.SUBRESOURCE) is Missing.PHRASE


@pytest.mark.parametrize("why", [NotInspected.NOT_ENROLLED, NotInspected.NO_SNI, NotInspected.OPAQUE])
def test_a_connection_that_was_not_opened_is_judged_by_its_host_as_the_gateway_would(why: NotInspected) -> None:
    then, now = policy({"a.example": "shop"}), policy({"a.example": "bet", "a.example/x": "lesson"})
    unopened: dict[str, Any] = {"kind": Kind.BACKGROUND, "path": "", "not_inspected": why}
    assert again(then, now, "https://a.example/", **unopened) == ("bet", "inappropriate", 3)


def test_what_was_passed_through_by_the_old_policy_and_would_be_opened_now_cannot_be_judged() -> None:
    bank, shop = policy({"a.example": "money"}), policy({"a.example": "shop"})
    assert again(bank, shop, "https://a.example/x") is Missing.CONNECTION
    assert again(shop, bank, "https://a.example/x") == ("money", "private", 0)
    # One connection that is not opened tells nothing of the page that asked for it.
    pulled_in = policy({"a.example": "bet"})
    now = policy({"a.example": "bet", "b.example": "money"})
    found = again(pulled_in, now, "https://b.example/", Kind.SUBRESOURCE, "https://a.example/")
    assert found == ("money", "private", 0)


def test_a_site_that_is_shielded_now_would_be_shielded() -> None:
    then = policy({"a.example": "shop"})
    assert again(then, policy({}, shield=("a.example",)), "https://www.a.example/x") == ("shielded", "shielded", 0)
    assert again(then, policy({}, shield=("a.example/x",)), "https://a.example/x") is Missing.PATH


SITES = st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from(sorted(KINDS)), min_size=2, max_size=5)
OWN = st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from(sorted(KINDS)), max_size=2)
SHIELDS = st.sampled_from([("shield.example",), ("a.example/x",), ("b.example/x/y",)])
PHRASES = st.sampled_from([(), ("school nurse",)])
SHIELDING = st.tuples(SHIELDS, PHRASES)
RECORDED_KINDS = st.sampled_from([Kind.NAVIGATION, Kind.REDIRECT, Kind.SUBRESOURCE])


@settings(max_examples=400)
@given(
    SITES,
    OWN,
    SITES | st.none(),
    OWN,
    SHIELDING,
    SHIELDING,
    URLS,
    RECORDED_KINDS,
    URLS | st.just(""),
    URLS | st.just(""),
)
def test_whatever_is_said_is_what_the_gateway_would_have_said_of_the_whole_address(
    sites_then: dict[str, str],
    own_then: dict[str, str],
    sites_now: dict[str, str] | None,
    own_now: dict[str, str],
    shielded_then: tuple[tuple[str, ...], tuple[str, ...]],
    shielded_now: tuple[tuple[str, ...], tuple[str, ...]],
    url: str,
    kind: Kind,
    page: str,
    around: str,
) -> None:
    # None: the curated list stayed as it was, and only the school's own changed.
    then = policy(sites_then, *shielded_then, own_then)
    now = policy(sites_then if sites_now is None else sites_now, *shielded_now, own_now)
    event = Gateway.of(then).event(url, kind, page if kind is Kind.SUBRESOURCE else "", around=around)
    if event is None:
        return
    for in_force in (None, then):
        found = JudgeAgain(Judge(now), now, known_of(then), in_force).verdict(stored(event))
        if isinstance(found, Verdict):
            assert meaning(found) == meaning(Gateway.of(now).verdict(url, kind, page, around))


@given(SITES, SHIELDS, PHRASES, URLS)
def test_every_verdict_there_can_be_below_a_path_is_looked_at(
    sites: dict[str, str], shield: tuple[str, ...], phrases: tuple[str, ...], url: str
) -> None:
    judge = Judge(policy(sites, shield, phrases))
    address = read_address(url)
    host, path, query = address.host, address.path, address.query
    all_there_are = {meaning(each) for each in judge.verdicts_under(host, "", whole=False, ruled_out=lambda _: False)}
    found = judge.judge(host, path)
    assert meaning(found) in all_there_are
    assert judge.judge(host, path, query).purpose in (found.purpose, Purpose.SHIELDED)
