"""Host names in their one form, and their registrable domains."""

from pathlib import Path

import publicsuffixlist
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.host_name import is_public_suffix, normal_host, registrable_domain, suffix_list_digest


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("Amazon.CO.UK", "amazon.co.uk"),
        ("amazon.co.uk.", "amazon.co.uk"),
        ("amazon.co.uk:443", "amazon.co.uk"),
        (" amazon.co.uk ", "amazon.co.uk"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("MÜNCHEN.de", "xn--mnchen-3ya.de"),
        ("a_b.example.com", "a_b.example.com"),
        ("192.0.2.7:80", "192.0.2.7"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("2001:db8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("localhost", "localhost"),
    ],
)
def test_a_host_is_read_in_every_form_people_and_programs_write(raw: str, host: str) -> None:
    assert normal_host(raw) == host


@pytest.mark.parametrize(
    "raw",
    [
        *("", ".", "a..b", "-.-/x", "a b.com", "a" * 64 + ".com", "a." * 130 + "com", "256.1.1.1", "127.1", "0x7f.1"),
        *("[::1", "[::1]x", "fe80::1%eth0", "a/b", "user@host", "\x00.com", "é" * 80 + ".com"),
    ],
)
def test_what_is_no_host_is_nothing(raw: str) -> None:
    assert normal_host(raw) is None


@given(st.text())
def test_reading_a_host_never_raises_and_is_done_once(raw: str) -> None:
    host = normal_host(raw)
    assert host is None or (normal_host(host) == host and host.isascii() and host == host.lower())


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.amazon.co.uk", "amazon.co.uk"),
        ("x.foo.kent.sch.uk", "foo.kent.sch.uk"),
        ("foo.pages.dev", "foo.pages.dev"),
        ("www.gov.uk", "www.gov.uk"),
        ("gov.uk", "gov.uk"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("printer", "printer"),
    ],
)
def test_the_registrable_domain_stops_at_the_public_suffix(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_public_suffixes_are_known_and_the_list_has_a_digest() -> None:
    assert is_public_suffix("co.uk")
    assert not is_public_suffix("amazon.co.uk")
    assert len(suffix_list_digest()) == 64


def test_the_quick_answer_is_the_one_that_the_registrable_domain_is_found_by() -> None:
    lines = Path(publicsuffixlist.__file__).with_name("public_suffix_list.dat").read_text("utf-8").splitlines()
    rules = [line.lstrip("!*.") for line in lines if line.isascii() and line and not line.startswith("//")]
    known = publicsuffixlist.PublicSuffixList()
    names = {name for rule in rules for name in (rule, f"a.{rule}", f"a.b.{rule}", rule.partition(".")[2] or rule)}
    assert len(names) > 20_000
    assert [name for name in names if is_public_suffix(name) != (known.publicsuffix(name) == name)] == []
    assert [name for name in names if registrable_domain(name) != (known.privatesuffix(name) or name)] == []
