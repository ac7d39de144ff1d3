"""One visit's detail."""

import pytest

from dashboard.app import Pages
from tests.dashboard.small_school import GAMBLING, PULLED_IN, SmallSchool, call, said, signed_in


def detail(app: Pages, user: str, person: str, visit: str) -> str:
    rows = [{"visit_id": visit}]
    answer = call(
        app, signed_in(app, user), "visit-detail", visits__selectedRows=rows, address__pathname=f"/person/{person}"
    )
    return said(answer)


def test_a_visits_detail_shows_what_the_page_pulled_in(app: Pages, gamble: tuple[str, str, str]) -> None:
    person, _, visit = gamble
    found = detail(app, "head", person, visit)
    for host in PULLED_IN:
        assert host in found
    assert "3 requests that nobody chose" in found


def test_somebody_elses_visit_id_gives_nothing(app: Pages, filled: SmallSchool, gamble: tuple[str, str, str]) -> None:
    found = detail(app, "head", filled.people["Bethan Askew"], gamble[2])
    assert GAMBLING not in found
    assert "no longer held" in found


def test_the_chair_cannot_open_a_staff_members_visit(app: Pages, gamble: tuple[str, str, str]) -> None:
    assert GAMBLING not in detail(app, "chair", gamble[0], gamble[2])


@pytest.mark.parametrize("visit", ["", "x' OR 1=1 --", "\\", "%00", "a" * 3000])
def test_a_made_up_visit_id_gives_nothing(app: Pages, gamble: tuple[str, str, str], visit: str) -> None:
    assert "no longer held" in detail(app, "head", gamble[0], visit)
