"""`fairgate people` and `told`: a school enters its staff, and that they were told.

Owns their command line. Promises: a command that is refused has changed nothing; what was changed reaches the gateway
only with `fairgate publish`, and each command says so.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from analytics.governance.command_words import HAND_OVER, one_of, table, tell

if TYPE_CHECKING:
    from analytics.governance.enrolment import OpenedSchool
    from analytics.governance.people import Newcomer
    from analytics.governance.told_file import ToldRow

people_app = typer.Typer(no_args_is_help=True, help="The staff whom the policy covers: enter, import, list, leave.")

NEXT_STEPS: Final = (
    "What to do next, in this order:",
    "  1. fairgate people add, or fairgate people import STAFF.csv: enter everybody whom the policy covers",
    "  2. fairgate devices add: enter the school's devices, by address or hardware, and whose they are",
    "  3. fairgate told --everyone: record that they were told. Nothing is recorded of anybody before that",
    "  4. fairgate publish: hand all this to the gateway, now and after each change",
    "  5. fairgate gateway, fairgate identity, fairgate store, fairgate dashboard: run these, each by itself",
)
_State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
_SameName = Annotated[bool, typer.Option("--allow-same-name", help="Another person may have the same name.")]
_DEFAULT_STATE = Path("fairgate-state")


@people_app.command("add")
def add_person(
    name: Annotated[str, typer.Argument(help="Their full name.")],
    kind: Annotated[str, typer.Option("--type", help="teacher, support, supply, volunteer, governor or contractor.")],
    hours: Annotated[str, typer.Option(help="A pattern of hours.toml [default: not stated]")] = "",
    proxy_username: Annotated[str | None, typer.Option(help="What they sign in as at the proxy.")] = None,
    same_name: _SameName = False,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Enter one person. Prints their id and, with a proxy username, their one-time proxy password."""
    from analytics.governance.people import Newcomer
    from analytics.governance.roles import PersonType

    person_type = PersonType(one_of("--type", kind, PersonType))
    _enter([Newcomer(name=name, person_type=person_type, hours=hours, proxy_username=proxy_username)], same_name, state)


@people_app.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="CSV with the header name,type,hours,proxy_username.")],
    same_name: _SameName = False,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Enter everybody in a CSV file, or, where a row is bad, nobody."""
    from analytics.governance.enrolment import opened_school
    from analytics.governance.people_file import read_people

    with opened_school(state) as school:
        newcomers = read_people(file, school.policy.hours)
    _enter(newcomers, same_name, state)


@people_app.command("list")
def list_people(state: _State = _DEFAULT_STATE) -> None:
    """Show everybody, and whether they were told of the policy's notice."""
    from analytics.governance.enrolment import opened_school, people_rows

    with opened_school(state) as school:
        table(("id", "name", "type", "hours", "told", "here until"), people_rows(school))


@people_app.command("leave")
def leave_person(
    person: Annotated[str, typer.Argument(help="Their id, as fairgate people list shows it.")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Their last day [default: now]")] = None,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Somebody leaves: from then on nothing is recorded of them. What was recorded stays."""
    from analytics.governance.enrolment import last_day_text, leave, opened_school

    with opened_school(state) as school:
        until = leave(school, person, _day(on))
    tell([f"Last day: {last_day_text(until)}.", HAND_OVER])


def told(
    people: Annotated[list[str] | None, typer.Argument(help="Ids, as fairgate people list shows them.")] = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="Everybody here who was not yet told.")] = False,
    how: Annotated[str, typer.Option(help="paper or training_day.")] = "paper",
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; it counts from its end [default: now]")
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--csv", help="CSV with the header person,date,how: taken whole or not at all.")
    ] = None,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Record that people were told of the policy's notice. Nothing is recorded of anybody before that."""
    from analytics.governance.enrolment import opened_school, tell_rows, untold
    from analytics.governance.enrolment import tell as record_told
    from analytics.governance.roles import Told
    from config.errors import FairgateError

    if bool(people) + everyone + (listed is not None) != 1:
        raise FairgateError("Name who was told by their ids, or say --everyone, or give a list by --csv: one of these.")
    means = Told(one_of("--how", how, (Told.PAPER, Told.TRAINING_DAY)))
    with opened_school(state) as school:
        version = school.policy.notice_version
        in_force = school.governance.notices.policy_in_force() == version
        if listed is not None:
            count = tell_rows(school, _told_rows(school, listed))
        else:
            count = record_told(school, people or untold(school), means, _day(on))
    tell(
        [
            f"Recorded: {count} told of notice {version}, "
            + ("which is in force." if in_force else "which the next fairgate publish puts in force."),
            HAND_OVER,
        ]
    )


def _told_rows(school: "OpenedSchool", file: Path) -> "list[ToldRow]":
    from analytics.contracted_hours import london_day
    from analytics.governance.csv_rows import file_text
    from analytics.governance.database import now_ms
    from analytics.governance.enrolment import staff_now
    from analytics.governance.told_file import read_told

    text = file_text(file, "the CSV file of who was told")
    return read_told(text, str(file), staff_now(school), london_day(now_ms()))


def _enter(newcomers: "Sequence[Newcomer]", same_name: bool, state: Path) -> None:
    from analytics.governance.enrolment import enter_people, opened_school

    with opened_school(state) as school:
        entered = enter_people(school, newcomers, same_name=same_name)
    for person_id, new in entered:
        tell([person_id if len(entered) == 1 else f"{person_id}  {new.name}"])
        if new.proxy_username:
            tell([f"  signs in at the proxy as {new.proxy_username} with the one-time password {new.proxy_password}"])
    tell([HAND_OVER])


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
