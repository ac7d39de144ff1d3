"""One entry of a list, in every form people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.lists.name import NameFault, read_name
from config.host_name import is_public_suffix, normal_host


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("casino.example", "casino.example"),
        ("CASINO.Example.", "casino.example"),
        ("www.casino.example", "www.casino.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("https://casino.example/", "casino.example"),
        ("http://user:secret@casino.example:80/slots/", "casino.example/slots"),
        ("//casino.example", "casino.example"),
        ("casino.example:443", "casino.example"),
        ("*.casino.example", "casino.example"),
        (".casino.example", "casino.example"),
        ("casino.example/Slots//Fruit/../%4Ee", "casino.example/slots/ne"),
        ("casino.example/index.html#top", "casino.example/index.html"),
        ("casino.example?", "casino.example"),
        ("good.example@casino.example/x", "casino.example/x"),
        ("8.8.8.8", "8.8.8.8"),
        ("8.8.8.8:80/x", "8.8.8.8/x"),
        ("2606:4700:4700::1111", "2606:4700:4700::1111"),
        ("http://[2606:4700:4700:0::1111]:443/x", "2606:4700:4700::1111/x"),
        ("a_b.casino.example", "a_b.casino.example"),
    ],
)
def test_it_is_read_as_the_one_form(written: str, name: str) -> None:
    assert read_name(written) == name


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("co.uk", "cover strangers"),
        ("*.co.uk", "cover strangers"),
        ("https://blogspot.com/", "cover strangers"),
        ("kawasaki.jp", "cover strangers"),
        ("com", "single word"),
        ("localhost", "single word"),
        ("127.0.0.1", "inside a network"),
        ("192.168.1.7/admin", "inside a network"),
        ("fe80::1", "inside a network"),
        ("casino.example:8080", "every port"),
        ("casino.example/search?q=x", "narrower"),
        ("ads.*.example", "wildcard"),
        ("*", "no host name"),
        ("two words.example", "space"),
        ("a\x00b.example", "character that no address has"),
        ("a.example/x%0ay", "character that no address has"),
        ("ftp://casino.example", "no web address"),
        ("a..example", "no host name"),
        ("256.1.1.1", "no host name"),
        ("", "no host name"),
        ("/slots", "no host name"),
        ("a.example/" + "x/" * 13, "too long"),
        ("a.example/" + "x" * 500, "too long"),
    ],
)
def test_what_cannot_be_taken_says_why(written: str, why: str) -> None:
    with pytest.raises(NameFault, match=why):
        read_name(written)


@given(
    st.text(max_size=60)
    | st.from_regex(r"(https?://)?([a-z0-9-]{1,8}\.){1,3}(com|co\.uk)(:80)?(/[a-zA-Z%0-9.]{0,9}){0,3}", fullmatch=True)
)
def test_reading_is_total_and_never_covers_strangers(written: str) -> None:
    try:
        name = read_name(written)
    except NameFault:
        return
    host, slash, path = name.partition("/")
    assert normal_host(host) == host
    assert not is_public_suffix(host)
    assert not path.endswith("/")
    assert bool(slash) == bool(path)
    assert "\n" not in name
