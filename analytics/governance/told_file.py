"""A list of who was told, by a signed paper or on a training day, as a CSV file: read whole or refused whole.

Owns the file's form: a header of person, date, how, then one person a row: their id or exact name, the day, and paper
or training_day. Promises: every bad row is named with its line, column, what was found and what is allowed, all of them
at once; a name that two people have is nobody's; nobody is returned where one row is bad.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from analytics.governance.csv_rows import csv_rows
from analytics.governance.people import StaffMember
from analytics.governance.roles import Told
from config.errors import ConfigError

COLUMNS: Final = ("person", "date", "how")
ENTERED: Final = (Told.PAPER, Told.TRAINING_DAY)
"""How somebody may have been told outside Fairgate."""
_DATES: Final = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One person, told on a day."""

    person_id: str
    day: date
    how: Told


def read_told(text: str, where: str, people: Sequence[StaffMember], today: date) -> list[ToldRow]:
    """The rows of a CSV file's `text`, of `people` who may be named; `where` names the file in errors.

    Raises:
        ConfigError: one line for each bad row.
    """
    faults: list[str] = []
    found: list[ToldRow] = []
    for line, row in csv_rows(text, where, COLUMNS):
        wrong = list(_faults(row, people, today))
        faults += [f"{where}, line {line}, {fault}" for fault in wrong]
        if not wrong:
            found.append(ToldRow(_named(row["person"], people)[0].person_id, *_day_and_how(row)))
    if faults:
        raise ConfigError("\n".join([*faults, "Nothing was recorded. Mend these rows and import the file again."]))
    if not found:
        raise ConfigError(f"{where}: found nobody; allowed: one person a row below the header.")
    return found


def _faults(row: dict[str, str], people: Sequence[StaffMember], today: date) -> Iterator[str]:
    """What is wrong with a row: column, found, allowed."""
    named = _named(row["person"], people)
    if len(named) != 1:
        found = f"{row['person']!r}, which {len(named)} people have" if named else repr(row["person"])
        yield f"person: found {found}; allowed: the id or the exact name of one of the staff."
    day = _day(row["date"])
    if day is None:
        yield f"date: found {row['date']!r}; allowed: a day such as 2026-09-01 or 01/09/2026."
    elif day > today:
        yield f"date: found {row['date']!r}, which has not come; allowed: today or before."
    if row["how"] not in ENTERED:
        yield f"how: found {row['how']!r}; allowed: {', '.join(ENTERED)}."


def _named(person: str, people: Sequence[StaffMember]) -> list[StaffMember]:
    by_id = [each for each in people if each.person_id == person]
    wanted = " ".join(person.split()).casefold()
    return by_id or [each for each in people if " ".join(each.name.split()).casefold() == wanted]


def _day(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day on paper has no time
        except ValueError:
            continue
    return None


def _day_and_how(row: dict[str, str]) -> tuple[date, Told]:
    day = _day(row["date"])
    assert day is not None  # noqa: S101 - for the type checker; the row was looked at
    return day, Told(row["how"])
