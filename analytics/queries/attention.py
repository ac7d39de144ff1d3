"""Who needs attention, and why.

Owns the ranking rule, which is the same for everybody:
1. anybody with a visit judged unlawful;
2. then anybody with a visit judged inappropriate, the gravest first, then the most;
3. then anybody whose private visits (without permission, breaks left out) are at least 10 a week and more than twice
   their own usual; where there is no usual yet, at least 20 a week; the greatest excess first.
Nobody else is ranked. The usual is the median of the four weeks before, over those in which the person made any visit
at all; with fewer than two such weeks there is none. A rate is per seven days of the range looked at. It is a
suggestion where to look, never a finding: permitted, break-time and unknown visits have no part in it.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from analytics.queries.standing import Standing

WEEKS_BEFORE: Final = 4
LEAST_WEEKS: Final = 2
MANY_A_WEEK: Final = 10
MANY_WITHOUT_USUAL: Final = 20
TIMES_USUAL: Final = 2

UNLAWFUL, INAPPROPRIATE, PRIVATE, NONE = 3, 2, 1, 0
"""Levels of attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What the rule looks at, of one person. `usual` is private visits a week; None where there is none yet."""

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


def level(week: Week) -> int:
    """The level of attention the rule gives."""
    if week.unlawful:
        return UNLAWFUL
    if week.inappropriate:
        return INAPPROPRIATE
    return PRIVATE if _unusual(week) else NONE


def order(week: Week) -> tuple[float, ...]:
    """Sorts the greatest need first."""
    excess = week.rate - (week.usual or 0)
    return (-level(week), -week.max_gravity, -week.unlawful, -week.inappropriate, -excess)


def why(week: Week) -> str:
    """One plain sentence."""
    match level(week):
        case 3:
            return f"{_visits(week.unlawful, 'unlawful')}: do not open or copy anything; follow the school's procedure."
        case 2:
            also = f" Private visits are above usual too: {_private(week)}" if _unusual(week) else ""
            gravest = (
                f"gravity {week.max_gravity} of 4"
                if week.inappropriate == 1
                else f"the gravest {week.max_gravity} of 4"
            )
            return f"{_visits(week.inappropriate, 'inappropriate')}, {gravest}.{also}"
        case 1:
            return f"More private visits than usual: {_private(week)}"
        case _:
            return "Nothing out of the ordinary."


def usual_by_person(weeks: pd.DataFrame) -> dict[str, float]:
    """Person id to usual private visits a week.

    `weeks` has one row (person_id, weeks_ago, private_visits) for each earlier week with any visit.
    """
    grouped = weeks.groupby("person_id")["private_visits"].agg(["median", "count"])
    enough = grouped[grouped["count"] >= LEAST_WEEKS]
    return {str(person_id): float(median) for person_id, median in enough["median"].items()}


def _unusual(week: Week) -> bool:
    if week.usual is None:
        return week.rate >= MANY_WITHOUT_USUAL
    return week.rate >= MANY_A_WEEK and week.rate > TIMES_USUAL * week.usual


def _visits(count: int, standing: str) -> str:
    return f"{count} visit{'' if count == 1 else 's'} judged {Standing(standing)}"


def _private(week: Week) -> str:
    usual = "no usual is known yet" if week.usual is None else f"usual is {week.usual:.0f} a week"
    return f"{week.private} without permission, breaks left out; {usual}."
