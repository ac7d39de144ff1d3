"""Requests: what somebody asked to be permitted, and what came of it.

Owns the requests table. Promises: everybody asks for themselves alone; a request is decided once, by the Headteacher,
or by the Chair where the Headteacher asks, and never by whoever asked; it is granted as asked, limited (less is
permitted, or at other times, with the reason), refused with the reason, or withdrawn by whoever asked before that;
whatever happens stands in the audit log in the same transaction, and what was asked is never rewritten.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Final

from sqlalchemy import select

from analytics.governance.audit import Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.holdings import refuse_without_role
from analytics.governance.models import PermissionRequestRow, PersonRow
from analytics.governance.permission_decider import act_of, plain_reason, refuse_other_decider
from analytics.governance.permission_rows import write_permission
from analytics.governance.permission_terms import Terms, as_detail, read_said_earlier, read_terms
from analytics.governance.request_rows import PermissionRequest, RequestState, request_of, request_row, terms_of
from analytics.governance.roles import Viewer
from analytics.permission import site_within
from analytics.snapshot import Window
from config.errors import AccessDenied, FairgateError
from config.policy import Policy

__all__ = ["PermissionRequest", "PermissionRequests", "RequestState"]

MOST_WAITING: Final = 10


class PermissionRequests:
    """The requests of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def ask(
        self,
        by: Viewer,
        *,
        policy: Policy,
        why: str,
        categories: Sequence[str] = (),
        hosts: Sequence[str] = (),
        windows: Sequence[Window] = (),
        from_ms: int | None = None,
        until_ms: int = 0,
        now: int | None = None,
    ) -> str:
        """Ask for oneself; returns the request's id. `now` is for the demonstration alone, as in `Permissions.grant`.

        Raises:
            FairgateError: these terms cannot be permitted, no reason is given, or too many requests are waiting.
            AccessDenied: the viewer is nobody whom the policy covers.
        """
        when = now_ms() if now is None else now
        terms = read_terms(
            policy, when, categories=categories, hosts=hosts, windows=windows, from_ms=from_ms, until_ms=until_ms
        )
        reason = plain_reason(why, "Say in a sentence what you would like it for.")
        with self._database.write() as work:
            row = request_row(_asker(work, by), by, terms, reason, when)
            if len(_waiting(work, row.person_id)) >= MOST_WAITING:
                raise FairgateError("Too many of your requests are waiting. Withdraw one first.")
            work.add(row)
            detail = {"request_id": row.request_id, **as_detail(terms)}
            self._audit.append(work, act_of(by, Action.PERMISSION_ASKED, row.person_id, reason, detail))
        return row.request_id

    def withdraw(self, by: Viewer, request_id: str) -> None:
        """Whoever asked takes it back, as long as it is not decided.

        Raises:
            FairgateError: it is decided, or there is no such request of theirs.
        """
        with self._database.write() as work:
            row = _undecided(work, request_id)
            if row.person_id != _asker(work, by):
                raise FairgateError("You have no such request waiting.")
            row.state, row.decided_by, row.decided_ms = str(RequestState.WITHDRAWN), by.account_id, now_ms()
            detail = {"request_id": request_id}
            self._audit.append(work, act_of(by, Action.PERMISSION_WITHDRAWN, row.person_id, "", detail))

    def grant(
        self,
        by: Viewer,
        request_id: str,
        *,
        policy: Policy,
        reason: str = "",
        said_earlier: date | None = None,
        now: int | None = None,
    ) -> str:
        """Permit what was asked; returns the permission's id. Without a reason, the asker's own stands.

        Raises:
            FairgateError: it is decided already, or its time is over. AccessDenied: it is not theirs to decide.
        """
        when = now_ms() if now is None else now
        with self._database.write() as work:
            row = self._to_decide(work, by, request_id)
            terms = _again(policy, terms_of(row), when)
            return self._permit(work, by, row, terms, RequestState.GRANTED, reason, when, said_earlier)

    def limit(
        self,
        by: Viewer,
        request_id: str,
        *,
        policy: Policy,
        reason: str,
        categories: Sequence[str] = (),
        hosts: Sequence[str] = (),
        windows: Sequence[Window] = (),
        from_ms: int | None = None,
        until_ms: int = 0,
        said_earlier: date | None = None,
    ) -> str:
        """Permit less of what was asked, or at other times, and say why; returns the permission's id.

        Raises:
            FairgateError: it is decided already, no reason is given, or something was not asked for.
            AccessDenied: it is not theirs to decide.
        """
        now = now_ms()
        terms = read_terms(
            policy, now, categories=categories, hosts=hosts, windows=windows, from_ms=from_ms, until_ms=until_ms
        )
        why = plain_reason(reason, "Write why less is permitted than was asked.")
        with self._database.write() as work:
            row = self._to_decide(work, by, request_id)
            _refuse_more(row, terms)
            return self._permit(work, by, row, terms, RequestState.LIMITED, why, now, said_earlier)

    def refuse(self, by: Viewer, request_id: str, reason: str, now: int | None = None) -> None:
        """Refuse it, and say why.

        Raises:
            FairgateError: it is decided already, or no reason is given. AccessDenied: it is not theirs to decide.
        """
        why = plain_reason(reason, "Write why it is refused. They will read it.")
        with self._database.write() as work:
            row = self._to_decide(work, by, request_id)
            _decide(row, by, RequestState.REFUSED, why, now_ms() if now is None else now)
            detail = {"request_id": request_id}
            self._audit.append(work, act_of(by, Action.PERMISSION_REFUSED, row.person_id, why, detail))

    def all(self) -> tuple[PermissionRequest, ...]:
        """Every request, the oldest first."""
        with self._database.read() as work:
            query = select(PermissionRequestRow).order_by(
                PermissionRequestRow.asked_ms, PermissionRequestRow.request_id
            )
            return tuple(request_of(row) for row in work.scalars(query))

    def _to_decide(self, work: Work, by: Viewer, request_id: str) -> PermissionRequestRow:
        row = _undecided(work, request_id)
        refuse_other_decider(work, by, row.person_id)
        if row.asked_by == by.account_id:
            raise AccessDenied("Nobody decides what they themselves asked for. Somebody else must.")
        return row

    def _permit(
        self,
        work: Work,
        by: Viewer,
        row: PermissionRequestRow,
        terms: Terms,
        state: RequestState,
        reason: str,
        now: int,
        said_earlier: date | None,
    ) -> str:
        request: dict[str, str | int] = {"request_id": row.request_id, "decision": str(state)}
        row.permission_id = write_permission(
            work,
            self._audit,
            by,
            row.person_id,
            terms,
            reason=reason.strip() or row.why,
            now=now,
            noted=read_said_earlier(said_earlier, now),
            request=request,
        )
        _decide(row, by, state, " ".join(reason.split()), now)
        return row.permission_id


