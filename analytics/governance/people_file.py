"""A list of staff as a CSV file, read whole or refused whole.

Owns the file's form: a header of name, type, hours, proxy_username, then one person a row. Promises: every bad row is
named with its line, column, what was found and what is allowed, all of them at once; nothing is guessed, and nobody is
returned where one row is bad.
"""

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

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
    for line, row in _rows(file):
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


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            raise ConfigError(f"{file}, line 1: found {','.join(header)!r}; allowed: {','.join(COLUMNS)}.")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise ConfigError(
                    f"{file}, line {reader.line_num}: found {len(cells)} columns; allowed: {len(header)}. "
                    "Put a name with a comma in double quotes."
                )
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as fault:
        raise ConfigError(f"{file}, line {reader.line_num}: {fault}. Save the list as CSV again.") from fault


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise ConfigError(f"{file} cannot be read ({fault.strerror}). Name the CSV file of the staff.") from fault
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{file} is not UTF-8 text. Save it as 'CSV UTF-8' in the spreadsheet.") from fault


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
