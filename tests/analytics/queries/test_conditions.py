"""Why connections stayed closed, and what was refused on the network, each record once."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from analytics.event import NotInspected
from analytics.governance import Role
from analytics.queries import LookPurpose, coverage
from analytics.queries.conditions import CLOSED_BECAUSE, Conditions
from analytics.records import Attempts, Condition
from analytics.store.columns import table_of
from tests.analytics.queries.school_week import SchoolWeek, at

DAY = date(2026, 5, 12)
EMPTY = date(2026, 5, 20)
MINUTE = 60_000


def _condition(gateway: str, seq: int, ts_ms: int, **changes: Any) -> Condition:
    made = Condition(
        school="oakfield", gateway=gateway, segment=0, seq=seq, ts_ms=ts_ms, since_ms=ts_ms - 5 * MINUTE, banking=3,
        pinned=2, not_enrolled=1, not_told=5, no_sni=1, opaque=0, filter_silent=0, lists_age_hours=200,
        snapshot_age_hours=4, policy_version="v",
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture(scope="module", autouse=True)
def _recorded(school: SchoolWeek) -> None:
    early, late = at(DAY, 9), at(DAY, 10)
    conditions = [
        _condition("gate-0", 0, early, filter_silent=4),
        _condition("gate-0", 1, late, lists_age_hours=10, snapshot_age_hours=1),
        _condition("gate-1", 0, late, lists_age_hours=-1, policy_version="w"),
        _condition("gate-0", 2, at(EMPTY, 9), lists_age_hours=-1, policy_version="w"),
        # A folder that was emptied uses its numbers again.
        _condition("gate-0", 0, late + MINUTE, lists_age_hours=12, opaque=7),
    ]
    attempts = [
        Attempts(
            school="oakfield", gateway="gate-net", segment=0, seq=n, ts_ms=early + n, since_ms=early,
            quic=5, dot=1, doh=0,
        )
        for n in range(2)
    ]  # fmt: skip
    for table, records in (("conditions", conditions), ("attempts", attempts)):
        rows = [{**asdict(record), "received_ms": 1} for record in records]
        school.store.insert(table, table_of(table, rows * 2), f"conditions of {table}")


def stood(school: SchoolWeek, day: date) -> Conditions:
    return coverage(school.reading(Role.TECHNICIAN, LookPurpose.COVERAGE), day, day).conditions


def test_counts_are_sums_over_each_record_once(school: SchoolWeek) -> None:
    found = stood(school, DAY)
    assert found.closed == {
        NotInspected.BANKING: 12,
        NotInspected.PINNED: 8,
        NotInspected.NOT_ENROLLED: 4,
        NotInspected.NOT_TOLD: 20,
        NotInspected.NO_SNI: 4,
        NotInspected.OPAQUE: 7,
    }
    assert (found.quic, found.dot, found.doh, found.filter_silent) == (10, 2, 0, 4)


def test_ages_are_those_of_each_gateways_last_word(school: SchoolWeek) -> None:
    found = stood(school, DAY)
    assert (found.lists_age_hours, found.snapshot_age_hours, found.policies) == (12, 4, 2)


def test_no_lists_and_no_word_are_not_an_age(school: SchoolWeek) -> None:
    assert (stood(school, EMPTY).lists_age_hours, stood(school, EMPTY).snapshot_age_hours) == (None, 4)
    nothing = stood(school, date(2019, 1, 1))
    assert (nothing.lists_age_hours, nothing.snapshot_age_hours, sum(nothing.closed.values())) == (None, None, 0)


def test_every_reason_but_the_shield_has_its_sentence() -> None:
    assert set(CLOSED_BECAUSE) == set(NotInspected) - {NotInspected.INSPECTED, NotInspected.SHIELD}
    assert all(sentence.endswith(".") for sentence in CLOSED_BECAUSE.values())
