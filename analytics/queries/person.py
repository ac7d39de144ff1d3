"""One person: their totals, and their totals by category.

Owns `person_summary` and `person_categories`.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from analytics.governance.audit import Action
from analytics.governance.earlier import EarlierNotice, earlier_notices
from analytics.governance.permissions import Granted
from analytics.queries.london import day_bounds, london_today
from analytics.queries.overview import summarise
from analytics.queries.reading import Grant, Reading
from analytics.queries.standing import STANDING_SQL

if TYPE_CHECKING:
    import pandas as pd

_CATEGORIES: Final = f"""
SELECT category, v.purpose, {STANDING_SQL} AS standing, toInt64(count()) AS visits, sum(v.lower_s) AS lower_s,
    sum(v.upper_s) AS upper_s, max(v.gravity) AS max_gravity
FROM visits_now AS v
WHERE v.school = {{school:String}} AND v.person_id = {{person_id:String}}
    AND v.day BETWEEN {{first:Date}} AND {{last:Date}}
GROUP BY category, purpose, standing
ORDER BY visits DESC, category, standing
"""  # noqa: S608 - the one inserted text is a constant
_SESSIONS: Final = """
SELECT uniqExact(v.day, v.session) AS sessions, min(v.start_ms) AS first_ms, max(v.start_ms) AS last_ms
FROM visits_now AS v
WHERE v.school = {school:String} AND v.person_id = {person_id:String}
    AND v.day BETWEEN {first:Date} AND {last:Date}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """One person's row of the overview, and what stands beside it. Times are UTC ms, 0 where there is none."""

    person_id: str
    name: str
    person_type: str
    told: bool
    unlawful_visits: int
    inappropriate_visits: int
    private_visits: int
    break_visits: int
    permitted_visits: int
    work_visits: int
    unsure_visits: int
    unknown_visits: int
    infrastructure_visits: int
    lower_s: int
    upper_s: int
    max_gravity: int
    private_per_week: float
    usual_per_week: float | None
    attention: int
    why: str
    sessions: int
    first_visit_ms: int
    last_visit_ms: int
    told_ms: int
    """When they were first told of any policy: what came before is marked `before_notice`."""
    earlier_notices: tuple[EarlierNotice, ...]
    """Stretches within the days looked at in which they had been told of an earlier notice only."""
    permissions: tuple[Granted, ...]
    """Those that covered them at some time within the days looked at, and those given later of which it is noted that
    they had been agreed by then."""


def person_summary(reading: Reading, person_id: str, first_day: date, last_day: date) -> PersonSummary:
    """One person's totals over these days, both included. Numbers as in `overview`.

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = _open(reading, "person_summary", person_id)
    row: dict[str, Any] = summarise(grant.over_people(), first_day, last_day, reading.rule).to_dict("records")[0]  # type: ignore[assignment]
    usual = row["usual_per_week"]
    row["usual_per_week"] = None if usual != usual else usual
    known = {field.name for field in fields(PersonSummary)}
    times = grant.frame(_SESSIONS, first=first_day.isoformat(), last=last_day.isoformat()).iloc[0]
    return PersonSummary(
        **{name: value for name, value in row.items() if name in known},
        sessions=int(times["sessions"]),
        first_visit_ms=int(times["first_ms"]),
        last_visit_ms=int(times["last_ms"]),
        told_ms=reading.governance.notices.first_told().get(person_id, 0),
        earlier_notices=_earlier(reading, person_id, first_day, last_day),
        permissions=_permissions(reading, person_id, first_day, last_day),
    )


def person_categories(reading: Reading, person_id: str, first_day: date, last_day: date) -> "pd.DataFrame":
    """One person's visits by category, the most first, both days included.

    Columns: category, purpose, standing, visits, lower_s, upper_s, max_gravity.

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = _open(reading, "person_categories", person_id)
    return grant.frame(_CATEGORIES, first=first_day.isoformat(), last=last_day.isoformat())


def _open(reading: Reading, query: str, person_id: str) -> Grant:
    return reading.on_person(query, person_id, Action.LOOKED_AT_PERSON, f"totals, seen on {london_today()}")


def _earlier(reading: Reading, person_id: str, first_day: date, last_day: date) -> tuple[EarlierNotice, ...]:
    begin, end = day_bounds(first_day, last_day)
    found = earlier_notices(reading.governance.notices, person_id)
    return tuple(each for each in found if each.from_ms < end and (not each.until_ms or each.until_ms > begin))


def _permissions(reading: Reading, person_id: str, first_day: date, last_day: date) -> tuple[Granted, ...]:
    begin, end = day_bounds(first_day, last_day)
    return tuple(
        granted
        for granted in reading.governance.permissions.of(person_id)
        if (granted.from_ms < end and (not granted.until_ms or granted.until_ms > begin))
        or (granted.said_earlier and date.fromisoformat(granted.said_earlier) <= last_day and granted.from_ms >= end)
    )
