"""A permission as a row of the register, and as everything else reads it.

Owns the writing of a row together with its audit entry, and how a permission for everybody covers one person.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from analytics.governance.audit import Action, Audit
from analytics.governance.database import Work
from analytics.governance.ids import new_id
from analytics.governance.models import PermissionRow
from analytics.governance.permission_decider import act_of, plain_reason
from analytics.governance.permission_terms import Terms, as_detail
from analytics.governance.roles import Viewer
from analytics.snapshot import HeldBack, Window


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
    said_earlier: str = ""
    """The London date ("2026-02-20") on which it had been agreed by word of mouth, where one is noted."""
    ended_by: str = ""
    ended_why: str = ""
    held_back: tuple[HeldBack, ...] = ()
    """Of one for everybody: whom it does not cover before the Chair has confirmed it for them."""


def for_person(granted: Granted, person_id: str) -> Granted | None:
    """The permission as it covers this person; None where it does not, or not before it is confirmed for them."""
    if granted.person_id not in (None, person_id):
        return None
    held = next((each for each in granted.held_back if each.person_id == person_id), None)
    if held is None:
        return replace(granted, held_back=())
    since = max(granted.from_ms, held.from_ms)
    return replace(granted, from_ms=since, held_back=(held,)) if held.from_ms else None


def write_permission(
    work: Work,
    audit: Audit,
    by: Viewer,
    person_id: str | None,
    terms: Terms,
    *,
    reason: str,
    now: int,
    noted: str = "",
    request: Mapping[str, str | int] | None = None,
) -> str:
    """Put checked terms into the register and the audit log, within `work`; returns the permission's id."""
    row = PermissionRow(
        permission_id=new_id("m"),
        person_id=person_id,
        categories=list(terms.categories),
        hosts=list(terms.hosts),
        windows=[asdict(window) for window in terms.windows],
        reason=plain_reason(reason, "A permission needs a reason. Write why it is given."),
        granted_by=by.account_id,
        granted_ms=now,
        from_ms=terms.from_ms,
        until_ms=terms.until_ms,
        said_earlier=noted,
        ended_by="",
        ended_why="",
    )
    work.add(row)
    detail = {"permission_id": row.permission_id, **as_detail(terms), **(request or {})}
    if noted:
        detail["said_earlier"] = noted
    audit.append(work, act_of(by, Action.PERMISSION_GRANTED, person_id, row.reason, detail))
    return row.permission_id


def granted_of(row: PermissionRow, held: tuple[HeldBack, ...]) -> Granted:
    """The row as read, with whom it does not cover."""
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
        said_earlier=row.said_earlier,
        ended_by=row.ended_by,
        ended_why=row.ended_why,
        held_back=held,
    )
