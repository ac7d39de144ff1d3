"""Who holds which role, from when to when, and who may not hold two.

Owns the holdings table and the separation of duties. Promises, whoever asks and in whatever order:
- Headteacher, Chair and Technician are three different people: by account, and by person where accounts are linked;
  Vice-chair and Chair are two; whoever is Headteacher or Chair has no Staff view of their own, since their own data
  is for another to read;
- there is one Headteacher, one Chair and one Vice-chair at a time;
- Headteacher, Chair and Vice-chair are linked to a person, so that their own data can be kept from them: the policy
  covers governors too.
"""

from itertools import combinations
from typing import Final

from sqlalchemy import or_, select

from analytics.governance.audit import SYSTEM, Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.ids import new_id
from analytics.governance.models import AccountRow, HoldingRow
from analytics.governance.roles import Role
from analytics.governance.session_rows import end_sessions
from config.errors import AccessDenied, FairgateError

APART: Final = frozenset(
    frozenset(pair)
    for pair in (
        *combinations((Role.HEADTEACHER, Role.CHAIR, Role.TECHNICIAN), 2),
        (Role.CHAIR, Role.VICE_CHAIR),
        (Role.HEADTEACHER, Role.VICE_CHAIR),
        (Role.HEADTEACHER, Role.STAFF),
        (Role.CHAIR, Role.STAFF),
        (Role.HEADTEACHER, Role.AUDITOR),
        (Role.TECHNICIAN, Role.AUDITOR),
    )
)
"""Pairs of roles that one person may not hold at the same time."""
_SINGLE: Final = frozenset((Role.HEADTEACHER, Role.CHAIR, Role.VICE_CHAIR))


class Holdings:
    """The role holdings of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def grant(self, account_id: str, role: Role, *, from_ms: int | None = None, by: str = SYSTEM) -> None:
        """They hold `role` from `from_ms` (now where not given) until it is ended. Their sessions end.

        Raises:
            FairgateError: no such account, the role is held, or one person may not hold both.
        """
        now = now_ms()
        start = now if from_ms is None else from_ms
        with self._database.write() as work:
            account = _open_account(work, account_id)
            _refuse_clash(work, account, role, start)
            row = HoldingRow(holding_id=new_id("h"), account_id=account_id, role=str(role), from_ms=start, until_ms=0)
            work.add(row)
            act = Act(what=Action.ROLE_GRANTED, who=by, whom=account_id, detail={"role": str(role), "from_ms": start})
            self._audit.append(work, act)
            end_sessions(work, account_id, "role changed", now)

    def end(self, account_id: str, role: Role, *, by: str = SYSTEM) -> None:
        """They no longer hold `role`; their sessions end at once.

        Raises:
            FairgateError: they do not hold it.
        """
        now = now_ms()
        with self._database.write() as work:
            rows = [row for row in _open_or_coming(work, now) if row.account_id == account_id and row.role == role]
            if not rows:
                raise FairgateError(f"This account does not hold the role {role.label}. There is nothing to end.")
            for row in rows:
                row.until_ms = max(now, row.from_ms + 1)
            self._audit.append(work, Act(what=Action.ROLE_ENDED, who=by, whom=account_id, detail={"role": str(role)}))
            end_sessions(work, account_id, "role changed", now)

    def roles(self, account_id: str, at_ms: int | None = None) -> tuple[Role, ...]:
        """The roles they hold, first the one they act in where they choose none."""
        with self._database.read() as work:
            return held_roles(work, account_id, now_ms() if at_ms is None else at_ms)

    def accounts(self, role: Role, at_ms: int | None = None) -> tuple[str, ...]:
        """The accounts that hold `role`."""
        with self._database.read() as work:
            rows = _held(work, now_ms() if at_ms is None else at_ms)
            return tuple(sorted(row.account_id for row in rows if row.role == role))

    def people(self, role: Role, at_ms: int | None = None) -> frozenset[str]:
        """The people who hold `role`, as far as their accounts are linked to a person."""
        with self._database.read() as work:
            return role_people(work, role, now_ms() if at_ms is None else at_ms)


def held_roles(work: Work, account_id: str, at_ms: int) -> tuple[Role, ...]:
    """The roles the account holds at `at_ms`, in the order of `Role`; none where it is closed."""
    open_then = or_(HoldingRow.until_ms == 0, HoldingRow.until_ms > at_ms)
    query = (
        select(HoldingRow.role)
        .join(AccountRow, AccountRow.account_id == HoldingRow.account_id)
        .where(AccountRow.account_id == account_id, AccountRow.active, HoldingRow.from_ms <= at_ms, open_then)
    )
    held = set(work.scalars(query))
    return tuple(role for role in Role if role in held)


def role_people(work: Work, role: Role, at_ms: int) -> frozenset[str]:
    """The people linked to the accounts that hold `role` at `at_ms`."""
    open_then = or_(HoldingRow.until_ms == 0, HoldingRow.until_ms > at_ms)
    query = (
        select(AccountRow.person_id)
        .join(HoldingRow, AccountRow.account_id == HoldingRow.account_id)
        .where(HoldingRow.role == str(role), HoldingRow.from_ms <= at_ms, open_then)
    )
    return frozenset(person_id for person_id in work.scalars(query) if person_id)


def refuse_without_role(work: Work, account_id: str, role: Role, at_ms: int) -> None:
    """Raises `AccessDenied` unless the account holds `role` now: a viewer may have been made before a hand-over."""
    if role not in held_roles(work, account_id, at_ms):
        raise AccessDenied(f"You no longer act as {role.label}. Sign in again.")


def _held(work: Work, at_ms: int) -> list[HoldingRow]:
    open_then = or_(HoldingRow.until_ms == 0, HoldingRow.until_ms > at_ms)
    return list(work.scalars(select(HoldingRow).where(HoldingRow.from_ms <= at_ms, open_then)))


def _open_or_coming(work: Work, from_ms: int) -> list[HoldingRow]:
    return list(work.scalars(select(HoldingRow).where(or_(HoldingRow.until_ms == 0, HoldingRow.until_ms > from_ms))))


def _open_account(work: Work, account_id: str) -> AccountRow:
    account = work.get(AccountRow, account_id)
    if account is None or not account.active:
        raise FairgateError(f"There is no open account {account_id}. Open one first.")
    return account


def _refuse_clash(work: Work, account: AccountRow, role: Role, start: int) -> None:
    if role in _SINGLE and account.person_id is None:
        raise FairgateError(f"The {role.label}'s account must name a person, so that their own data is kept from them.")
    rows = _open_or_coming(work, start)
    if role in _SINGLE and any(row.role == role for row in rows):
        raise FairgateError(f"There is a {role.label} already. End their holding first.")
    same = _same_person(work, account)
    for row in rows:
        if row.account_id in same and frozenset((role, Role(row.role))) in APART:
            raise FairgateError(f"{role.label} and {Role(row.role).label} must be different people. Name another.")


def _same_person(work: Work, account: AccountRow) -> frozenset[str]:
    query = select(AccountRow.account_id).where(AccountRow.person_id == account.person_id)
    linked = work.scalars(query).all() if account.person_id else ()
    return frozenset((account.account_id, *linked))
