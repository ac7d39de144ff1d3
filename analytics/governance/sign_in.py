"""Signing in and out, and sessions.

Owns the sessions table. Promises: a session is in the database, so that it can be ended from outside at once; only
the SHA-256 of its token is kept; it ends after 30 idle minutes, after 10 hours in any case, and with the role it was
begun in; an unknown username, a closed account and a wrong password are refused alike and after the same work; every
sign-in and refusal is in the audit log.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from analytics.governance.audit import Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.holdings import held_roles
from analytics.governance.ids import new_id
from analytics.governance.lockout import Failure, Lockout
from analytics.governance.models import AccountRow, SessionRow
from analytics.governance.passwords import Passwords
from analytics.governance.roles import Role, Viewer
from analytics.governance.session_rows import end_sessions
from config.errors import AccessDenied

IDLE_MS: Final = 30 * 60_000
ABSOLUTE_MS: Final = 10 * 3_600_000
_SEEN_EVERY_MS: Final = 60_000
"""`seen_ms` is written at most this often: a durable write a request would be felt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session just begun. `token` is shown once, here; `ends_ms` is when it ends in any case."""

    token: str
    viewer: Viewer
    ends_ms: int
    must_change_password: bool
    roles: tuple[Role, ...]
    """Every role the account holds; `viewer.role` is the one this session acts in."""


class SignIn:
    """The door of one school."""

    def __init__(self, database: Database, audit: Audit, passwords: Passwords) -> None:
        self._database, self._audit, self._passwords = database, audit, passwords
        self._lockout = Lockout(database)

    def sign_in(self, username: str, password: str, *, role: Role | None = None, now: int | None = None) -> Session:
        """Begin a session in `role`; where not given, in the first of `Role`'s order that the account holds.

        Raises:
            AccessDenied: with one sentence for the screen, the same whatever was wrong.
        """
        when = now_ms() if now is None else now
        if wait := self._lockout.wait_ms(username, when):
            raise _please_wait(wait)
        with self._database.read() as work:
            account = _account(work, username)
        if not self._passwords.matches(password, account.password_hash if account else None):
            raise self._refused(username, account, "password", when)
        with self._database.write() as work:
            session = self._begin(work, account, role, when)
            if session is not None:
                self._lockout.succeeded(work, username)
                return session
        raise self._refused(username, account, "role", when)

    def session(self, token: str, now: int | None = None) -> Viewer | None:
        """Whose session `token` is; None where it is none, or has ended."""
        when = now_ms() if now is None else now
        with self._database.read() as work:
            row = _by_token(work, token)
            viewer = _viewer(work, row, when) if row else None
            seen = row.seen_ms if row else when
        if viewer is not None and when - seen >= _SEEN_EVERY_MS:
            self._seen(token, when)
        return viewer

    def sign_out(self, token: str, now: int | None = None) -> None:
        """End the session; nothing happens where it has ended already."""
        when = now_ms() if now is None else now
        with self._database.write() as work:
            row = _by_token(work, token)
            if row is None or row.ended_ms:
                return
            row.ended_ms, row.ended_why = when, "signed out"
            self._audit.append(
                work, Act(what=Action.SIGNED_OUT, who=row.account_id, role=row.role, session=row.session_id), when
            )

    def end_all(self, account_id: str, why: str, by: str) -> int:
        """End every session of an account at once, and say how many there were."""
        now = now_ms()
        with self._database.write() as work:
            ended = end_sessions(work, account_id, why, now)
            act = Act(what=Action.SESSION_ENDED, who=by, whom=account_id, why=why, detail={"sessions": ended})
            self._audit.append(work, act, now)
        return ended

    def _begin(self, work: Work, account: AccountRow | None, role: Role | None, when: int) -> Session | None:
        # Read again inside the transaction: the account may have been closed while the password was being checked.
        fresh = work.get(AccountRow, account.account_id) if account else None
        if account is None or fresh is None or not fresh.active or fresh.password_hash != account.password_hash:
            return None
        held = held_roles(work, fresh.account_id, when)
        if not held or (role is not None and role not in held):
            return None
        token, acting = secrets.token_urlsafe(32), role or held[0]
        row = _session_row(fresh.account_id, acting, token, when)
        work.add(row)
        self._audit.append(
            work, Act(what=Action.SIGNED_IN, who=fresh.account_id, role=acting, session=row.session_id), when
        )
        return Session(
            token=token,
            viewer=_as_viewer(fresh, row),
            ends_ms=when + ABSOLUTE_MS,
            must_change_password=fresh.must_change,
            roles=held,
        )

    def _refused(self, username: str, account: AccountRow | None, why: str, when: int) -> AccessDenied:
        with self._database.write() as work:
            failure = self._lockout.failed(work, username, when)
            detail: dict[str, str | int] = {
                "failure": failure.count,
                "turned_away_before": failure.turned_away,
                "fault": why if account else "username",
            }
            act = Act(what=Action.SIGN_IN_REFUSED, who="", whom=account.account_id if account else "", detail=detail)
            self._audit.append(work, act, when)
        return _not_right(failure)

    def _seen(self, token: str, when: int) -> None:
        with self._database.write() as work:
            row = _by_token(work, token)
            if row is not None and not row.ended_ms:
                row.seen_ms = max(row.seen_ms, when)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _account(work: Work, username: str) -> AccountRow | None:
    row = work.scalars(select(AccountRow).where(AccountRow.username == username.strip().casefold())).first()
    return row if row and row.active else None


def _by_token(work: Work, token: str) -> SessionRow | None:
    return work.scalars(select(SessionRow).where(SessionRow.token_hash == _hash(token))).first()


def _session_row(account_id: str, role: Role, token: str, when: int) -> SessionRow:
    return SessionRow(
        session_id=new_id("v"),
        token_hash=_hash(token),
        account_id=account_id,
        role=str(role),
        started_ms=when,
        seen_ms=when,
        ended_ms=0,
        ended_why="",
    )


def _viewer(work: Work, row: SessionRow, when: int) -> Viewer | None:
    if row.ended_ms or when >= row.seen_ms + IDLE_MS or when >= row.started_ms + ABSOLUTE_MS:
        return None
    if Role(row.role) not in held_roles(work, row.account_id, when):
        return None
    account = work.get(AccountRow, row.account_id)
    return _as_viewer(account, row) if account else None


def _as_viewer(account: AccountRow, row: SessionRow) -> Viewer:
    return Viewer(
        account_id=account.account_id,
        person_id=account.person_id,
        role=Role(row.role),
        name=account.name,
        session_id=row.session_id,
    )


def _not_right(failure: Failure) -> AccessDenied:
    if failure.wait_ms:
        return _please_wait(failure.wait_ms)
    return AccessDenied("The username or the password is not right. Try again, or ask for a new password.")


def _please_wait(wait_ms: int) -> AccessDenied:
    seconds = -(-wait_ms // 1000)
    waiting = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
    return AccessDenied(f"There were too many tries that were not right. Wait {waiting}, then try again.")
