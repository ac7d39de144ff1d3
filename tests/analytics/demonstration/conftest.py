"""A demonstration school, set up once for these tests."""

import pytest

from analytics.categorise import Judge
from analytics.demonstration.school import DemoSchool, found_school
from config.policy import Policy, load_policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="session")
def judge(policy: Policy) -> Judge:
    return Judge(policy)


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> DemoSchool:
    return found_school(tmp_path_factory.mktemp("demonstration") / "state", policy)
