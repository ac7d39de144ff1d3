"""People whom the policy covers: staff, volunteers, governors, contractors.

Owns the people table. Promises: a pupil or guest has no type to be entered under; ids are opaque and never reused;
nobody is deleted here (retention does that): leaving ends their interval; a change of hours holds from the moment it is
made and never rewrites what was before.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row, select

from analytics.governance.audit import SYSTEM, Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.ids import new_id
from analytics.governance.models import AuditRow, PersonRow
from analytics.governance.passwords import Passwords
from analytics.governance.roles import PersonType
from config.errors import FairgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """A person as the pages and reports know them. `until_ms` 0: still here."""

    person_id: str
    name: str
    person_type: PersonType
    from_ms: int
    until_ms: int
    hours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody to be entered. `hours` names a pattern in hours.toml; a proxy username needs a password."""

    name: str
    person_type: PersonType
    hours: str = ""
    proxy_username: str | None = None
    proxy_password: str | None = None


class People:
    """The people of one school."""

    def __init__(self, database: Database, audit: Audit, passwords: Passwords) -> None:
        self._database, self._audit, self._passwords = database, audit, passwords

    def add(
        self,
        name: str,
        person_type: PersonType = PersonType.TEACHER,
        *,
        hours: str = "",
        from_ms: int | None = None,
        until_ms: int = 0,
        proxy_username: str | None = None,
        proxy_password: str | None = None,
        person_id: str | None = None,
        by: str = SYSTEM,
    ) -> str:
        """Enter somebody and return their id. `hours` names a pattern in hours.toml.

        Raises:
            FairgateError: no name, a proxy username without a password or already taken.
        """
        row = PersonRow(
            person_id=person_id or new_id("p"),
            name=plain_name(name),
            person_type=str(PersonType(person_type)),
            from_ms=now_ms() if from_ms is None else from_ms,
            until_ms=until_ms,
            hours=hours,
            proxy_username=folded_username(proxy_username),
            proxy_hash=self._proxy_hash(proxy_username, proxy_password),
        )
        with self._database.write() as work:
            _refuse_taken(work, row.proxy_username)
            work.add(row)
            self._audit.append(work, Act(what=Action.PERSON_ADDED, who=by, whom=row.person_id))
        return row.person_id

    def add_all(self, newcomers: Sequence[Newcomer], *, same_name: bool = False, by: str = SYSTEM) -> tuple[str, ...]:
        """Enter everybody, or nobody; their ids, in the order given.

        Raises:
            FairgateError: as `add`; or, unless `same_name`, somebody still here has the name of a newcomer.
        """
        now = now_ms()
        rows = [self._newcomer(newcomer, now) for newcomer in newcomers]
        with self._database.write() as work:
            if not same_name:
                _refuse_here(work, [row.name for row in rows], now)
            for row in rows:
                _refuse_taken(work, row.proxy_username)
                work.add(row)
                work.flush()
                self._audit.append(work, Act(what=Action.PERSON_ADDED, who=by, whom=row.person_id))
        return tuple(row.person_id for row in rows)

    def leave(self, person_id: str, until_ms: int, by: str = SYSTEM) -> None:
        """They leave at `until_ms`; nothing is recorded against them from then on.

        Raises:
            FairgateError: there is no such person.
        """
        with self._database.write() as work:
            _row(work, person_id).until_ms = until_ms
            self._audit.append(
                work, Act(what=Action.PERSON_LEFT, who=by, whom=person_id, detail={"until_ms": until_ms})
            )

    def set_hours(self, person_id: str, hours: str, patterns: Collection[str], by: str = SYSTEM) -> None:
        """From now on their hours are those of the pattern `hours`, one of the policy's `patterns`; "" states none.

        The gateway follows when it is next published. What was recorded keeps the hours it was recorded with, and
        `hours_at` still tells what held when.

        Raises:
            FairgateError: there is no such person, or no such pattern.
        """
        if hours and hours not in patterns:
            raise FairgateError(f"{hours!r} is no pattern of hours.toml. Choose one of {', '.join(sorted(patterns))}.")
        with self._database.write() as work:
            row = _row(work, person_id)
            detail: dict[str, str | int] = {"before": row.hours, "after": hours}
            row.hours = hours
            self._audit.append(work, Act(what=Action.HOURS_CHANGED, who=by, whom=person_id, detail=detail))

    def hours_at(self, person_id: str, ts_ms: int) -> str:
        """The pattern that held for them at `ts_ms` (UTC milliseconds); "" where none did, or there is no such person.

        The audit log, which cannot be altered, is the record of what their hours were before.
        """
        later = (
            select(AuditRow.entry)
            .where(AuditRow.whom == person_id, AuditRow.what == Action.HOURS_CHANGED, AuditRow.ts_ms > ts_ms)
            .order_by(AuditRow.seq)
            .limit(1)
        )
        with self._database.read() as work:
            if entry := work.scalars(later).first():
                return str(json.loads(entry)["detail"]["before"])
            row = work.get(PersonRow, person_id)
            return row.hours if row else ""

    def set_proxy_password(self, person_id: str, username: str, password: str, by: str = SYSTEM) -> None:
        """Let them sign in at the proxy.

        Raises:
            FairgateError: no such person, the username is taken, or the password is too short.
        """
        hashed = self._passwords.hash(password)
        with self._database.write() as work:
            row = _row(work, person_id)
            if row.proxy_username != folded_username(username):
                _refuse_taken(work, folded_username(username))
            row.proxy_username, row.proxy_hash = folded_username(username), hashed
            self._audit.append(work, Act(what=Action.PROXY_PASSWORD_SET, who=by, whom=person_id))

    def all(self) -> tuple[StaffMember, ...]:
        """Everybody ever entered, by name."""
        with self._database.read() as work:
            return everybody(work)

    def get(self, person_id: str) -> StaffMember | None:
        """The person with this id, if there is one."""
        with self._database.read() as work:
            row = work.get(PersonRow, person_id)
            return _member(row) if row else None

    def _newcomer(self, newcomer: Newcomer, now: int) -> PersonRow:
        return PersonRow(
            person_id=new_id("p"),
            name=plain_name(newcomer.name),
            person_type=str(PersonType(newcomer.person_type)),
            from_ms=now,
            until_ms=0,
            hours=newcomer.hours,
            proxy_username=folded_username(newcomer.proxy_username),
            proxy_hash=self._proxy_hash(newcomer.proxy_username, newcomer.proxy_password),
        )

    def _proxy_hash(self, username: str | None, password: str | None) -> str:
        if bool(username) != bool(password):
            raise FairgateError("Proxy sign-in needs both a username and a password. Give both, or neither.")
        return self._passwords.hash(password) if password else ""


