"""Where the client says nothing: the stated guesses, and that a doubt never becomes a choice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind import kind_of, remember
from analytics.kind_guessed import by_looks
from analytics.kind_reason import COUNTS_FROM, KindReason
from analytics.recent_navigations import RecentNavigations

PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NEWS = "http://news.example/"


def plain(ts_ms: int, **changes: Any) -> Exchange:
    usual: dict[str, Any] = {"scheme": "http", "host": "news.example", "accept": PAGE, "status": 200}
    return Exchange(ts_ms=ts_ms, **usual | changes)


def reading_news() -> RecentNavigations:
    recent = RecentNavigations()
    recent.opened("news.example", "/", 0)
    return recent


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (plain(9_000, host="ads.example", referer=NEWS), Kind.EMBEDDED),
        (plain(11_000, host="ads.example", referer=NEWS), Kind.NAVIGATION),
        (plain(1_500, path="/story", referer=NEWS), Kind.EMBEDDED),
        (plain(2_500, path="/story", referer=NEWS), Kind.NAVIGATION),
        (plain(60_000, referer=NEWS), Kind.BACKGROUND),
        (plain(60_000, cache_control="max-age=0"), Kind.BACKGROUND),
        (plain(60_000, referer=f"{NEWS}story"), Kind.NAVIGATION),
        (plain(60_000, method="POST", referer=NEWS), Kind.NAVIGATION),
        (plain(500, path="/part", accept="text/html,application/xhtml+xml", referer=NEWS), Kind.SUBRESOURCE),
    ],
)
def test_the_guess(seen: Exchange, kind: Kind) -> None:
    assert by_looks(seen, reading_news())[0] is kind


def test_what_a_frame_was_forwarded_to_is_a_frame_even_on_the_pages_own_site() -> None:
    recent = reading_news()
    recent.forwarded("news.example", "/spare-advertisement", Kind.EMBEDDED, 4_000)
    kind, _, reason = by_looks(plain(4_300, path="/spare-advertisement", referer=NEWS), recent)
    assert (kind, reason) == (Kind.EMBEDDED, KindReason.LOOKS_FRAMED)


def counted(*seen: Exchange) -> list[str]:
    """The hosts of what would be counted, played in order by one client."""
    recent, found = RecentNavigations(), []
    for one in seen:
        verdict = kind_of(one, recent)
        remember(recent, one, verdict)
        if verdict.kind is Kind.NAVIGATION and verdict.confidence >= COUNTS_FROM:
            found.append(one.host)
    return found


SECOND = 1_000
AGENT = "Mozilla/5.0 (iPad; CPU OS 15_8 like Mac OS X) AppleWebKit/605.1.15 Version/15.6 Mobile/15E148 Safari/604.1"


def asked(second: int, host: str = "news.example", referer: str = "", **changes: Any) -> Exchange:
    return plain(second * SECOND, host=host, referer=referer, user_agent=AGENT, **changes)


def test_advertisements_that_appear_late_count_against_nobody() -> None:
    """A reader scrolls for half an hour; every two minutes another site's frame appears."""
    frames = [asked(60 + 120 * n, f"bets{n}.example", NEWS) for n in range(15)]
    assert counted(asked(0), *frames) == ["news.example"]


def test_a_frame_that_loads_itself_again_all_day_counts_against_nobody() -> None:
    frame = "http://bets.example/odds"
    rotating = [asked(60 + 30 * n, "bets.example", frame, path=f"/odds/{n % 3}") for n in range(1, 960)]
    assert counted(asked(0), asked(60, "bets.example", NEWS, path="/odds"), *rotating) == ["news.example"]


def test_a_frame_that_names_no_page_counts_against_nobody() -> None:
    again = [asked(30 * n, "bets.example") for n in range(1, 200)]
    assert counted(asked(0), asked(1, "bets.example"), *again) == ["news.example"]


def test_links_followed_within_a_site_that_was_surely_opened_count() -> None:
    pages = [asked(30 * n, path=f"/story/{n}", referer=f"{NEWS}story/{n - 1}") for n in range(1, 4)]
    assert counted(asked(0), *pages) == ["news.example"] * 4


def test_a_site_that_was_typed_counts_whatever_frames_it_had_before() -> None:
    assert counted(asked(0), asked(60, "shop.example", NEWS), asked(90_000, "shop.example")) == [
        "news.example",
        "shop.example",
    ]


@given(
    st.integers(0, 100_000),
    st.sampled_from(["", NEWS, f"{NEWS}x", "http://ads.example/"]),
    st.sampled_from([PAGE, "*/*", "image/webp", "text/html", ""]),
    st.sampled_from(["", "text/html", "image/png", "application/javascript"]),
)
def test_a_guess_is_never_called_sure(ts_ms: int, referer: str, accept: str, content_type: str) -> None:
    seen = plain(ts_ms, referer=referer, accept=accept, content_type=content_type)
    assert by_looks(seen, reading_news())[1] <= 75
