"""What can be read off one exchange alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.exchange import Exchange


@pytest.mark.parametrize(("status", "forwards"), [(200, False), (301, True), (308, True), (304, False), (0, False)])
def test_an_answer_forwards_where_it_names_another_address(status: int, forwards: bool) -> None:
    assert Exchange(status=status).forwards is forwards


@pytest.mark.parametrize(
    ("path", "referer", "itself"),
    [
        ("/live", "https://news.example/live", True),
        ("/live?n=1", "https://news.example/live?n=1", True),
        ("/live?n=2", "https://news.example/live?n=1", False),
        ("/", "https://news.example", True),
        ("/", "https://other.example/", False),
        ("/live", "", False),
        ("/live", "http://[", False),
    ],
)
def test_a_page_asks_for_itself_where_its_whole_address_is_the_same(path: str, referer: str, itself: bool) -> None:
    assert Exchange(host="news.example", path=path, referer=referer).asks_for_itself() is itself


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/done", ("news.example", "/done")),
        ("https://Shop.example:8443/x?y=1#z", ("shop.example", "/x?y=1")),
        ("https:\\\\shop.example\\x", ("shop.example", "/x")),
        ("//shop.example", ("shop.example", "/")),
        ("https://[", ("", "")),
    ],
)
def test_where_an_answer_leads(location: str, target: tuple[str, str]) -> None:
    assert Exchange(host="news.example", path="/form?a=1", location=location).target() == target


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_a_client_or_site_sends_raises(host: str, path: str, referer: str, location: str) -> None:
    seen = Exchange(host=host, path=path, referer=referer, origin=referer, location=location)
    assert isinstance(seen.page, str)
    assert isinstance(seen.asks_for_itself(), bool)
    assert len(seen.target()) == 2