def everybody(work: Work) -> tuple[StaffMember, ...]:
    """Everybody ever entered, by name."""
    columns = (getattr(PersonRow, field.name) for field in fields(StaffMember))
    rows = work.execute(select(*columns).order_by(PersonRow.name, PersonRow.person_id))
    return tuple(_member(row) for row in rows)


def plain_name(name: str) -> str:
    """The name with single spaces.

    Raises:
        FairgateError: it is empty, too long, or cannot be printed.
    """
    plain = " ".join(name.split())
    if not plain or len(plain) > 120 or not plain.isprintable():
        raise FairgateError("A person needs a name of 1 to 120 printable characters.")
    return plain


def folded_username(username: str | None) -> str | None:
    """The proxy username as it is stored, in small letters; None where there is none.

    Raises:
        FairgateError: nobody could sign in with it, since a sign-in sends "username:password".
    """
    if not username:
        return None
    plain = username.strip().casefold()
    if not plain or len(plain) > 64 or not plain.isprintable() or any(sign in ": " for sign in plain):
        raise FairgateError(
            f"{username!r} cannot be a proxy username. Use 1 to 64 printable characters, no colon or space."
        )
    return plain


def _refuse_taken(work: Work, username: str | None) -> None:
    if username and work.scalars(select(PersonRow.person_id).where(PersonRow.proxy_username == username)).first():
        raise FairgateError(f"The proxy username {username!r} is somebody else's. Choose another.")


def _refuse_here(work: Work, names: Sequence[str], now: int) -> None:
    seen = {person.name for person in everybody(work) if not person.until_ms or person.until_ms > now}
    for name in names:
        if name in seen:
            raise FairgateError(
                f"{name} is in the register already. Nobody was entered. For another person of that name, "
                "say --allow-same-name."
            )
        seen.add(name)


def _row(work: Work, person_id: str) -> PersonRow:
    row = work.get(PersonRow, person_id)
    if row is None:
        raise FairgateError(f"There is no person {person_id}. Look the id up in the register of people.")
    return row


def _member(row: PersonRow | Row[Any]) -> StaffMember:
    return StaffMember(
        person_id=row.person_id,
        name=row.name,
        person_type=PersonType(row.person_type),
        from_ms=row.from_ms,
        until_ms=row.until_ms,
        hours=row.hours,
    )
