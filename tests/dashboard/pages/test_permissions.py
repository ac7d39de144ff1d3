"""The permissions page, and what other pages show of the register."""

from datetime import timedelta

import pytest

from analytics.governance import Role
from analytics.queries import LookPurpose, Reading, person_visits
from analytics.queries.attention import Rule
from dashboard.app import Pages
from dashboard.moments import london_day, now_ms
from tests.dashboard.small_school import SmallSchool, call, said, signed_in

PARTS = {
    "head": ("No request is waiting", "No permission is in force", "Give a permission", "Ask for yourself"),
    "chair": ("No request is waiting", "No permission is in force", "Give a permission"),
    "staff": ("What you are permitted", "Ask for permission"),
    "technician": ("Nothing to permit",),
}


def page(app: Pages, user: str, search: str = "") -> str:
    client = signed_in(app, user)
    return said(call(app, client, "page", address__pathname="/permissions", address__search=search))


@pytest.mark.parametrize("user", PARTS)
def test_each_role_gets_its_parts_and_says_plainly_where_there_is_nothing(fresh: SmallSchool, user: str) -> None:
    found = page(fresh.app(), user)
    for part in PARTS[user]:
        assert part in found
    for other in {"Waiting for your answer", "Give a permission", "Ask for yourself"} - set(PARTS[user]):
        assert other not in found or user in ("head", "chair")


@pytest.mark.parametrize("search", ["?done=<script>", "?done=granted", "?done="])
def test_what_was_done_is_said_only_in_words_of_ours(fresh: SmallSchool, search: str) -> None:
    found = page(fresh.app(), "head", search)
    assert "<script>" not in found
    assert ("Granted. The register says" in found) == (search == "?done=granted")


def test_the_person_page_shows_a_permission_given_later_beside_earlier_visits(filled: SmallSchool) -> None:
    here, person = filled.here, filled.people["Gwyn Hathersage"]
    head = here.governance.viewer(here.governance.holdings.accounts(Role.HEADTEACHER)[0])
    rule = Rule.of(here.policy.thresholds)
    door = Reading(here.store, here.governance, head, LookPurpose.WEEKLY_REVIEW, rule=rule)
    days = [london_day(now_ms()) - timedelta(days=ago) for ago in range(1, 20)]
    day, visits = next(
        (day, visits) for day in days if ((visits := person_visits(door, person, day))["standing"] == "private").any()
    )
    row = visits[visits["standing"] == "private"].iloc[0]
    permission = here.governance.permissions.grant(
        head, person, policy=here.policy, reason="agreed in the corridor", hosts=[str(row["host"])], said_earlier=day
    )
    app = filled.app()
    client, path = signed_in(app, "head"), f"/person/{person}"
    search = f"?range=four-weeks&day={day.isoformat()}"
    found = said(call(app, client, "page", address__pathname=path, address__search=search))
    assert "Permission given later, on" in found
    assert "noted as agreed by word of mouth on" in found
    assert "“agreed in the corridor”" in found
    assert person_visits(door, person, day)["standing"].tolist() == visits["standing"].tolist()
    detail = said(call(app, client, "visit-detail", visits__selectedRows=[{"visit_id": row["visit_id"]}],
                       address__pathname=path))  # fmt: skip
    assert "Permission given later, on" in detail
    here.governance.permissions.end(head, permission, "only for this test")


def test_the_person_page_has_no_permissions_where_there_are_none(filled: SmallSchool) -> None:
    app, person = filled.app(), filled.people["Farida Lindqvist"]
    found = said(call(app, signed_in(app, "head"), "page", address__pathname=f"/person/{person}"))
    assert "shown as permitted" not in found
