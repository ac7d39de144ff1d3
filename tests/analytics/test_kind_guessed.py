"""Where the client says nothing: the stated guesses, and that a doubt never becomes a choice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_guessed import by_looks
from analytics.kind_reason import KindReason
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


@given(
    st.integers(0, 100_000),
    st.sampled_from(["", NEWS, f"{NEWS}x", "http://ads.example/"]),
    st.sampled_from([PAGE, "*/*", "image/webp", "text/html", ""]),
    st.sampled_from(["", "text/html", "image/png", "application/javascript"]),
)
def test_a_guess_is_never_called_sure(ts_ms: int, referer: str, accept: str, content_type: str) -> None:
    seen = plain(ts_ms, referer=referer, accept=accept, content_type=content_type)
    assert by_looks(seen, reading_news())[1] <= 75
