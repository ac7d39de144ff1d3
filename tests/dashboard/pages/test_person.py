"""One person's page."""

import pytest

from analytics.governance import Action
from dashboard.app import Pages
from dashboard.moments import now_ms
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


def page(app: Pages, person_id: str, search: str = "?range=four-weeks") -> str:
    path = f"/person/{person_id}"
    return said(call(app, signed_in(app, "head"), "page", address__pathname=path, address__search=search))


@pytest.fixture
def dilys(filled: SmallSchool) -> str:
    return filled.people["Dilys Marchbank"]


def test_the_page_gives_totals_days_categories_and_a_report(app: Pages, dilys: str) -> None:
    found = page(app, dilys)
    for heading in ("Inappropriate visits", "Time on these", "Day by day", "What kind of sites", "Download report"):
        assert heading in found
    assert "a range: nobody can know exactly" in found


def test_every_look_is_in_the_audit_log_before_anything_is_shown(app: Pages, filled: SmallSchool, dilys: str) -> None:
    before = filled.here.governance.audit.head().seq
    page(app, dilys)
    looks = [each for each in filled.here.governance.audit.entries(whom=dilys) if each.seq > before]
    assert {each.what for each in looks} >= {Action.LOOKED_AT_PERSON, Action.LOOKED_AT_DAY}


@pytest.mark.parametrize("search", ["?day=2026-02-30", "?range=<script>", "?day=9999-12-31", "?range=today&day=x"])
def test_whatever_stands_in_the_address_a_page_comes(app: Pages, dilys: str, search: str) -> None:
    assert "Dilys Marchbank" in page(app, dilys, search)


def test_a_range_without_visits_says_so(fresh: SmallSchool) -> None:
    found = page(fresh.app(), fresh.people["Bethan Askew"])
    assert "No visits in this range" in found
    assert "No visit was recorded on this day" in found


def test_what_was_recorded_under_an_earlier_notice_is_said(fresh: SmallSchool) -> None:
    fresh.here.governance.notices.put_in_force("another", from_ms=now_ms() - 5 * 86_400_000)
    found = page(fresh.app(), fresh.people["Dilys Marchbank"])
    assert "Told of an earlier notice; the notice changed on" in found
