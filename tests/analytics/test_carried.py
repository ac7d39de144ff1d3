"""The token past the notice page: nobody reads it, alters it, or is sent by it to where nobody was going."""

from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.carried import HOLDS_MS, LONGEST_URL, VOUCHED_MS, Carried, Carrier, plain_url
from config.errors import FairgateError

NOW = 1_800_000_000_000
ANY = Carried(
    url="http://www.bbc.co.uk/news?id=1",
    person_id="p-1",
    device_id="d-1",
    client_ip="10.0.0.5",
    how="page_visit",
    made_ms=NOW,
)


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Carrier:
    return Carrier(tmp_path_factory.mktemp("key") / "notice.key")


@given(url=st.text(max_size=300), person=st.text(max_size=30), ip=st.text(max_size=40))
def test_what_is_carried_comes_back_or_nothing_and_never_an_address_that_is_none(
    carrier: Carrier, url: str, person: str, ip: str
) -> None:
    carried = replace(ANY, url=url, person_id=person, client_ip=ip)
    back = carrier.read(carrier.token(carried), NOW)
    if plain_url(url) == url and not any("\ud800" <= sign <= "\udfff" for sign in person + ip):
        assert back == carried
    elif back is not None:
        assert back.url == plain_url(back.url)


@given(noise=st.text(max_size=400))
def test_no_text_is_a_token(carrier: Carrier, noise: str) -> None:
    assert carrier.read(noise, NOW) is None


@given(place=st.integers(min_value=0), sign=st.sampled_from("AZaz09-_"))
def test_one_altered_sign_and_nothing_is_carried(carrier: Carrier, place: int, sign: str) -> None:
    token = carrier.token(ANY)
    place %= len(token) - 1  # the last sign holds bits that mean nothing
    if token[place] != sign:
        assert carrier.read(token[:place] + sign + token[place + 1 :], NOW) is None


def test_nobody_who_sees_it_learns_anything_and_no_two_are_alike(carrier: Carrier) -> None:
    first, second = carrier.token(ANY), carrier.token(ANY)
    assert first != second
    assert "bbc" not in first
    assert first.replace("-", "").replace("_", "").isalnum()


def test_it_holds_for_a_quarter_of_an_hour(carrier: Carrier) -> None:
    token = carrier.token(ANY)
    assert carrier.read(token, NOW + HOLDS_MS) == ANY
    assert carrier.read(token, NOW + HOLDS_MS + 1) is None
    assert carrier.read(token, NOW - 1) is None


def test_a_workers_word_names_somebody_for_a_moment_and_no_token_is_one(carrier: Carrier) -> None:
    word = carrier.vouch("p-1", NOW)
    assert carrier.vouched(word, NOW + VOUCHED_MS) == "p-1"
    assert carrier.vouched(word, NOW + VOUCHED_MS + 1) == carrier.vouched(word, NOW - 1) == ""
    assert carrier.vouched(carrier.token(ANY), NOW) == carrier.vouched("", NOW) == ""
    assert carrier.read(word, NOW) is None


def test_another_key_reads_nothing(carrier: Carrier, tmp_path: Path) -> None:
    assert Carrier(tmp_path / "other.key").read(carrier.token(ANY), NOW) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//evil.example/",
        "/notice",
        "https:///evil",
        "http://user:password@site.example/",
        "http://site.example\\@evil.example/",
        "http://site.example/\r\nSet-Cookie: a=b",
        "http://site.example:99999/",
        "http://site.example:0/",
        "data:text/html,x",
        "http://",
        "http://sité.example/",
        "ftp://site.example/",
    ],
)
def test_no_open_redirect(url: str) -> None:
    assert plain_url(url) == ""


@given(st.text(max_size=200))
def test_whatever_is_asked_an_address_is_plain_or_none(text: str) -> None:
    for url in (text, f"http://{text}", f"https://site.example/{text}"):
        found = plain_url(url)
        assert found == "" or (found.startswith(("http://", "https://")) and found.isascii() and "\n" not in found)
        assert plain_url(found) == found


def test_of_a_very_long_address_the_site_is_left() -> None:
    assert plain_url("http://site.example/" + "a" * LONGEST_URL) == "http://site.example/"


def _make(path: str) -> None:
    Carrier(Path(path))


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    path = tmp_path / "identity" / "notice.key"
    started = [get_context("spawn").Process(target=_make, args=(str(path),)) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0, 0, 0, 0]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["notice.key"]


def test_a_damaged_key_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "notice.key").write_bytes(b"short")
    with pytest.raises(FairgateError, match="Delete it and restart"):
        Carrier(tmp_path / "notice.key")
