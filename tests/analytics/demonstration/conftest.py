"""A demonstration school, set up once for these tests."""

from datetime import date

import pytest

from analytics.categorise import Judge
from analytics.demonstration.own_policy import school_policy
from analytics.demonstration.school import DemoSchool, found_school
from config.policy import Policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    return school_policy(date(2026, 11, 24))


@pytest.fixture(scope="session")
def judge(policy: Policy) -> Judge:
    return Judge(policy)


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> DemoSchool:
    return found_school(tmp_path_factory.mktemp("demonstration") / "state", policy)
