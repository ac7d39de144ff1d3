"""Accounts: the people who may sign in to look.

Owns the accounts table. Promises: usernames are unique whatever their case; a closed account or a changed password
ends every session of that account; whose monitored person an account is, is fixed when it is opened.
"""

from dataclasses import dataclass

from sqlalchemy import select

from analytics.governance.audit import SYSTEM, Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.ids import new_id
from analytics.governance.models import AccountRow, PersonRow
from analytics.governance.passwords import Passwords
from analytics.governance.session_rows import end_sessions
from config.errors import AccessDenied, FairgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account without its password."""

    account_id: str
    username: str
    name: str
    person_id: str | None
    must_change: bool
    active: bool


class Accounts:
    """The accounts of one school."""

    def __init__(self, database: Database, audit: Audit, passwords: Passwords) -> None:
        self._database, self._audit, self._passwords = database, audit, passwords

    def add(
        self,
        username: str,
        name: str,
        password: str,
        *,
        person_id: str | None = None,
        must_change: bool = False,
        by: str = SYSTEM,
    ) -> str:
        """Open an account and return its id; `must_change` marks a one-time password.

        Raises:
            FairgateError: the username is taken or empty, the password too short, or there is no such person.
        """
        folded = username.strip().casefold()
        if not folded or len(folded) > 64 or not folded.isprintable():
            raise FairgateError("A username has 1 to 64 printable characters.")
        row = AccountRow(
            account_id=new_id("a"),
            username=folded,
            name=name.strip() or folded,
            password_hash=self._passwords.hash(password),
            must_change=must_change,
            person_id=person_id,
            active=True,
        )
        with self._database.write() as work:
            _refuse_taken(work, row)
            work.add(row)
            self._audit.append(work, Act(what=Action.ACCOUNT_ADDED, who=by, whom=row.account_id))
        return row.account_id

    def change_password(self, account_id: str, old: str, new: str) -> None:
        """The account's holder changes their password; their sessions end.

        Raises:
            AccessDenied: `old` is not the password.
            FairgateError: `new` is too short, too long, or the old one again.
        """
        with self._database.read() as work:
            row = work.get(AccountRow, account_id)
        if not self._passwords.matches(old, row.password_hash if row and row.active else None):
            self._audit.record(
                account_id, account_id, Action.REFUSED, "change_password: the present password was not right"
            )
            raise AccessDenied("The present password is not right. Nothing was changed.")
        if old == new:
            raise FairgateError("The new password is the old one. Choose another.")
        self._set(account_id, self._passwords.hash(new), must_change=False, by=account_id)

    def reset_password(self, account_id: str, password: str, by: str = SYSTEM) -> None:
        """Give the account a one-time password; its sessions end."""
        self._set(account_id, self._passwords.hash(password), must_change=True, by=by)

    def close(self, account_id: str, by: str = SYSTEM) -> None:
        """Nobody signs in with it any more; its sessions end at once."""
        with self._database.write() as work:
            _row(work, account_id).active = False
            self._audit.append(work, Act(what=Action.ACCOUNT_CLOSED, who=by, whom=account_id))
            end_sessions(work, account_id, "account closed", now_ms())

    def get(self, account_id: str) -> Account | None:
        """The account with this id, if there is one."""
        with self._database.read() as work:
            row = work.get(AccountRow, account_id)
            return _account(row) if row else None

    def all(self) -> tuple[Account, ...]:
        """Every account, by username."""
        with self._database.read() as work:
            return tuple(_account(row) for row in work.scalars(select(AccountRow).order_by(AccountRow.username)))

    def _set(self, account_id: str, hashed: str, *, must_change: bool, by: str) -> None:
        with self._database.write() as work:
            row = _row(work, account_id)
            row.password_hash, row.must_change = hashed, must_change
            self._audit.append(work, Act(what=Action.PASSWORD_CHANGED, who=by, whom=account_id))
            end_sessions(work, account_id, "password changed", now_ms())


def _refuse_taken(work: Work, row: AccountRow) -> None:
    if work.scalars(select(AccountRow.account_id).where(AccountRow.username == row.username)).first():
        raise FairgateError(f"The username {row.username!r} is taken. Choose another.")
    if row.person_id is not None and work.get(PersonRow, row.person_id) is None:
        raise FairgateError(f"There is no person {row.person_id}. Enter them first.")


def _row(work: Work, account_id: str) -> AccountRow:
    row = work.get(AccountRow, account_id)
    if row is None:
        raise FairgateError(f"There is no account {account_id}. Look the id up in the register of accounts.")
    return row


def _account(row: AccountRow) -> Account:
    return Account(
        account_id=row.account_id,
        username=row.username,
        name=row.name,
        person_id=row.person_id,
        must_change=row.must_change,
        active=row.active,
    )
