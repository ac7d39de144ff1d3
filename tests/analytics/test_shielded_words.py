"""Words that would be kept, and give away something shielded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import shielded_words
from analytics.categorise import Judge
from config.policy import load_policy


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_policy())


@pytest.mark.parametrize(
    "query",
    [
        "q=join+a+union",
        "q=volcanoes&oq=union+rep",
        "q=gp-appointment",
        "q=samaritans.org",
        "q=WWW.Samaritans.org./contact",
        "q=site:nhs.uk+volcanoes",
        "q=https%3A%2F%2Fwww.boots.com%2Fonline-doctor%2Fx",
        "q=https%253A%252F%252Fneu.org.uk",
        "q=neu。org。uk",
        "url=http%3A%2F%2Fme%40neu.org.uk%3A80%2F&q=",
        "q=you\\\\neu.org.uk\\x",
    ],
)
def test_a_search_gives_away_what_any_of_its_values_does(judge: Judge, query: str) -> None:
    assert shielded_words.in_search(judge, query)


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q=volcano+facts&hl=en-GB", "q=bbc.co.uk+volcanoes", "q=1.25+%2B+3.5", "q=boots.com/shoes", "q=..."],
)
def test_an_ordinary_search_gives_nothing_away(judge: Judge, query: str) -> None:
    assert not shielded_words.in_search(judge, query)


@pytest.mark.parametrize(
    ("path", "gives_away"),
    [
        ("/casino", False),
        ("/", False),
        ("/stories/gay-dating_tips", True),
        ("/stories/GAY%20DATING", True),
        ("/go/https://www.samaritans.org/x", True),
        ("/go/https%3A%2F%2Fwww.samaritans.org", True),
        ("/go/https%253a%252f%252fneu.org.uk%252f", True),
        ("/go/www.bbc.co.uk/news", False),
        ("/v1.2/app.js", False),
    ],
)
def test_a_path_gives_away_phrases_and_addresses(judge: Judge, path: str, gives_away: bool) -> None:
    assert shielded_words.in_path(judge, path) is gives_away


@given(st.text(), st.binary())
def test_whatever_was_sent_there_is_an_answer(judge: Judge, text: str, raw: bytes) -> None:
    for given_text in (text, raw.decode("utf-8", "replace"), "a." * 3000 + text):
        assert shielded_words.in_search(judge, f"q={given_text}") in (True, False)
        assert shielded_words.in_path(judge, f"/{given_text}") in (True, False)
