"""What may be permitted is stored as it is matched, and what cannot be permitted is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.governance.permitted_things import matched_site, permissible, read_categories, read_sites
from analytics.permission import permission_for
from analytics.snapshot import Permission
from config.errors import FairgateError
from tests.analytics.governance.office import POLICY


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("rightmove.co.uk", "rightmove.co.uk"),
        (" https://www.Rightmove.co.uk/ ", "rightmove.co.uk"),
        ("HTTP://RIGHTMOVE.CO.UK:80", "rightmove.co.uk"),
        ("*.rightmove.co.uk", "rightmove.co.uk"),
        ("rightmove.co.uk.", "rightmove.co.uk"),
        ("//rightmove.co.uk/House-Prices/", "rightmove.co.uk/house-prices"),
        ("https://www.bbc.co.uk/sport?from=home#top", "bbc.co.uk/sport"),
        ("bbc.co.uk/Sport%2Ffootball", "bbc.co.uk/sport/football"),
        ("https://somebody@rightmove.co.uk/", "rightmove.co.uk"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("www.gov.uk", "www.gov.uk"),
        ("192.168.4.20", "192.168.4.20"),
    ],
)
def test_a_site_is_stored_as_it_is_matched_however_it_was_typed(written: str, stored: str) -> None:
    assert read_sites(POLICY, [written, " "]) == (stored,)
    assert read_sites(POLICY, [stored]) == (stored,)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("co.uk", "not one site"),
        ("https://uk/", "not one site"),
        ("*.co.uk", "not one site"),
        ("printer", "not one site"),
        ("right move", "cannot be read"),
        ("mailto:somebody@rightmove.co.uk", "cannot be read"),
        ("https:///path", "cannot be read"),
        ("a" * 400, "at most 300"),
        ("https://www.bet365.com/sports", "policy calls it inappropriate"),
        ("www.nhs.uk", "needs no permission"),
        ("https://samaritans.org/", "needs no permission"),
    ],
)
def test_a_site_that_cannot_be_permitted_is_refused_with_what_is_allowed(written: str, said: str) -> None:
    with pytest.raises(FairgateError, match=said):
        read_sites(POLICY, [written])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("shoping", "Did you mean shopping"),
        ("qqqq", "policy files name them"),
        ("gambling", "policy calls it inappropriate"),
        ("piracy", "policy calls it unlawful"),
        ("health", "protected part of life"),
        ("search_engines", "needs no permission"),
    ],
)
def test_a_category_that_cannot_be_permitted_is_refused_with_the_reason(key: str, said: str) -> None:
    with pytest.raises(FairgateError, match=said):
        read_categories(POLICY, ["shopping", key])


def test_what_the_form_offers_is_what_the_register_takes() -> None:
    assert read_categories(POLICY, permissible(POLICY)) == tuple(sorted(permissible(POLICY)))
    assert "shopping" in permissible(POLICY)
    assert "gambling" not in permissible(POLICY)


@given(st.text(max_size=60) | st.from_regex(r"(https?://)?[A-Za-z.-]{1,30}(:[0-9]{1,4})?(/[a-zA-Z%.]{0,9})?(\\?q=1)?"))
def test_whatever_is_typed_is_refused_or_then_matches_itself(written: str) -> None:
    try:
        stored = read_sites(POLICY, [written])
    except FairgateError:
        return
    for site in stored:
        assert read_sites(POLICY, [site]) == (site,)
        host, slash, below = site.partition("/")
        permission = Permission(
            permission_id="m-1", person_id=None, categories=(), hosts=(site,), windows=(), from_ms=0, until_ms=0
        )
        assert permission_for([permission], "p-1", "unknown", host, 1, slash + below) == "m-1"
        assert permission_for([permission], "p-1", "unknown", f"www.{host}", 1, f"{slash}{below}/x") == "m-1"


@pytest.mark.parametrize(
    ("stored", "matched"),
    [("https://Rightmove.co.uk/", "rightmove.co.uk"), ("ebay.co.uk", "ebay.co.uk"), ("not a site", "not a site")],
)
def test_old_rows_are_matched_as_they_were_meant(stored: str, matched: str) -> None:
    assert matched_site(stored) == matched
