"""Totals per person and day.

Owns `per_day` and `person_days`. Both count visits by purpose and standing, so they add up to the overview.
"""

from datetime import date
from typing import TYPE_CHECKING, Final

from analytics.governance.audit import Action
from analytics.queries.london import london_today
from analytics.queries.reading import Grant, Reading
from analytics.queries.standing import STANDING_SQL

if TYPE_CHECKING:
    import pandas as pd

_SQL: Final = f"""
SELECT toString(v.day) AS day, v.person_id, v.purpose, {STANDING_SQL} AS standing,
    toInt64(count()) AS visits, sum(v.lower_s) AS lower_s, sum(v.upper_s) AS upper_s, max(v.gravity) AS max_gravity
FROM visits_now AS v
WHERE v.school = {{school:String}} AND v.person_id IN {{people:Array(String)}}
    AND v.day BETWEEN {{first:Date}} AND {{last:Date}}
GROUP BY day, person_id, purpose, standing
ORDER BY day, person_id, purpose, standing
"""  # noqa: S608 - the one inserted text is a constant
_ONE_SQL: Final = _SQL.replace("person_id IN {people:Array(String)}", "person_id = {person_id:String}")


def per_day(reading: Reading, first_day: date, last_day: date, person_id: str | None = None) -> "pd.DataFrame":
    """Visits by London day, person and purpose, both days included; of one person where `person_id` is given.

    Columns: day ("2026-11-24"), person_id, name, purpose, standing (see analytics.queries.standing), visits,
    lower_s, upper_s (seconds, as a range), max_gravity (0-4). Days without visits have no row; nor have people who
    were not told.

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    if person_id is not None:
        return _named(_one(reading, "person_days", person_id, first_day, last_day))
    grant = reading.on_people("per_day")
    return _named((grant, grant.frame(_SQL, first=first_day.isoformat(), last=last_day.isoformat())))


def person_days(reading: Reading, person_id: str, first_day: date, last_day: date) -> "pd.DataFrame":
    """One person's `per_day`, without the name. Raises as `per_day`."""
    return _one(reading, "person_days", person_id, first_day, last_day)[1]


def _one(reading: Reading, query: str, person_id: str, first: date, last: date) -> "tuple[Grant, pd.DataFrame]":
    grant = reading.on_person(query, person_id, Action.LOOKED_AT_PERSON, f"totals, seen on {london_today()}")
    return grant, grant.frame(_ONE_SQL, first=first.isoformat(), last=last.isoformat())


def _named(answer: "tuple[Grant, pd.DataFrame]") -> "pd.DataFrame":
    grant, frame = answer
    names = {person.person_id: person.name for person in grant.people}
    frame.insert(2, "name", frame["person_id"].map(names).astype("str"))
    return frame
