"""The overview: everybody's week side by side, and who needs attention.

Owns `overview`. Promises: it holds nobody but those whose data is for the viewer; people not told yet stand in it by
name, with nothing counted.
"""

from datetime import date, timedelta
from typing import Final

import pandas as pd

from analytics.governance.people import StaffMember
from analytics.queries.attention import NONE, Rule, Week, level, order, usual_by_person, why
from analytics.queries.reading import Grant, Reading
from analytics.queries.standing import COUNTED, STANDING_SQL, Standing
from config.errors import FairgateError

_TOTALS: Final = f"""
SELECT v.person_id, {STANDING_SQL} AS standing, toInt64(count()) AS visits, sum(v.lower_s) AS lower_s,
    sum(v.upper_s) AS upper_s, max(v.gravity) AS max_gravity
FROM visits_now AS v
WHERE v.school = {{school:String}} AND v.person_id IN {{people:Array(String)}}
    AND v.day BETWEEN {{first:Date}} AND {{last:Date}}
GROUP BY person_id, standing
"""  # noqa: S608 - the one inserted text is a constant
_WEEKS: Final = f"""
SELECT v.person_id, intDiv(dateDiff('day', v.day, {{first:Date}}) - 1, 7) AS weeks_ago,
    toInt64(countIf({STANDING_SQL} = 'private')) AS private_visits
FROM visits_now AS v
WHERE v.school = {{school:String}} AND v.person_id IN {{people:Array(String)}}
    AND v.day BETWEEN {{since:Date}} AND {{before:Date}}
GROUP BY person_id, weeks_ago
"""  # noqa: S608 - the one inserted text is a constant

COLUMNS: Final = (
    "person_id",
    "name",
    "person_type",
    "told",
    *(f"{standing}_visits" for standing in Standing),
    "lower_s",
    "upper_s",
    "max_gravity",
    "private_per_week",
    "usual_per_week",
    "attention",
    "rank",
    "why",
)


def overview(reading: Reading, first_day: date, last_day: date) -> pd.DataFrame:
    """One row for each person whose data is for the viewer, the greatest need of attention first, both days included.

    Columns: person_id, name, person_type, told (bool: of any policy so far; where not, everything is 0);
    unlawful_visits, inappropriate_visits, private_visits, break_visits, permitted_visits, work_visits,
    unsure_visits, unknown_visits, infrastructure_visits (see analytics.queries.standing); lower_s, upper_s,
    max_gravity (over unlawful, inappropriate and private visits alone); private_per_week, usual_per_week (float;
    NaN: no usual yet); attention (3 unlawful, 2 inappropriate, 1 more private than usual, 0 none); rank (1 is
    first; 0 where attention is 0); why (one plain sentence). The rule stands in analytics.queries.attention.

    Raises:
        AccessDenied: not for this viewer. FairgateError: last before first. StoreError: the store is down.
    """
    return summarise(reading.on_people("overview"), first_day, last_day, reading.rule)


def summarise(grant: Grant, first_day: date, last_day: date, rule: Rule) -> pd.DataFrame:
    """The overview's rows for the people of `grant`, which binds `people`."""
    if last_day < first_day:
        raise FairgateError("The last day is before the first. Choose the days again.")
    days = (last_day - first_day).days + 1
    totals = _by_person(grant.frame(_TOTALS, first=first_day.isoformat(), last=last_day.isoformat()))
    usual = usual_by_person(_weeks(grant, first_day, rule), rule)
    people = [_ranked(person, grant, totals.get(person.person_id, {}), usual, days, rule) for person in grant.people]
    people.sort(key=lambda pair: (*order(pair[0], rule), pair[1]["name"]))
    for place, (_, row) in enumerate(people, 1):
        row["rank"] = place if row["attention"] else 0
    frame = pd.DataFrame([row for _, row in people], columns=list(COLUMNS))
    return frame.astype({"usual_per_week": "float64", "private_per_week": "float64"})


def _weeks(grant: Grant, first_day: date, rule: Rule) -> pd.DataFrame:
    since, before = first_day - timedelta(weeks=rule.weeks_before), first_day - timedelta(days=1)
    return grant.frame(_WEEKS, first=first_day.isoformat(), since=since.isoformat(), before=before.isoformat())


def _by_person(frame: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in frame.to_dict("records"):
        numbers = {name: int(row[name]) for name in ("visits", "lower_s", "upper_s", "max_gravity")}
        found.setdefault(str(row["person_id"]), {})[str(row["standing"])] = numbers
    return found


def _ranked(
    person: StaffMember,
    grant: Grant,
    mine: dict[str, dict[str, int]],
    usual: dict[str, float],
    days: int,
    rule: Rule,
) -> tuple[Week, dict[str, object]]:
    visits = {standing: mine.get(standing, {}).get("visits", 0) for standing in Standing}
    counted = {standing: mine[standing] for standing in COUNTED if standing in mine}
    gravity = {standing: numbers["max_gravity"] for standing, numbers in counted.items()}
    week = Week(
        unlawful=visits[Standing.UNLAWFUL],
        inappropriate=visits[Standing.INAPPROPRIATE],
        private=visits[Standing.PRIVATE],
        max_gravity=max(gravity.get(Standing.UNLAWFUL, 0), gravity.get(Standing.INAPPROPRIATE, 0)),
        usual=usual.get(person.person_id),
        days=days,
    )
    told = person.person_id in grant.shown
    row: dict[str, object] = {
        "person_id": person.person_id,
        "name": person.name,
        "person_type": str(person.person_type),
        "told": told,
        **{f"{standing}_visits": count for standing, count in visits.items()},
        "lower_s": sum(numbers["lower_s"] for numbers in counted.values()),
        "upper_s": sum(numbers["upper_s"] for numbers in counted.values()),
        "max_gravity": max(gravity.values(), default=0),
        "private_per_week": week.rate,
        "usual_per_week": week.usual,
        "attention": level(week, rule) if told else NONE,
        "rank": 0,
        "why": why(week, rule) if told else "Not yet told of the policy: nothing is shown.",
    }
    return week, row
