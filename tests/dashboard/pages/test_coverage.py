"""Is it recording."""

import pytest

from analytics.store import EventStore
from dashboard.app import Pages
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


def page(app: Pages, user: str, search: str = "?range=seven-days") -> str:
    return said(call(app, signed_in(app, user), "page", address__pathname="/coverage", address__search=search))


@pytest.mark.parametrize("user", ["head", "chair", "technician"])
def test_gaps_come_with_their_reasons(app: Pages, user: str) -> None:
    found = page(app, user)
    assert "disk was full" in found
    assert "Recording without a break since" in found
    assert "sensitive areas: only this count is kept" in found


def test_who_was_not_told_is_counted_here_and_named_elsewhere_to_those_who_see_to_it(app: Pages) -> None:
    for user in ("head", "chair", "technician"):
        found = page(app, user)
        assert "Idris Newcombe" not in found
        assert "1 of 9 people not yet told" in found
        assert ("Who is outstanding, and since when" in found) == (user != "technician")


def test_the_technicians_page_holds_no_browsing(app: Pages, filled: SmallSchool) -> None:
    found = page(app, "technician", "?range=four-weeks")
    assert not any(name in found for name in filled.people)
    assert not any(host in found for host in ("bet365", "amazon", "gov.uk"))


def test_the_administrator_of_the_gateway_is_named_as_a_limit(app: Pages) -> None:
    assert "Whoever administers the gateway" in page(app, "head")


def test_a_range_before_everything_says_no_data_yet(app: Pages, store: EventStore) -> None:
    assert store.query("SELECT count() AS n FROM heartbeats")["n"].iloc[0] > 0
    assert "Not recording" not in page(app, "head")
