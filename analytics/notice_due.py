"""Whether somebody is to be shown the notice: never told, told of an earlier one, or told before this term.

Owns that rule, for the gateway, the portal and the dashboard alike. Promises: whoever acknowledged within this term, or
shortly before it began, is not asked again in it; in the holidays nobody is reminded.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from analytics.bindings import IdentityView
from analytics.contracted_hours import LONDON, london_day
from analytics.snapshot import Person
from config.policy import SchoolCalendar

FRESH_DAYS: Final = 14
"""An acknowledgement so shortly before a term is one for that term: staff are told on the training days before it."""


class Due(StrEnum):
    """Why the notice is to be shown."""

    FIRST = "first"
    CHANGED = "changed"
    """They were told of an earlier notice, and are recorded by that."""
    REMINDER = "reminder"


def due(*, told_ms: int, ever_ms: int, last_ms: int, now_ms: int, calendar: SchoolCalendar) -> Due | None:
    """Why to show the notice now; None where there is no need. Times are UTC ms, 0 for never: first told of the notice
    in force, first told of any, last acknowledged the one in force."""
    if not told_ms:
        return Due.CHANGED if ever_ms else Due.FIRST
    begun = _term_begun(calendar, london_day(now_ms))
    return Due.REMINDER if begun and max(told_ms, last_ms) < begun else None


def person_due(
    person: Person, notice_version: str, view: IdentityView, now_ms: int, calendar: SchoolCalendar
) -> Due | None:
    """`due` of somebody as the gateway knows them: by the snapshot, and by what they acknowledged here since."""
    here = (person.person_id, notice_version)
    told = [ms for ms in (person.told_ms, view.told.get(here, 0)) if ms]
    ever = [ms for ms in (*told, person.told_earlier_ms, view.told_ever.get(person.person_id, 0)) if ms]
    return due(
        told_ms=min(told, default=0),
        ever_ms=min(ever, default=0),
        last_ms=max(person.reminded_ms, view.reminded.get(here, 0)),
        now_ms=now_ms,
        calendar=calendar,
    )


def _term_begun(calendar: SchoolCalendar, day: date) -> int:
    """UTC ms from which an acknowledgement counts for the term that `day` lies in; 0 where it lies in none."""
    term = next((term for term in calendar.terms if term.first <= day <= term.last), None)
    return 0 if term is None else _midnight(term.first - timedelta(days=FRESH_DAYS))


@lru_cache(maxsize=64)
def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), LONDON).timestamp()) * 1000
