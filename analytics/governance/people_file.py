"""A list of staff as a CSV file, read whole or refused whole.

Owns the file's form: a header of name, type, hours, proxy_username, then one person a row. Promises: every bad row is
named with its line, column, what was found and what is allowed, all of them at once; nothing is guessed, and nobody is
returned where one row is bad.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from analytics.governance.csv_rows import csv_rows, file_text
from analytics.governance.enrolment import refuse_hours
from analytics.governance.people import Newcomer, folded_username, plain_name
from analytics.governance.roles import PersonType
from config.errors import ConfigError, FairgateError

COLUMNS: Final = ("name", "type", "hours", "proxy_username")
_TYPES: Final = tuple(str(kind) for kind in PersonType)


def read_people(file: Path, patterns: Collection[str]) -> list[Newcomer]:
    """The people in the CSV `file`, whose hours are patterns of the policy or empty.

    Raises:
        ConfigError: the file cannot be read, or a row is bad: one line for each.
    """
    faults: list[str] = []
    people: list[Newcomer] = []
    usernames: dict[str, int] = {}
    for line, row in csv_rows(file_text(file, "the CSV file of the staff"), str(file), COLUMNS):
        found = list(_faults(row, patterns, usernames))
        faults += [f"{file}, line {line}, {fault}" for fault in found]
        if not found:
            people.append(_newcomer(row))
        usernames.setdefault(row["proxy_username"].casefold(), line)
    if faults:
        raise ConfigError("\n".join([*faults, "Nobody was entered. Mend these rows and import the file again."]))
    if not people:
        raise ConfigError(f"{file}: found nobody; allowed: one person a row below the header.")
    return people


def _faults(row: dict[str, str], patterns: Collection[str], usernames: Collection[str]) -> Iterator[str]:
    """What is wrong with a row: column, found, allowed."""
    try:
        plain_name(row["name"])
    except FairgateError:
        yield f"name: found {row['name']!r}; allowed: 1 to 120 printable characters."
    if row["type"] not in _TYPES:
        yield f"type: found {row['type']!r}; allowed: {', '.join(_TYPES)}."
    try:
        refuse_hours(row["hours"], patterns)
    except FairgateError as fault:
        yield str(fault)
    username = row["proxy_username"]
    try:
        folded_username(username)
    except FairgateError:
        yield f"proxy_username: found {username!r}; allowed: 1 to 64 printable characters, no colon or space."
    if username and username.casefold() in usernames:
        yield f"proxy_username: found {username!r} a second time; allowed: one person each."


def _newcomer(row: dict[str, str]) -> Newcomer:
    return Newcomer(
        name=row["name"],
        person_type=PersonType(row["type"]),
        hours=row["hours"],
        proxy_username=row["proxy_username"] or None,
    )
