"""Telling is of one policy version, and the earliest counts."""

import pytest

from analytics.governance import Governance, Told
from config.errors import FairgateError


def test_a_new_policy_version_must_be_told_again(governance: Governance) -> None:
    ann = governance.people.add("Ann Bell")
    governance.notices.put_in_force("v1")
    governance.notices.record_told(ann, "v1", Told.PAPER, told_ms=2_000)
    governance.notices.record_told(ann, "v1", Told.PAGE, told_ms=1_000)
    assert governance.notices.told() == {ann: 1_000}
    governance.notices.put_in_force("v2")
    assert governance.notices.policy_in_force() == "v2"
    assert governance.notices.told() == {}
    assert governance.notices.told("v1") == {ann: 1_000}
    governance.notices.record_told(ann, "v2", Told.PAGE, told_ms=9_000)
    assert governance.notices.first_told() == {ann: 1_000}


def test_putting_the_same_version_in_force_again_changes_nothing(governance: Governance) -> None:
    governance.notices.put_in_force("v1")
    head = governance.audit.head()
    governance.notices.put_in_force("v1")
    assert governance.audit.head() == head


def test_a_version_that_comes_back_is_in_force_again(governance: Governance) -> None:
    for version in ("v1", "v2", "v1"):
        governance.notices.put_in_force(version)
    assert governance.notices.policy_in_force() == "v1"


def test_nobody_unknown_is_told(governance: Governance) -> None:
    with pytest.raises(FairgateError, match="no person"):
        governance.notices.record_told("p-none", "v1", Told.PAPER)
