"""By the browser's own word: the rules, one test a rule. What browsers really send stands in kind_cases."""

from typing import Any

import pytest

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind import kind_of, remember
from analytics.kind_reason import COUNTS_FROM, KindReason
from analytics.kind_stated import by_fetch_metadata
from analytics.recent_navigations import RecentNavigations

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
NEWS = "https://news.example/"


def document(site: str, user: str = "", *, host: str = "shop.example", **changes: Any) -> Exchange:
    stated: dict[str, Any] = {
        "sec_fetch_dest": "document",
        "sec_fetch_mode": "navigate",
        "sec_fetch_site": site,
        "sec_fetch_user": user,
        "user_agent": CHROME,
        "referer": "" if site == "none" else NEWS,
        "status": 200,
    }
    return Exchange(host=host, **stated | changes)


def reading_news() -> RecentNavigations:
    recent = RecentNavigations()
    recent.opened("news.example", "/", 0)
    return recent


def answer(seen: Exchange, recent: RecentNavigations | None = None) -> tuple[Kind, KindReason]:
    kind, _, reason = by_fetch_metadata(seen, recent or reading_news())
    return kind, reason


@pytest.mark.parametrize("agent", [CHROME, FIREFOX])
def test_without_a_persons_act_nothing_is_chosen_where_the_browser_would_have_said_so(agent: str) -> None:
    for ts_ms, expected in (
        (500, (Kind.REDIRECT, KindReason.FORWARDED_BY_SCRIPT)),
        (9_000, (Kind.REDIRECT, KindReason.FORWARDED_BY_SCRIPT)),
        (11_000, (Kind.BACKGROUND, KindReason.WENT_ON_BY_ITSELF)),
        (3_600_000, (Kind.BACKGROUND, KindReason.WENT_ON_BY_ITSELF)),
    ):
        assert answer(document("cross-site", ts_ms=ts_ms, user_agent=agent)) == expected


def test_safari_never_says_that_a_person_acted_so_only_the_time_tells() -> None:
    at_once = document("cross-site", ts_ms=900, user_agent=SAFARI)
    assert answer(at_once) == (Kind.REDIRECT, KindReason.FORWARDED_BY_SCRIPT)
    later = document("cross-site", ts_ms=9_000, user_agent=SAFARI)
    assert answer(later) == (Kind.NAVIGATION, KindReason.OPENED_WITHOUT_CLICK)


def test_a_frame_of_another_site_takes_over_the_window_only_after_a_click_in_it() -> None:
    recent = reading_news()
    recent.framed("ads.example", 100)
    seen = document("cross-site", referer="https://ads.example/", ts_ms=4_000)
    assert answer(seen, recent) == (Kind.NAVIGATION, KindReason.CLICKED_IN_FRAME)
    recent.opened("ads.example", "/", 200)
    assert answer(seen, recent)[0] is Kind.REDIRECT


def test_a_page_that_asks_for_itself_is_not_chosen_even_while_its_reader_clicks_in_it() -> None:
    refreshed = (Kind.BACKGROUND, KindReason.REFRESHED_ITSELF)
    again = document("same-origin", "?1", host="news.example", path="/", ts_ms=60_000)
    assert answer(again) == refreshed
    assert answer(document("same-origin", host="news.example", path="/?t=1", ts_ms=60_000)) == refreshed


def test_another_search_on_the_same_address_is_chosen() -> None:
    seen = document("same-origin", "?1", host="news.example", path="/?q=phonics", ts_ms=60_000)
    assert answer(seen) == (Kind.NAVIGATION, KindReason.TYPED_OR_CLICKED)


def test_a_form_sent_to_its_own_address_is_chosen_and_so_is_the_page_it_is_answered_with() -> None:
    recent = reading_news()
    sent = document("same-origin", "?1", host="news.example", method="POST", status=303, location="/", ts_ms=30_000)
    assert answer(sent, recent) == (Kind.NAVIGATION, KindReason.FORM_SENT)
    recent.forwarded("news.example", "/", Kind.NAVIGATION, 30_000)
    shown = document("same-origin", "?1", host="news.example", path="/", ts_ms=30_100)
    assert answer(shown, recent) == (Kind.NAVIGATION, KindReason.REACHED_BY_REDIRECT)


@pytest.mark.parametrize(
    ("came", "user", "kind"),
    [
        (Kind.NAVIGATION, "", Kind.NAVIGATION),
        (Kind.REDIRECT, "", Kind.REDIRECT),
        (Kind.REDIRECT, "?1", Kind.NAVIGATION),
    ],
)
def test_what_something_was_forwarded_to_is_what_its_start_was(came: Kind, user: str, kind: Kind) -> None:
    recent = reading_news()
    recent.forwarded("shop.example", "/", came, 40_000)
    assert answer(document("cross-site", user, ts_ms=40_100), recent)[0] is kind


def test_a_page_that_no_known_page_can_have_opened_was_opened_by_somebody_but_unsurely() -> None:
    kind, confidence, _ = by_fetch_metadata(document("cross-site", referer=""), RecentNavigations())
    assert kind is Kind.NAVIGATION
    assert confidence < COUNTS_FROM
    assert answer(document("cross-site", referer="", ts_ms=90_000))[0] is Kind.BACKGROUND


def chosen(*seen: Exchange) -> int:
    """How many of these, played in order by one client, are navigations."""
    recent, count = RecentNavigations(), 0
    for one in seen:
        verdict = kind_of(one, recent)
        remember(recent, one, verdict)
        count += verdict.kind is Kind.NAVIGATION
    return count


@pytest.mark.parametrize("agent", [CHROME, FIREFOX])
def test_a_page_reached_by_a_redirect_that_then_loads_itself_again_is_chosen_once(agent: str) -> None:
    clicked = document("cross-site", "?1", host="go.example", status=302, location=NEWS, user_agent=agent)
    landed = document("cross-site", "?1", host="news.example", ts_ms=100, user_agent=agent, referer="")
    again = [
        document("same-origin", host="news.example", ts_ms=5_000 * n, user_agent=agent, cache_control="max-age=0")
        for n in range(1, 12)
    ]
    assert chosen(clicked, landed, *again) == 1


def test_a_page_that_sends_its_reader_round_by_a_cookie_and_then_loads_itself_again_is_chosen_once() -> None:
    first = document("none", "?1", host="news.example", status=302, location="/")
    second = document("none", "?1", host="news.example", ts_ms=50)
    again = [document("same-origin", host="news.example", ts_ms=4_000 * n) for n in range(1, 8)]
    assert chosen(first, second, *again) == 1


def test_a_webkit_page_that_loads_itself_again_keeps_its_first_referrer_and_is_chosen_once() -> None:
    search = "https://www.search.example/"
    first = document("cross-site", host="news.example", path="/live", ts_ms=9_000, user_agent=SAFARI, referer=search)
    again = [
        document(
            "cross-site",
            host="news.example",
            path="/live",
            ts_ms=9_000 + 60_000 * n,
            user_agent=SAFARI,
            referer=search,
            cache_control="max-age=0",
        )
        for n in range(1, 480)
    ]
    assert chosen(first, *again) == 1


def test_a_webkit_page_that_loads_itself_again_under_a_new_query_counts_against_nobody() -> None:
    recent = reading_news()
    seen = document("same-origin", host="news.example", path="/?t=2", ts_ms=60_000, user_agent=SAFARI)
    kind, confidence, _ = by_fetch_metadata(seen, recent)
    assert kind is not Kind.NAVIGATION or confidence < COUNTS_FROM