def _asker(work: Work, by: Viewer) -> str:
    now = now_ms()
    refuse_without_role(work, by.account_id, by.role, now)
    person = work.get(PersonRow, by.person_id) if by.person_id else None
    if person is None or (person.until_ms and person.until_ms <= now):
        raise AccessDenied("Your sign-in is not linked to a member of staff, so there is nothing to permit you.")
    return person.person_id


def _undecided(work: Work, request_id: str) -> PermissionRequestRow:
    row = work.get(PermissionRequestRow, request_id)
    if row is None or row.state != RequestState.WAITING:
        raise FairgateError("There is no such request waiting: it was decided or withdrawn meanwhile.")
    return row


def _waiting(work: Work, person_id: str) -> Sequence[str]:
    query = select(PermissionRequestRow.request_id).where(
        PermissionRequestRow.person_id == person_id, PermissionRequestRow.state == str(RequestState.WAITING)
    )
    return work.scalars(query).all()


def _again(policy: Policy, asked: Terms, now: int) -> Terms:
    """What was asked, as it can be granted now: from now on where it was to begin before."""
    if asked.until_ms and asked.until_ms <= now:
        raise FairgateError("The time that was asked for is over. Refuse the request, or limit it to other dates.")
    plain = replace(asked, from_ms=max(asked.from_ms, now))
    return read_terms(policy, now, **asdict(plain) | {"windows": plain.windows})


def _refuse_more(row: PermissionRequestRow, terms: Terms) -> None:
    more = [key for key in terms.categories if key not in row.categories]
    more += [site for site in terms.hosts if not any(_within(asked, site) for asked in row.hosts)]
    if more:
        raise FairgateError(f"{more[0]} was not asked for. Limit the request to what was, or give a new permission.")


def _within(asked: str, site: str) -> bool:
    host, slash, below = site.partition("/")
    return site_within(asked, host, slash + below)


def _decide(row: PermissionRequestRow, by: Viewer, state: RequestState, why: str, now: int) -> None:
    row.state, row.decided_by, row.decided_why, row.decided_ms = str(state), by.account_id, why, now
