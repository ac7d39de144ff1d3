"""A chosen page and all it pulled in."""

from random import Random

from analytics.demonstration.past_exchange import exchanges_of
from analytics.demonstration.sites import CATALOGUE
from analytics.demonstration.timetable import Chosen
from analytics.event import Kind
from analytics.kind import kind_of, remember
from analytics.recent_navigations import RecentNavigations

SAME = Random(1)  # noqa: S311 - sizes and pauses only


def kinds(url: str) -> list[tuple[str, Kind]]:
    recent, found = RecentNavigations(), []
    for past in exchanges_of(Chosen(1_790_000_000_000, url), SAME):
        verdict = kind_of(past.exchange, recent)
        remember(recent, past.exchange, verdict)
        found.append((past.exchange.host, verdict.kind))
    return found


def test_a_page_is_one_navigation_whatever_it_pulls_in() -> None:
    for site in CATALOGUE:
        found = kinds(site.home)
        assert found[0] == (site.host, Kind.NAVIGATION)
        assert [kind for _, kind in found].count(Kind.NAVIGATION) == 1


def test_a_social_box_is_embedded_and_polling_is_background() -> None:
    found = kinds("https://www.bbc.co.uk/news")
    assert ("www.facebook.com", Kind.EMBEDDED) in found
    assert ("www.bbc.co.uk", Kind.BACKGROUND) in found


def test_a_search_keeps_its_query_for_the_judge() -> None:
    first = next(exchanges_of(Chosen(0, "https://www.google.com/search?q=phonics"), SAME))
    assert (first.exchange.path, first.query) == ("/search", "q=phonics")
