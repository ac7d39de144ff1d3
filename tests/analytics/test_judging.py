"""`fairgate judge`: answers to the person who asks."""

import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.judging import AddressFault, judge_urls, read_address
from config.policy import load_policy

POLICY = load_policy()
KEYS = {"url", "host", "category", "purpose", "gravity", "inspected", "list", "rule", "reason"}


def answers(*urls: str) -> tuple[int, list[dict[str, Any]]]:
    out = io.StringIO()
    status = judge_urls(urls, POLICY, True, out)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("url", "host", "path", "query"),
    [
        ("amazon.co.uk", "amazon.co.uk", "/", ""),
        ("//amazon.co.uk/x", "amazon.co.uk", "/x", ""),
        ("HTTPS://User:Secret@WWW.BBC.co.uk.:443/sport?a=1#top", "www.bbc.co.uk", "/sport", "a=1"),
        ("bbc.co.uk:8080/sport", "bbc.co.uk", "/sport", ""),
        ("  bbc.co.uk  ", "bbc.co.uk", "/", ""),
        ("http://münchen.de/", "xn--mnchen-3ya.de", "/", ""),
        ("http://xn--mnchen-3ya.de", "xn--mnchen-3ya.de", "/", ""),
        ("http://[2001:DB8::1]:80/", "2001:db8::1", "/", ""),
        ("192.0.2.7/x", "192.0.2.7", "/x", ""),
        ("wss://live.example/feed", "live.example", "/feed", ""),
        ("https://amazon.co.uk\\@bbc.co.uk", "amazon.co.uk", "/@bbc.co.uk", ""),
    ],
)
def test_an_address_is_read_as_people_type_it(url: str, host: str, path: str, query: str) -> None:
    address = read_address(url)
    assert (address.host, address.path, address.query) == (host, path, query)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("two words", "it holds a space"),
        ("a\x00b.com", "control character"),
        ("mailto:head@oakfield.example", "it begins with mailto:"),
        ("javascript:alert(1)", "it begins with javascript:"),
        ("file:///etc/passwd", "it begins with file:"),
        ("gopher://old.example", "it begins with gopher:"),
        ("http://", "it has no host name"),
        ("http://a..b/", "'a..b' is no host name"),
        ("http://h.example:99999", "port"),
        ("http://h.example:0", "port"),
        ("http://h.example:x", "port"),
        ("http://[::1", "IPv6"),
        ("http://[fe80::1%25eth0]/", "no host name"),
        ("https://" + "a" * 70_000, "longer than 65536"),
    ],
)
def test_what_is_no_address_is_told_why(url: str, says: str) -> None:
    with pytest.raises(AddressFault, match=says.replace("(", r"\(")):
        read_address(url)


def test_each_answer_has_exactly_the_promised_keys() -> None:
    status, found = answers("amazon.co.uk", "nhs.uk", "kittens.example", "barclays.co.uk")
    assert status == 0
    assert [set(answer) for answer in found] == [KEYS] * 4
    assert found[0] == {
        "url": "amazon.co.uk",
        "host": "amazon.co.uk",
        "category": "shopping",
        "purpose": "private",
        "gravity": 1,
        "inspected": True,
        "list": "Fairgate curated list",
        "rule": "amazon.co.uk",
        "reason": "amazon.co.uk is listed as Shopping, which is private use (Fairgate curated list, "
        f"version {POLICY.lists[0].version}).",
    }
    assert [answer["inspected"] for answer in found] == [True, False, True, False]


def test_a_shielded_address_is_answered_with_its_area() -> None:
    _, (site, path, search) = answers("www.nhs.uk/conditions", "www.gov.uk/dismissal", "google.com/search?q=samaritans")
    assert (site["category"], site["purpose"], site["inspected"]) == ("health", "shielded", False)
    assert site["reason"] == "www.nhs.uk is shielded (Health): it is never decrypted, and only counted without a name."
    assert (path["category"], path["inspected"]) == ("legal_advice", True)
    assert path["reason"].startswith("This address of www.gov.uk is shielded (Legal advice): it is never recorded")
    assert search["category"] == "helplines"


def test_a_malformed_address_gets_its_own_error_and_the_rest_go_on() -> None:
    status, found = answers("http://", "amazon.co.uk")
    assert status == 1
    assert found[0] == {"url": "http://", "error": "This is not a web address: it has no host name."}
    assert found[1]["category"] == "shopping"


def test_for_people_it_is_one_sentence_a_line() -> None:
    out = io.StringIO()
    assert judge_urls(["www.bbc.co.uk/sport", "x y"], POLICY, False, out) == 1
    assert out.getvalue().splitlines() == [
        "bbc.co.uk/sport is listed as Sport, which is private use "
        f"(Fairgate curated list, version {POLICY.lists[0].version}).",
        "x y: This is not a web address: it holds a space or control character.",
    ]


def test_a_dash_reads_one_address_a_line_and_a_spoilt_line_spoils_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b"amazon.co.uk\r\n\n\xff\xfe\nbbc.co.uk/bitesize\n"))
    monkeypatch.setattr(sys, "stdin", typed)
    status, found = answers("-", "nhs.uk")
    assert status == 1
    assert [answer.get("category") for answer in found] == ["shopping", None, "teaching_resources", "health"]


def test_what_was_pasted_cannot_steer_the_terminal() -> None:
    out = io.StringIO()
    judge_urls(["x\x1b[2J", "y\nz", "\udcff"], POLICY, False, out)
    assert "\x1b" not in out.getvalue()
    assert len(out.getvalue().splitlines()) == 3
    out.getvalue().encode("utf-8")


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60).filter(lambda text: text != "-"), max_size=4))
def test_every_text_gets_one_answer_in_its_place(urls: list[str]) -> None:
    status, found = answers(*urls)
    assert [answer["url"] for answer in found] == urls
    assert all(set(answer) in (KEYS, {"url", "error"}) for answer in found)
    assert status == int(any("error" in answer for answer in found))
