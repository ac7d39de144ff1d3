"""What the Coverage page says of its own limits."""

import pytest

from dashboard.app import Pages
from tests.dashboard.pages.test_coverage import page


@pytest.mark.parametrize("user", ["head", "chair", "technician"])
def test_what_was_not_opened_is_counted_by_its_reason(app: Pages, user: str) -> None:
    found = page(app, user)
    assert "A bank: never opened; only its name is recorded." in found
    assert "Somebody who was not told yet: nothing is recorded." in found
    assert "did not say which site it was for" not in found, "of this reason there was none"


def test_refused_ways_past_the_gateway_are_counted_and_nobodys(app: Pages) -> None:
    found = page(app, "head")
    assert "refused 1,204 packets of QUIC" in found
    assert "and 5 of looking names up out of the school's sight. They are nobody's" in found
    assert "knows of no time in which monitored devices were let past it" in found


def test_how_old_what_it_goes_by_is_stands_there(app: Pages) -> None:
    found = page(app, "technician")
    assert "The oldest imported list of sites in force at the end was 3 days old." in found
    assert "had been published 5 hours before." in found
    assert "filter did not answer twice" in found


def test_it_says_that_it_monitors_and_does_not_filter(app: Pages) -> None:
    assert "Fairgate monitors; it does not filter." in page(app, "head")
