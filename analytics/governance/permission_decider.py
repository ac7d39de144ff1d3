"""Who decides what somebody is permitted, and how a decision is put into words and on record.

Owns that rule. Promises: the Chair decides for the Headteacher, the Headteacher for everybody else and for all at
once; nobody decides for themselves, whatever roles they hold.
"""

from collections.abc import Mapping

from analytics.governance.audit import Act, Action
from analytics.governance.database import Work, now_ms
from analytics.governance.holdings import refuse_without_role, role_people
from analytics.governance.models import PersonRow
from analytics.governance.roles import Role, Viewer
from config.errors import AccessDenied, FairgateError


def refuse_other_decider(work: Work, by: Viewer, person_id: str | None) -> None:
    """Raises `AccessDenied` unless it is for `by` to decide what this person (None: everybody) is permitted."""
    now = now_ms()
    if person_id is not None and work.get(PersonRow, person_id) is None:
        raise FairgateError(f"There is no person {person_id}. Enter them first.")
    needed = decider(work, person_id, now)
    refuse_without_role(work, by.account_id, by.role, now)
    if by.role != needed:
        raise AccessDenied(f"This permission is the {needed.label}'s to give. Ask them.")
    if person_id is not None and by.person_id == person_id:
        raise AccessDenied("Nobody decides what they themselves are permitted. Somebody else must.")


def decider(work: Work, person_id: str | None, now: int) -> Role:
    """Who decides for this person (None: everybody): the Chair for the Headteacher, the Headteacher for all others."""
    of_head = person_id is not None and person_id in role_people(work, Role.HEADTEACHER, now)
    return Role.CHAIR if of_head else Role.HEADTEACHER


def plain_reason(reason: str, wanted: str) -> str:
    """The reason in one line.

    Raises:
        FairgateError: `wanted`, where there is none, or it is too long to be read.
    """
    plain = " ".join(reason.split())
    if not plain:
        raise FairgateError(wanted)
    if len(plain) > 1000:
        raise FairgateError("A reason has at most 1,000 characters. Say it more briefly.")
    return plain


def act_of(by: Viewer, what: Action, whom: str | None, why: str, detail: Mapping[str, str | int]) -> Act:
    """An act of this viewer, for the audit log."""
    return Act(
        what=what, who=by.account_id, role=by.role, session=by.session_id, whom=whom or "", why=why, detail=detail
    )
