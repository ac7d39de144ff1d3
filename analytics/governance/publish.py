"""Publishing: people's decisions become the one file the gateway reads.

Owns what of governance the gateway may know: ids, proxy sign-ins, intervals, devices and permissions; no names.
Promises: a person whose hours name no pattern of the policy stops the publishing, and is named by id, with what is
allowed; otherwise "outside hours" would silently become "not stated". Two that publish at once, in whatever process, do
so one after the other, and the later one's file holds everything decided before it.
"""

import fcntl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import select

from analytics.contracted_hours import london_day
from analytics.governance.audit import SYSTEM, Action
from analytics.governance.database import now_ms
from analytics.governance.governance import Governance
from analytics.governance.models import AuditRow, PersonRow
from analytics.governance.permitted_things import matched_site
from analytics.snapshot import Device, Permission, Person, Snapshot, write_snapshot
from config.calendar_file import read_calendar
from config.errors import ConfigError
from config.policy import SHIPPED, SchoolCalendar, load_policy
from config.settings import Settings
from config.state import StateFolder

_CALENDAR_SOON_DAYS: Final = 90


def publish_snapshot(governance: Governance, policy_version: str, path: Path, *, by: str = SYSTEM) -> Snapshot:
    """Put `policy_version` in force and replace the snapshot at `path`; returns what was written.

    Whoever left and whatever permission ended is left out; whoever was never told has neither `told_ms` nor
    `told_earlier_ms`, so that the gateway records nothing against them.
    """
    governance.notices.put_in_force(policy_version, by=by)
    with _one_at_a_time(path):
        now = now_ms()
        snapshot = Snapshot(
            school=governance.school,
            made_ms=now,
            people=_people(governance, policy_version, now),
            devices=_devices(governance, now),
            permissions=_permissions(governance, now),
            notice_version=policy_version,
        )
        write_snapshot(snapshot, path)
        detail: dict[str, str | int] = {"policy_version": policy_version, "people": len(snapshot.people)}
        governance.audit.record(by, None, Action.SNAPSHOT_PUBLISHED, detail=detail)
    return snapshot


def publish_decisions(governance: Governance, path: Path, *, by: str) -> bool:
    """Hand what was decided to the gateway under the policy already in force; whether there is one.

    A page calls this after each decision. It never puts another policy in force: everybody must be told of one anew.
    """
    version = governance.notices.policy_in_force()
    if version:
        publish_snapshot(governance, version, path, by=by)
    return bool(version)


def published(governance: Governance, since_ms: int) -> tuple[int, ...]:
    """When the gateway was handed a new snapshot, from `since_ms` on, in order."""
    query = (
        select(AuditRow.ts_ms)
        .where(AuditRow.what == str(Action.SNAPSHOT_PUBLISHED), AuditRow.ts_ms >= since_ms)
        .order_by(AuditRow.seq)
    )
    with governance.database.read() as work:
        return tuple(work.scalars(query))


def publish_school(settings: Settings, state: StateFolder) -> str:
    """Publish the school's decisions for the gateway (`fairgate publish`); returns a sentence that says what was.

    Raises:
        ConfigError: the policy or the governance database cannot be used, is another school's, or somebody's hours
            are no pattern of the policy.
    """
    policy = load_policy(settings.policy)
    governance = Governance(state.governance)
    try:
        refuse_unknown_hours(governance, policy.hours)
        if governance.school != settings.school:
            raise ConfigError(f"{state.settings}: school: found {settings.school!r}; allowed: {governance.school!r}.")
        snapshot = publish_snapshot(governance, policy.notice_version, state.snapshot)
    finally:
        governance.close()
    untold = sum(not person.told_ms for person in snapshot.people)
    earlier = sum(person.told_earlier_ms > 0 for person in snapshot.people)
    told = f", {earlier} of them of an earlier one" if earlier else ""
    return (
        f"Published: {len(snapshot.people)} people ({untold} not yet told of this policy{told}), "
        f"{len(snapshot.devices)} devices, {len(snapshot.permissions)} permissions. {_reach(policy.calendar)}"
        + ("" if state.demonstration else _warning(policy.calendar))
    )


def refuse_unknown_hours(governance: Governance, patterns: Collection[str]) -> None:
    """Raise `ConfigError` where somebody still here has a pattern of hours that is none of `patterns`."""
    now, allowed = now_ms(), ", ".join(sorted(patterns))
    faults = [
        f"{person.person_id}: hours: found {person.hours!r}; allowed: {allowed}."
        for person in governance.people.all()
        if person.hours and person.hours not in patterns and (not person.until_ms or person.until_ms > now)
    ]
    if faults:
        faults.append("Put the pattern back into hours.toml, or give these people another. Nothing was published.")
        raise ConfigError("\n".join(faults))


def _reach(calendar: SchoolCalendar) -> str:
    """How far the calendar reaches, so that nobody is surprised when it ends."""
    left = (calendar.last - london_day(now_ms())).days
    if left < 0:
        return (
            f"The calendar ended on {calendar.last}: since then it is not stated who was at work. "
            "Add the terms and bank holidays that are missing."
        )
    soon = " Add the next year's terms and bank holidays." if left < _CALENDAR_SOON_DAYS else ""
    return f"The calendar reaches to {calendar.last}.{soon}"


def _warning(calendar: SchoolCalendar) -> str:
    """A line that says so where the school's own days are still those of our example; bank holidays are everybody's."""
    example = read_calendar(SHIPPED / "calendar.toml")
    if (calendar.terms, calendar.inset, calendar.closures) != (example.terms, example.inset, example.closures):
        return ""
    return (
        "\nWARNING: The calendar is still the example that comes with Fairgate: write your school's own terms, INSET "
        "days and closures into calendar.toml, or hours of work will be told by days that are not yours."
    )


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("a", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _people(governance: Governance, policy_version: str, now: int) -> tuple[Person, ...]:
    notices = governance.notices
    told, last, ever = notices.told(policy_version), notices.last_told(policy_version), notices.first_told()
    with governance.database.read() as work:
        rows = work.scalars(select(PersonRow).order_by(PersonRow.person_id)).all()
    return tuple(
        Person(
            person_id=row.person_id,
            username=row.proxy_username or "",
            password_hash=row.proxy_hash,
            from_ms=row.from_ms,
            until_ms=row.until_ms,
            told_ms=(first := told.get(row.person_id, 0)),
            hours=row.hours,
            told_earlier_ms=0 if first else ever.get(row.person_id, 0),
            reminded_ms=newest if (newest := last.get(row.person_id, 0)) > first else 0,
        )
        for row in rows
        if not row.until_ms or row.until_ms > now
    )


def _devices(governance: Governance, now: int) -> tuple[Device, ...]:
    return tuple(
        Device(
            device_id=device.device_id,
            device_class=device.device_class,
            addresses=device.addresses,
            person_id=device.person_id,
            from_ms=device.from_ms,
            macs=device.macs,
            hostnames=device.hostnames,
            token_hash=device.token_hash,
        )
        for device in governance.devices.all(now)
    )


def _permissions(governance: Governance, now: int) -> tuple[Permission, ...]:
    return tuple(
        Permission(
            permission_id=granted.permission_id,
            person_id=granted.person_id,
            categories=granted.categories,
            hosts=tuple(matched_site(site) for site in granted.hosts),
            windows=granted.windows,
            from_ms=granted.from_ms,
            until_ms=granted.until_ms,
            held_back=granted.held_back,
        )
        for granted in governance.permissions.all()
        if not granted.until_ms or granted.until_ms > now
    )
