"""Site patterns as people write them."""

import pytest

from config.site_pattern import PatternFault, read_pattern


@pytest.mark.parametrize(
    ("written", "host", "path", "wide"),
    [
        ("bbc.co.uk", "bbc.co.uk", "", False),
        ("BBC.co.uk/Sport/", "bbc.co.uk", "/sport", False),
        ("bbc.co.uk/", "bbc.co.uk", "", False),
        ("*.gov.uk", "gov.uk", "", True),
        ("192.0.2.7", "192.0.2.7", "", False),
        ("[2001:db8::1]", "2001:db8::1", "", False),
        ("münchen.de", "xn--mnchen-3ya.de", "", False),
    ],
)
def test_a_pattern_is_a_host_and_perhaps_a_path(written: str, host: str, path: str, wide: bool) -> None:
    rule = read_pattern(written, "news", "curated")
    assert (rule.host, rule.path, rule.wide, rule.category) == (host, path, wide, "news")


@pytest.mark.parametrize(
    "written",
    ["", "/", "https://bbc.co.uk", "bbc.co.uk?q=1", "bbc.co.uk#top", "a b.com", "*.192.0.2.7", "..", "*", "a.*.com"],
)
def test_what_is_no_pattern_is_refused_with_what_is_allowed(written: str) -> None:
    with pytest.raises(PatternFault, match=r"bbc\.co\.uk"):
        read_pattern(written, "news", "curated")


@pytest.mark.parametrize("written", ["gov.uk", "co.uk", "github.io", "cloudfront.net", "gov.uk/dismissal"])
def test_a_public_suffix_covers_strangers_so_it_must_be_meant(written: str) -> None:
    suffix = written.partition("/")[0]
    with pytest.raises(PatternFault, match=rf"\*\.{suffix}"):
        read_pattern(written, "news", "curated")
