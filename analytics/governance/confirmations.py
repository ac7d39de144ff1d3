"""The Chair's confirmation: whether a permission for everybody covers the Headteacher too.

Owns the confirmations table and the rule. Nobody permits themselves, so a permission for everybody covers neither
whoever is Headteacher nor whoever gave it, until the Chair has confirmed it for that person; it then covers them from
the moment of the confirmation on, and never before. Promises: one answer for each permission and person, kept with
its reason and in the audit log; who was held back and from when is what the gateway is told.
"""

from dataclasses import dataclass

from sqlalchemy import select

from analytics.governance.audit import Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.holdings import refuse_without_role, role_people
from analytics.governance.models import AccountRow, ConfirmationRow, PermissionRow
from analytics.governance.permission_decider import act_of, plain_reason
from analytics.governance.roles import Role, Viewer
from analytics.snapshot import HeldBack
from config.errors import AccessDenied, FairgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """An answer of the Chair's. `confirmed` False: the permission does not cover this person."""

    permission_id: str
    person_id: str
    confirmed: bool
    why: str
    decided_by: str
    decided_ms: int


class Confirmations:
    """The confirmations of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def decide(self, by: Viewer, permission_id: str, person_id: str, confirmed: bool, reason: str) -> None:
        """Say whether the permission for everybody covers this person too, and why.

        Raises:
            FairgateError: nothing of the kind is waiting for an answer, or no reason is given.
            AccessDenied: it is not theirs to say.
        """
        now, why = now_ms(), plain_reason(reason, "Write why, in a sentence.")
        with self._database.write() as work:
            _refuse_other(work, by, person_id, now)
            if person_id not in _waiting(work, permission_id, now):
                raise FairgateError("There is nothing to confirm here, or it was answered already.")
            work.add(_row(by, permission_id, person_id, confirmed, why, now))
            what = Action.PERMISSION_CONFIRMED if confirmed else Action.PERMISSION_NOT_CONFIRMED
            self._audit.append(work, act_of(by, what, person_id, why, {"permission_id": permission_id}))

    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Permission and person, of all that still want an answer and have not ended; the oldest first."""
        now = now_ms()
        query = select(PermissionRow.permission_id).order_by(PermissionRow.granted_ms, PermissionRow.permission_id)
        with self._database.read() as work:
            ids = work.scalars(query).all()
            return tuple((each, person) for each in ids for person in sorted(_waiting(work, each, now)))

    def all(self) -> tuple[Confirmation, ...]:
        """Every answer, oldest first."""
        with self._database.read() as work:
            query = select(ConfirmationRow).order_by(ConfirmationRow.decided_ms, ConfirmationRow.permission_id)
            return tuple(_confirmation(row) for row in work.scalars(query))


def held_back(work: Work, row: PermissionRow, now: int) -> tuple[HeldBack, ...]:
    """Whom this permission does not cover as it covers everybody, and from when it does; 0: not yet."""
    if row.person_id is not None:
        return ()
    answers = select(ConfirmationRow).where(ConfirmationRow.permission_id == row.permission_id)
    since = {each.person_id: each.decided_ms for each in work.scalars(answers) if each.confirmed}
    return tuple(
        HeldBack(person_id=person, from_ms=since.get(person, 0)) for person in sorted(_not_own(work, row, now))
    )


def _not_own(work: Work, row: PermissionRow, now: int) -> frozenset[str]:
    giver = work.get(AccountRow, row.granted_by)
    own = frozenset((giver.person_id,)) if giver is not None and giver.person_id else frozenset[str]()
    return own | role_people(work, Role.HEADTEACHER, now)


def _waiting(work: Work, permission_id: str, now: int) -> frozenset[str]:
    row = work.get(PermissionRow, permission_id)
    if row is None or row.person_id is not None or (row.until_ms and row.until_ms <= now):
        return frozenset()
    answered = select(ConfirmationRow.person_id).where(ConfirmationRow.permission_id == permission_id)
    return _not_own(work, row, now) - set(work.scalars(answered))


def _refuse_other(work: Work, by: Viewer, person_id: str, now: int) -> None:
    refuse_without_role(work, by.account_id, by.role, now)
    if by.role is not Role.CHAIR:
        raise AccessDenied(f"This is the {Role.CHAIR.label}'s to confirm. Ask them.")
    if by.person_id == person_id:
        raise AccessDenied("Nobody decides what they themselves are permitted. Somebody else must.")


def _row(by: Viewer, permission_id: str, person_id: str, confirmed: bool, why: str, now: int) -> ConfirmationRow:
    return ConfirmationRow(
        permission_id=permission_id,
        person_id=person_id,
        confirmed=confirmed,
        why=why,
        decided_by=by.account_id,
        decided_ms=now,
    )


def _confirmation(row: ConfirmationRow) -> Confirmation:
    return Confirmation(
        permission_id=row.permission_id,
        person_id=row.person_id,
        confirmed=row.confirmed,
        why=row.why,
        decided_by=row.decided_by,
        decided_ms=row.decided_ms,
    )
