"""The demonstration's policy: the one that comes with Fairgate, in a term that lies around today.

Owns the invented calendar and its writing. Promises: whatever the day, the four weeks of history are term time, with
the timetable's INSET day in it, so that the demonstration looks the same in August as in November; what is written
loads as exactly the policy that was made.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from analytics.demonstration.timetable import WEEKS, inset_day
from analytics.durable import write_whole
from config.policy import SHIPPED, Policy, SchoolCalendar, load_policy
from config.school_calendar import BankHolidays, InsetDay, Term

_AROUND: Final = timedelta(weeks=2 * WEEKS)
_YEAR: Final = timedelta(days=365)
_WHY: Final = "Invented, so that the demonstration lies in term time."
_AUTHOR: Final = "The demonstration"


def school_policy(today: date) -> Policy:
    """The shipped policy, with a calendar in which the weeks around `today` are one term."""
    return replace(load_policy(), calendar=_calendar(today))


def write_policy(folder: Path, policy: Policy) -> None:
    """Write the policy's files into `folder`, which is made anew: the shipped ones, and its own calendar."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SHIPPED, folder)
    shutil.copy(SHIPPED.parent / "lists.toml", folder)
    write_whole(folder / "calendar.toml", "\n".join(_lines(policy.calendar)).encode())


def _calendar(today: date) -> SchoolCalendar:
    term = Term(title="The term", first=today - _AROUND, last=today + _AROUND, half_term=None, why=_WHY, author=_AUTHOR)
    return SchoolCalendar(
        terms=(term,),
        inset=(InsetDay(day=inset_day(today), why="Training for everybody.", author=_AUTHOR),),
        closures=(),
        bank_holidays=BankHolidays(
            source="Invented: the demonstration has none near today",
            first=today - _YEAR,
            last=today + _YEAR,
            days=(today + _YEAR,),
        ),
    )


def _lines(calendar: SchoolCalendar) -> Iterator[str]:
    yield "# The demonstration's calendar, written anew at every start."
    for term in calendar.terms:
        yield f'[[terms]]\ntitle = "{term.title}"\nfirst = {term.first}\nlast = {term.last}'
        yield f'why = "{term.why}"\nauthor = "{term.author}"'
    for inset in calendar.inset:
        yield f'[[inset]]\nday = {inset.day}\nwhy = "{inset.why}"\nauthor = "{inset.author}"'
    known = calendar.bank_holidays
    yield f'[bank_holidays]\nsource = "{known.source}"\nfirst = {known.first}\nlast = {known.last}'
    yield f"days = [{', '.join(map(str, known.days))}]\n"
