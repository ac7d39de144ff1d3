"""The permission register: private use that was permitted, to whom, for what, when, why and by whom.

Owns the permissions table. Promises: only the Headteacher grants, and only the Chair grants to the Headteacher, so
that nobody permits themselves; a permission begins when it is given, or later; it is ended, from now or later on, and
never deleted or rewritten, so history keeps what held then; rows from before sites were read mean what they meant.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from analytics.governance.audit import Action, Audit
from analytics.governance.confirmations import held_back
from analytics.governance.database import Database, now_ms
from analytics.governance.models import PermissionRow
from analytics.governance.permission_decider import act_of, plain_reason, refuse_other_decider
from analytics.governance.permission_rows import Granted, for_person, granted_of, write_permission
from analytics.governance.permission_terms import read_said_earlier, read_terms
from analytics.governance.roles import Viewer
from analytics.snapshot import Window
from config.errors import FairgateError
from config.policy import Policy

__all__ = ["Granted", "Permissions"]


class Permissions:
    """The permissions of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def grant(
        self,
        by: Viewer,
        person_id: str | None,
        *,
        policy: Policy,
        reason: str,
        categories: Sequence[str] = (),
        hosts: Sequence[str] = (),
        windows: Sequence[Window] = (),
        from_ms: int | None = None,
        until_ms: int = 0,
        said_earlier: date | None = None,
        now: int | None = None,
    ) -> str:
        """Permit `person_id` (None: everybody) these categories and sites in these windows; returns its id.

        `said_earlier` notes a day on which it had been agreed by word of mouth. `now` is for the demonstration alone,
        whose history is invented; the audit log keeps the true time.

        Raises:
            FairgateError: the terms cannot be permitted, no reason is given, or there is no such person.
            AccessDenied: it is not theirs to grant.
        """
        when = now_ms() if now is None else now
        terms = read_terms(
            policy, when, categories=categories, hosts=hosts, windows=windows, from_ms=from_ms, until_ms=until_ms
        )
        noted = read_said_earlier(said_earlier, when)
        with self._database.write() as work:
            refuse_other_decider(work, by, person_id)
            return write_permission(work, self._audit, by, person_id, terms, reason=reason, now=when, noted=noted)

    def end(self, by: Viewer, permission_id: str, reason: str, until_ms: int | None = None) -> None:
        """It holds until `until_ms` (now where not given) and no longer.

        Raises:
            FairgateError: there is no such permission, it ended before, no reason is given, or `until_ms` is past.
            AccessDenied: it is not theirs to end.
        """
        now = now_ms()
        until, why = now if until_ms is None else until_ms, plain_reason(reason, "Write why it is ended.")
        if until < now:
            raise FairgateError("A permission ends now or later: what it covered until now stays permitted.")
        with self._database.write() as work:
            row = work.get(PermissionRow, permission_id)
            if row is None or (row.until_ms and row.until_ms <= until):
                raise FairgateError("There is no such permission, or it has ended already. Look it up in the register.")
            refuse_other_decider(work, by, row.person_id)
            row.until_ms = max(until, row.from_ms + 1)
            row.ended_by, row.ended_why = by.account_id, why
            detail: dict[str, str | int] = {"permission_id": permission_id, "until_ms": row.until_ms}
            self._audit.append(work, act_of(by, Action.PERMISSION_ENDED, row.person_id, why, detail))

    def all(self) -> tuple[Granted, ...]:
        """Every permission ever granted, oldest first."""
        now = now_ms()
        with self._database.read() as work:
            query = select(PermissionRow).order_by(PermissionRow.granted_ms, PermissionRow.permission_id)
            return tuple(granted_of(row, held_back(work, row, now)) for row in work.scalars(query).all())

    def of(self, person_id: str) -> tuple[Granted, ...]:
        """Every permission that covers, covered or will cover this person, from when it covers them on."""
        found = (for_person(granted, person_id) for granted in self.all())
        return tuple(granted for granted in found if granted is not None)
