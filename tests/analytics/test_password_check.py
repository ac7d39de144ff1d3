"""A password is checked against its own hash, and against one of nobody's where there is no such person."""

from dataclasses import replace

from analytics.password_check import matches
from tests.proxy_addons.running_gateway import ANNE, PASSWORD


def test_right_wrong_nobody_and_whoever_has_none() -> None:
    assert matches(ANNE, PASSWORD)
    assert not matches(ANNE, "wrong")
    assert not matches(None, PASSWORD)
    assert not matches(replace(ANNE, password_hash=""), PASSWORD)
    assert not matches(replace(ANNE, password_hash="damaged"), PASSWORD)
