"""Entering a school at the command line: its people, and that they were told.

Owns what the commands do; their words and arguments are in analytics.governance.commands. Promises: everything is
checked before anything is written, and one command is one transaction, so that nothing is half-written; every entry is
in the audit log under the operating system's account; a day counts from its end, so that nothing which somebody did
before they were told, or on their last day, is turned against them or lost.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from analytics.contracted_hours import LONDON, london_day
from analytics.governance.database import now_ms
from analytics.governance.governance import Governance
from analytics.governance.operating_account import at_command_line
from analytics.governance.passwords import one_time_password
from analytics.governance.people import Newcomer, StaffMember
from analytics.governance.roles import Told
from analytics.governance.told_file import ToldRow
from config.errors import ConfigError, FairgateError
from config.policy import Policy, load_policy
from config.settings import load_settings
from config.state import StateFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSchool:
    """A school to be entered: its policy, and the database of what its people decided."""

    policy: Policy
    governance: Governance
    by: str
    """Who acts, as the audit log has it."""


@contextmanager
def opened_school(state: Path) -> Iterator[OpenedSchool]:
    """The school in the folder `state`, until the block ends.

    Raises:
        ConfigError: no school is there, its policy cannot be used, or the database is another school's.
    """
    folder = StateFolder(state)
    if not folder.settings.exists():
        raise ConfigError(f"There is no school in {state}. Set it up with fairgate init, or name its folder: --state.")
    settings = load_settings(folder.settings)
    policy = load_policy(settings.policy)
    governance = Governance(folder.prepare().governance)
    try:
        if governance.school != settings.school:
            raise ConfigError(f"{folder.settings}: school: found {settings.school!r}; allowed: {governance.school!r}.")
        yield OpenedSchool(policy=policy, governance=governance, by=at_command_line())
    finally:
        governance.close()


def enter_people(
    school: OpenedSchool, newcomers: Sequence[Newcomer], *, same_name: bool = False
) -> list[tuple[str, Newcomer]]:
    """Enter everybody, or nobody. Their ids, and what was entered: the proxy passwords are known only here.

    Raises:
        FairgateError: hours are no pattern of the policy, a name is there already, a proxy username is taken.
    """
    for newcomer in newcomers:
        refuse_hours(newcomer.hours, school.policy.hours)
    ready = [replace(new, proxy_password=one_time_password() if new.proxy_username else None) for new in newcomers]
    ids = school.governance.people.add_all(ready, same_name=same_name, by=school.by)
    return list(zip(ids, ready, strict=True))


def refuse_hours(hours: str, patterns: Collection[str]) -> None:
    """Raise `FairgateError` where `hours` is stated and is no pattern of the policy."""
    if hours and hours not in patterns:
        raise FairgateError(f"hours: found {hours!r}; allowed: {', '.join(sorted(patterns))}.")


def leave(school: OpenedSchool, person_id: str, last_day: date | None) -> int:
    """They leave at the end of `last_day` (now where not given). When, in UTC ms.

    Raises:
        FairgateError: there is no such person, they left already, or came after that day.
    """
    person = school.governance.people.get(person_id)
    if person is None:
        raise FairgateError(f"There is no person {person_id}. Look the id up with: fairgate people list.")
    if person.until_ms and person.until_ms <= now_ms():
        raise FairgateError(f"{person.name} left already: {last_day_text(person.until_ms)} was the last day.")
    until = _end_of(last_day) if last_day else now_ms()
    if until < person.from_ms:
        raise FairgateError(f"{person.name} was entered after {last_day}, on {london_day(person.from_ms)}. Mend --on.")
    school.governance.people.leave(person_id, until, by=school.by)
    return until


def tell(school: OpenedSchool, person_ids: Sequence[str], how: Told, on: date | None) -> int:
    """Record that these people were told of the notice that the policy has, as `fairgate publish` puts it in force.

    The day `on` counts from its end, today from now. How many were recorded.

    Raises:
        FairgateError: the day has not come, or an id is nobody's: then nothing is recorded of anybody.
    """
    today = london_day(now_ms())
    if on and on > today:
        raise FairgateError(f"--on: found {on}, which has not come; allowed: today, {today}, or before.")
    told_ms = now_ms() if on is None else told_moment(on)
    version, notices = school.policy.notice_version, school.governance.notices
    different = tuple(dict.fromkeys(person_ids))
    notices.record_all_told(different, version, how, told_ms=told_ms, by=school.by)
    return len(different)


def tell_rows(school: OpenedSchool, rows: Sequence[ToldRow]) -> int:
    """Record a list of who was told, as `tell` does of one day. How many were recorded."""
    entries = [(row.person_id, row.how, told_moment(row.day)) for row in rows]
    school.governance.notices.record_list(entries, school.policy.notice_version, by=school.by)
    return len(entries)


def staff_now(school: OpenedSchool) -> list[StaffMember]:
    """Everybody who has not left."""
    now = now_ms()
    return [person for person in school.governance.people.all() if not person.until_ms or person.until_ms > now]


def told_moment(day: date) -> int:
    """UTC ms from which somebody counts as told who was told on this London day: its end, or now where it is today."""
    return now_ms() if day >= london_day(now_ms()) else _end_of(day)


def untold(school: OpenedSchool) -> list[str]:
    """The ids of everybody here who was not yet told of the policy's notice."""
    told = school.governance.notices.told(school.policy.notice_version)
    now = now_ms()
    return [
        person.person_id
        for person in school.governance.people.all()
        if person.person_id not in told and (not person.until_ms or person.until_ms > now)
    ]


def people_rows(school: OpenedSchool) -> list[tuple[str, ...]]:
    """Everybody: id, name, type, hours, told when or "not yet told", here until."""
    told = school.governance.notices.told(school.policy.notice_version)
    return [_person_row(person, told) for person in school.governance.people.all()]


def device_rows(school: OpenedSchool) -> list[tuple[str, ...]]:
    """Every device: id, class, addresses, hardware addresses, names, label, whose it is now."""
    names = {person.person_id: person.name for person in school.governance.people.all()}
    return [
        (
            device.device_id,
            str(device.device_class),
            ", ".join(device.addresses) or "-",
            ", ".join(device.macs) or "-",
            ", ".join(device.hostnames) or "-",
            device.label or "-",
            f"{names[device.person_id]} ({device.person_id})" if device.person_id else "nobody",
        )
        for device in school.governance.devices.all()
    ]


def last_day_text(until_ms: int) -> str:
    """The London day that somebody who is here until then is last here; "" where no end is known."""
    return str(london_day(until_ms - 1)) if until_ms else ""


def _person_row(person: StaffMember, told: dict[str, int]) -> tuple[str, ...]:
    when = told.get(person.person_id)
    return (
        person.person_id,
        person.name,
        str(person.person_type),
        person.hours or "not stated",
        str(london_day(when - 1)) if when else "not yet told",
        last_day_text(person.until_ms) or "-",
    )


def _end_of(day: date) -> int:
    """UTC ms of the end of a London day."""
    return int(datetime.combine(day + timedelta(days=1), time(), LONDON).timestamp()) * 1000
