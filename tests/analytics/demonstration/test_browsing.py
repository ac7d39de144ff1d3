"""What the small browser says of its requests."""

import pytest

from analytics.demonstration.browsing import Ask, headers
from analytics.demonstration.sites import Dest

PAGE = "https://www.bbc.co.uk/news?x=1"


@pytest.mark.parametrize(
    ("url", "relation"),
    [
        ("https://www.bbc.co.uk/other", "same-origin"),
        ("https://static.bbc.co.uk/a.js", "same-site"),
        ("https://www.google-analytics.com/a.js", "cross-site"),
    ],
)
def test_where_a_part_stands_to_its_page(url: str, relation: str) -> None:
    assert headers(url, Ask(Dest.SCRIPT, PAGE))["Sec-Fetch-Site"] == relation


def test_a_typed_address_comes_from_nowhere() -> None:
    said = headers(PAGE, Ask(Dest.DOCUMENT, chosen=True))
    assert (said["Sec-Fetch-Site"], said["Sec-Fetch-User"], said["Sec-Fetch-Mode"]) == ("none", "?1", "navigate")
    assert "Referer" not in said


def test_another_site_learns_no_more_than_the_origin_it_was_asked_from() -> None:
    assert headers("https://cdn.example/a.js", Ask(Dest.SCRIPT, PAGE))["Referer"] == "https://www.bbc.co.uk/"
    assert headers("https://www.bbc.co.uk/a.js", Ask(Dest.SCRIPT, PAGE))["Referer"] == PAGE


def test_plain_http_says_nothing_of_where_it_comes_from() -> None:
    said = headers("http://village-hall.example/", Ask(Dest.DOCUMENT, chosen=True))
    assert not [name for name in said if name.startswith("Sec-Fetch")]
    assert said["Upgrade-Insecure-Requests"] == "1"


def test_a_frame_navigates_and_a_picture_does_not() -> None:
    url = "https://cdn.example/x"
    assert headers(url, Ask(Dest.FRAME, PAGE))["Sec-Fetch-Mode"] == "navigate"
    assert headers(url, Ask(Dest.IMAGE, PAGE))["Sec-Fetch-Mode"] == "no-cors"
    assert headers(url, Ask(Dest.FETCH, PAGE))["Sec-Fetch-Mode"] == "cors"
