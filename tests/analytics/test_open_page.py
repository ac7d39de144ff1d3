"""What a page that is open does by itself."""

import pytest

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_reason import KindReason
from analytics.open_page import may_load_itself_again, script_fetch
from analytics.recent_navigations import RecentNavigations

NEWS = "https://news.example/"


@pytest.fixture
def reading_news() -> RecentNavigations:
    recent = RecentNavigations()
    recent.opened("news.example", "/", 0)
    return recent


@pytest.mark.parametrize(
    ("ts_ms", "referer", "kind"),
    [
        (15_000, NEWS, Kind.SUBRESOURCE),
        (15_001, NEWS, Kind.BACKGROUND),
        (100, "https://other.example/", Kind.BACKGROUND),
        (100, "", Kind.BACKGROUND),
    ],
)
def test_a_scripts_fetch_is_the_pages_while_it_opens_and_nobodys_afterwards(
    reading_news: RecentNavigations, ts_ms: int, referer: str, kind: Kind
) -> None:
    found, confidence, reason = script_fetch(Exchange(ts_ms=ts_ms, referer=referer), reading_news, 85)
    assert (found, confidence) == (kind, 85)
    assert reason is (KindReason.PAGE_SCRIPT if kind is Kind.SUBRESOURCE else KindReason.PAGE_LEFT_OPEN)


@pytest.mark.parametrize(
    ("seen", "again"),
    [
        (Exchange(host="news.example", referer=NEWS), True),
        (Exchange(host="news.example", cache_control="max-age=0"), True),
        (Exchange(host="news.example", cache_control="no-cache"), True),
        (Exchange(host="news.example"), False),
        (Exchange(host="news.example", path="/?page=2", referer=NEWS), False),
        (Exchange(host="news.example", method="POST", referer=NEWS), False),
        (Exchange(host="news.example", path="/other", cache_control="max-age=0"), False),
    ],
)
def test_a_page_may_load_itself_again_where_it_asks_for_itself_or_past_the_store(
    reading_news: RecentNavigations, seen: Exchange, again: bool
) -> None:
    assert may_load_itself_again(seen, reading_news) is again
