"""The sentences that a record must be read with."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from analytics.queries.conditions import Conditions
from analytics.queries.conditions_wording import age, rests_on, span, times, ways_past
from analytics.queries.coverage import Coverage
from analytics.records import GapReason

STOOD = Conditions(
    closed={}, quic=0, dot=0, doh=0, filter_silent=0, lists_age_hours=None, snapshot_age_hours=None, policies=1
)


def found(*reasons: GapReason, conditions: Conditions = STOOD, **changes: Any) -> Coverage:
    gaps = pd.DataFrame({"reason": pd.Series(list(reasons), dtype="str")})
    made = Coverage(
        stretches=pd.DataFrame(), gaps=gaps, requests=0, passed_through=0, passed_through_percent=0, untold=0,
        dropped=0, hook_errors=0, shielded=0, recorded_s=0, people=0, people_not_told=0, people_told_earlier=0,
        bypassed_s=0, conditions=conditions,
    )  # fmt: skip
    return replace(made, **changes)


def test_where_nothing_was_said_nothing_is_claimed() -> None:
    assert rests_on(found()) == ["The gateway did not say how old what it goes by was."]
    assert len(ways_past(found())) == 2


def test_whatever_happened_is_said() -> None:
    stood = replace(STOOD, quic=3, dot=1, doh=1, filter_silent=3, lists_age_hours=49, snapshot_age_hours=0, policies=3)
    reasons = (GapReason.CLOCK_STEP, GapReason.CRASHED, GapReason.CRASHED)
    said = rests_on(found(*reasons, conditions=stood, dropped=7, hook_errors=2))
    for words in (
        "2 days old",
        "less than an hour before",
        "set once",
        "unexpectedly twice",
        "7 records",
        "3 times",
        "3 versions",
    ):
        assert any(words in sentence for sentence in said), words
    past = ways_past(found(conditions=stood, bypassed_s=150))
    assert past[0].startswith("For 2 minutes monitored devices went past the gateway, unrecorded")
    assert "3 packets of QUIC" in past[1]
    assert "and 2 of looking names up" in past[1]


def test_no_lists_are_not_old_lists() -> None:
    assert rests_on(found(conditions=replace(STOOD, snapshot_age_hours=30)))[0].startswith("No imported lists")


@pytest.mark.parametrize(
    ("hours", "words"), [(0, "less than an hour"), (1, "1 hour"), (47, "47 hours"), (48, "2 days"), (9_000, "375 days")]
)
def test_an_age_in_words(hours: int, words: str) -> None:
    assert age(hours) == words


def test_lengths_and_numbers_in_words() -> None:
    assert [span(9), span(60), span(7_199), span(7_260)] == [
        *("less than a minute", "1 minute", "119 minutes", "2 h 01 min")
    ]
    assert [times(1), times(2), times(1_000)] == ["once", "twice", "1,000 times"]
