"""The permission register: private use that was permitted, to whom, for what, when, why and by whom.

Owns the permissions table. Promises: only the Headteacher grants, and only the Chair grants to the Headteacher, so
that nobody permits themselves; a permission is ended, never deleted or rewritten, so history keeps what held then.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select

from analytics.governance.audit import Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.holdings import refuse_without_role, role_people
from analytics.governance.ids import new_id
from analytics.governance.models import PermissionRow, PersonRow
from analytics.governance.roles import Role, Viewer
from analytics.snapshot import Window
from config.errors import AccessDenied, FairgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """One permission as it stands in the register. `person_id` None: everybody; `until_ms` 0: until further notice."""

    permission_id: str
    person_id: str | None
    categories: tuple[str, ...]
    hosts: tuple[str, ...]
    windows: tuple[Window, ...]
    reason: str
    granted_by: str
    granted_ms: int
    from_ms: int
    until_ms: int


class Permissions:
    """The permissions of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def grant(
        self,
        by: Viewer,
        person_id: str | None,
        *,
        reason: str,
        categories: Sequence[str] = (),
        hosts: Sequence[str] = (),
        windows: Sequence[Window] = (),
        from_ms: int | None = None,
        until_ms: int = 0,
    ) -> str:
        """Permit `person_id` (None: everybody) these categories and hosts in these windows; returns its id.

        Raises:
            FairgateError: nothing is permitted, no reason is given, or it ends before it begins.
            AccessDenied: it is not theirs to grant.
        """
        now = now_ms()
        row = PermissionRow(
            permission_id=new_id("m"),
            person_id=person_id,
            categories=sorted(categories),
            hosts=sorted(host.casefold() for host in hosts),
            windows=[asdict(window) for window in windows],
            reason=" ".join(reason.split()),
            granted_by=by.account_id,
            granted_ms=now,
            from_ms=now if from_ms is None else from_ms,
            until_ms=until_ms,
        )
        _check(row, windows)
        with self._database.write() as work:
            _refuse_other_granter(work, by, person_id, now)
            work.add(row)
            detail: dict[str, str | int] = {
                "permission_id": row.permission_id,
                "from_ms": row.from_ms,
                "until_ms": row.until_ms,
            }
            act = Act(
                what=Action.PERMISSION_GRANTED,
                who=by.account_id,
                role=by.role,
                session=by.session_id,
                whom=person_id or "",
                why=row.reason,
                detail=detail,
            )
            self._audit.append(work, act)
        return row.permission_id

    def end(self, by: Viewer, permission_id: str, reason: str, until_ms: int | None = None) -> None:
        """It holds until `until_ms` (now where not given) and no longer.

        Raises:
            FairgateError: there is no such permission, or it ended before.
            AccessDenied: it is not theirs to end.
        """
        now = now_ms()
        until = now if until_ms is None else until_ms
        with self._database.write() as work:
            row = work.get(PermissionRow, permission_id)
            if row is None or (row.until_ms and row.until_ms <= until):
                raise FairgateError("There is no such permission, or it has ended already. Look it up in the register.")
            _refuse_other_granter(work, by, row.person_id, now)
            row.until_ms = max(until, row.from_ms + 1)
            act = Act(
                what=Action.PERMISSION_ENDED,
                who=by.account_id,
                role=by.role,
                session=by.session_id,
                whom=row.person_id or "",
                why=reason,
                detail={"permission_id": permission_id, "until_ms": row.until_ms},
            )
            self._audit.append(work, act)

    def all(self) -> tuple[Granted, ...]:
        """Every permission ever granted, oldest first."""
        with self._database.read() as work:
            query = select(PermissionRow).order_by(PermissionRow.granted_ms, PermissionRow.permission_id)
            return tuple(_granted(row) for row in work.scalars(query))


def _check(row: PermissionRow, windows: Sequence[Window]) -> None:
    if not row.categories and not row.hosts:
        raise FairgateError("A permission names at least one category or web site.")
    if not row.reason:
        raise FairgateError("A permission needs a reason. Write why it is given.")
    if row.until_ms and row.until_ms <= row.from_ms:
        raise FairgateError("The permission would end before it begins. Mend its dates.")
    if any(not (0 <= w.weekday <= 6 and 0 <= w.start < w.end <= 1440) for w in windows):
        raise FairgateError("A weekly window runs within one day: weekday 0 to 6, from before until, at most 24:00.")


def _refuse_other_granter(work: Work, by: Viewer, person_id: str | None, now: int) -> None:
    if person_id is not None and work.get(PersonRow, person_id) is None:
        raise FairgateError(f"There is no person {person_id}. Enter them first.")
    of_head = person_id is not None and person_id in role_people(work, Role.HEADTEACHER, now)
    needed = Role.CHAIR if of_head else Role.HEADTEACHER
    refuse_without_role(work, by.account_id, by.role, now)
    if by.role != needed:
        raise AccessDenied(f"This permission is the {needed.label}'s to give. Ask them.")


def _granted(row: PermissionRow) -> Granted:
    return Granted(
        permission_id=row.permission_id,
        person_id=row.person_id,
        categories=tuple(row.categories),
        hosts=tuple(row.hosts),
        windows=tuple(Window(**window) for window in row.windows),
        reason=row.reason,
        granted_by=row.granted_by,
        granted_ms=row.granted_ms,
        from_ms=row.from_ms,
        until_ms=row.until_ms,
    )
