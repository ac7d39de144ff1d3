"""What the stand-in sites answer."""

from html.parser import HTMLParser

import pytest

from analytics.demonstration.page import NOTICE, page_html
from analytics.demonstration.sites import CATALOGUE, parts, polled


class Reading(HTMLParser):
    """Every address a page names, by tag, and whether its tags close."""

    VOID = frozenset(("meta", "link", "img", "input"))

    def __init__(self) -> None:
        super().__init__()
        self.pulled: set[str] = set()
        self.polls: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("img", "script", "iframe"):
            self.pulled.add(values["src"])
        if tag == "link":
            self.pulled.add(values["href"])
        if "data-poll" in values:
            self.polls.append(values["data-poll"])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("site", CATALOGUE, ids=lambda site: site.host)
def test_a_page_pulls_in_exactly_its_parts_and_closes_its_tags(site: object) -> None:
    assert isinstance(site, type(CATALOGUE[0]))
    for url in site.addresses:
        reading = Reading()
        reading.feed(page_html(url))
        assert reading.pulled == {part.url for part in parts(url)}
        assert reading.polls == ([polled(url)] if polled(url) else [])
        assert reading.open == []


def test_every_page_says_what_it_is_even_an_unlisted_one() -> None:
    for url in ("https://www.bbc.co.uk/", "https://unheard-of.example/x", "https://www.facebook.com/plugins/page.html"):
        assert NOTICE in page_html(url)


def test_only_ordinary_html_reaches_the_page_from_its_address() -> None:
    assert "<b>" not in page_html("https://www.google.com/search?q=<b>x</b>")
    assert "<b>" not in page_html("https://www.bbc.co.uk/<b>x</b>")
