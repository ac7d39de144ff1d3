"""Visits where it is not sure who it was."""

from analytics.visits import visits_of
from tests.analytics.test_visits import SECOND, SHOP, row, sent_on


def test_a_visit_is_as_sure_as_the_less_sure_of_what_was_chosen_and_what_was_seen() -> None:
    unsure = sent_on(2, SECOND, by=SHOP, attribution_grade="C", attribution_method="hook", gravity=0)
    [visit] = visits_of([row(1, 0), unsure])
    assert (visit.visit_id, visit.grade, visit.method) == ("e0001", "C", "hook")


def test_what_may_be_somebody_elses_makes_no_time_certain() -> None:
    first, second = visits_of([row(1, 0), row(2, 20 * SECOND, attribution_grade="C")])
    assert (first.lower_s, first.upper_s, second.grade) == (0, 20, "C")
