"""Who needs attention, and why.

Owns the ranking rule, which is the same for everybody; its numbers are thresholds of the school's policy:
1. anybody with a visit judged unlawful;
2. then anybody with a visit judged inappropriate, of `attention_gravity` or above; the gravest first, then the most;
3. then anybody whose private visits (without permission, breaks left out) are at least
   `attention_private_visits_a_week` and more than `attention_times_usual` times their own usual; where there is no
   usual yet, at least `attention_private_visits_without_usual` a week; the greatest excess first.
Nobody else is ranked. The usual is the median of the `attention_usual_weeks` before, over those in which the person
made any visit at all; with fewer than `attention_usual_weeks_least` such weeks there is none. A rate is per seven days
of the range looked at. It is a suggestion where to look, never a finding: permitted, break-time and unknown visits have
no part in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import pandas as pd

from analytics.queries.standing import Standing
from config.policy import Threshold

UNLAWFUL, INAPPROPRIATE, PRIVATE, NONE = 3, 2, 1, 0
"""Levels of attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The numbers of the rule."""

    gravity: int
    many_a_week: int
    times_usual: int
    many_without_usual: int
    weeks_before: int
    least_weeks: int

    @classmethod
    def of(cls, thresholds: Mapping[str, Threshold]) -> Self:
        """The rule as a policy's thresholds state it."""
        return cls(
            gravity=thresholds["attention_gravity"].value,
            many_a_week=thresholds["attention_private_visits_a_week"].value,
            times_usual=thresholds["attention_times_usual"].value,
            many_without_usual=thresholds["attention_private_visits_without_usual"].value,
            weeks_before=thresholds["attention_usual_weeks"].value,
            least_weeks=thresholds["attention_usual_weeks_least"].value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What the rule looks at, of one person. `usual` is private visits a week; None where there is none yet.
    `max_gravity` is that of the gravest unlawful or inappropriate visit."""

    unlawful: int
    inappropriate: int
    private: int
    max_gravity: int
    usual: float | None
    days: int

    @property
    def rate(self) -> float:
        """Private visits per seven days; a shorter range is not stretched, for one lunch hour is not a week."""
        return self.private * 7 / max(self.days, 7)


def level(week: Week, rule: Rule) -> int:
    """The level of attention the rule gives."""
    if week.unlawful:
        return UNLAWFUL
    if week.inappropriate and week.max_gravity >= rule.gravity:
        return INAPPROPRIATE
    return PRIVATE if _unusual(week, rule) else NONE


def order(week: Week, rule: Rule) -> tuple[float, ...]:
    """Sorts the greatest need first."""
    excess = week.rate - (week.usual or 0)
    return (-level(week, rule), -week.max_gravity, -week.unlawful, -week.inappropriate, -excess)


def why(week: Week, rule: Rule) -> str:
    """One plain sentence."""
    match level(week, rule):
        case 3:
            return f"{_visits(week.unlawful, 'unlawful')}: do not open or copy anything; follow the school's procedure."
        case 2:
            also = f" Private visits are above usual too: {_private(week)}" if _unusual(week, rule) else ""
            gravest = (
                f"gravity {week.max_gravity} of 4"
                if week.inappropriate == 1
                else f"the gravest {week.max_gravity} of 4"
            )
            return f"{_visits(week.inappropriate, 'inappropriate')}, {gravest}.{also}"
        case 1:
            more = "Many private visits" if week.usual is None else "More private visits than usual"
            return f"{more}: {_private(week)}"
        case _:
            return "Nothing out of the ordinary."


def usual_by_person(weeks: pd.DataFrame, rule: Rule) -> dict[str, float]:
    """Person id to usual private visits a week.

    `weeks` has one row (person_id, weeks_ago, private_visits) for each earlier week with any visit.
    """
    grouped = weeks.groupby("person_id")["private_visits"].agg(["median", "count"])
    enough = grouped[grouped["count"] >= rule.least_weeks]
    return {str(person_id): float(median) for person_id, median in enough["median"].items()}


def _unusual(week: Week, rule: Rule) -> bool:
    if week.usual is None:
        return week.rate >= rule.many_without_usual
    return week.rate >= rule.many_a_week and week.rate > rule.times_usual * week.usual


def _visits(count: int, standing: str) -> str:
    return f"{count} visit{'' if count == 1 else 's'} judged {Standing(standing)}"


def _private(week: Week) -> str:
    usual = "no usual is known yet" if week.usual is None else f"usual is {week.usual:.0f} a week"
    return f"{week.private} without permission, breaks left out; {usual}."
