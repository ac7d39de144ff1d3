"""The ranking rule, as it is stated."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.queries.attention import Rule, Week, level, order, usual_by_person, why
from config.policy import load_policy

RULE = Rule.of(load_policy().thresholds)
QUIET = Week(unlawful=0, inappropriate=0, private=0, max_gravity=0, usual=4.0, days=7)
WEEKS = st.builds(
    Week,
    unlawful=st.integers(0, 3),
    inappropriate=st.integers(0, 9),
    private=st.integers(0, 200),
    max_gravity=st.integers(0, 4),
    usual=st.none() | st.floats(0, 100),
    days=st.integers(1, 31),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0),
        ({"private": 9, "usual": 0.0}, 0),
        ({"private": 10, "usual": 0.0}, 1),
        ({"private": 10, "usual": 5.0}, 0),
        ({"private": 11, "usual": 5.0}, 1),
        ({"private": 19, "usual": None}, 0),
        ({"private": 20, "usual": None}, 1),
        ({"private": 11, "usual": 5.0, "days": 14}, 0),
        ({"private": 2, "usual": 5.0, "days": 1}, 0),
        ({"inappropriate": 1, "max_gravity": 2}, 2),
        ({"inappropriate": 9, "max_gravity": 1}, 0),
        ({"inappropriate": 9, "max_gravity": 1, "private": 20}, 1),
        ({"unlawful": 1, "inappropriate": 9}, 3),
    ],
)
def test_levels_stand_at_their_stated_bounds(changes: dict[str, float], expected: int) -> None:
    assert level(replace(QUIET, **changes), RULE) == expected  # type: ignore[arg-type]


@given(WEEKS, WEEKS)
def test_a_higher_level_always_comes_first(one: Week, other: Week) -> None:
    if level(one, RULE) > level(other, RULE):
        assert order(one, RULE) < order(other, RULE)


@given(WEEKS)
def test_there_is_one_plain_sentence_without_a_code(week: Week) -> None:
    sentence = why(week, RULE)
    assert sentence.endswith(".")
    assert "_" not in sentence
    assert "None" not in sentence


def test_inappropriate_use_beside_much_private_use_says_both() -> None:
    sentence = why(replace(QUIET, inappropriate=1, max_gravity=2, private=30), RULE)
    assert sentence == (
        "1 visit judged inappropriate, gravity 2 of 4. Private visits are above usual too: "
        "30 without permission, breaks left out; usual is 4 a week."
    )


def test_a_usual_needs_two_weeks_and_is_not_moved_by_one_wild_one() -> None:
    weeks = pd.DataFrame(
        [("a", 1, 4), ("a", 2, 5), ("a", 3, 900), ("b", 1, 7)], columns=["person_id", "weeks_ago", "private_visits"]
    )
    assert usual_by_person(weeks, RULE) == {"a": 5.0}
    assert usual_by_person(weeks.iloc[:0], RULE) == {}


@pytest.mark.parametrize(
    ("key", "week", "before", "after"),
    [
        ("attention_gravity", {"inappropriate": 1, "max_gravity": 2}, 2, 0),
        ("attention_private_visits_a_week", {"private": 10, "usual": 0.0}, 1, 0),
        ("attention_times_usual", {"private": 13, "usual": 5.0}, 1, 0),
        ("attention_private_visits_without_usual", {"private": 20, "usual": None}, 1, 0),
    ],
)
def test_each_number_of_the_rule_is_the_policys(key: str, week: dict[str, float], before: int, after: int) -> None:
    thresholds = load_policy().thresholds
    stricter = Rule.of({**thresholds, key: replace(thresholds[key], value=thresholds[key].value + 1)})
    looked_at = replace(QUIET, **week)  # type: ignore[arg-type]
    assert (level(looked_at, RULE), level(looked_at, stricter)) == (before, after)


def test_how_many_weeks_make_a_usual_is_the_policys() -> None:
    weeks = pd.DataFrame([("a", 1, 4), ("a", 2, 6)], columns=["person_id", "weeks_ago", "private_visits"])
    assert usual_by_person(weeks, RULE) == {"a": 5.0}
    assert usual_by_person(weeks, replace(RULE, least_weeks=3)) == {}
