"""A visit to look at closely."""

from datetime import timedelta

import pytest

from analytics.governance import Role
from analytics.queries import LookPurpose, Reading, Rule, person_visits
from dashboard.moments import london_day, now_ms
from tests.dashboard.small_school import GAMBLING, SmallSchool


@pytest.fixture
def gamble(filled: SmallSchool) -> tuple[str, str, str]:
    """Person, day and visit of a gambling visit."""
    here, person = filled.here, filled.people["Dilys Marchbank"]
    viewer = here.governance.viewer(here.governance.holdings.accounts(Role.HEADTEACHER)[0])
    door = Reading(here.store, here.governance, viewer, LookPurpose.WEEKLY_REVIEW, rule=Rule.of(here.policy.thresholds))
    for ago in range(10):
        day = london_day(now_ms()) - timedelta(days=ago)
        visits = person_visits(door, person, day)
        found = visits[visits["host"] == GAMBLING]
        if len(found):
            return person, day.isoformat(), str(found["visit_id"].iloc[0])
    raise AssertionError("the small school has no gambling visit in its last ten days")
