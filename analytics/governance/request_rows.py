"""A request for permission as a row, and as everything else reads it. Owns its states and its two conversions."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from analytics.governance.ids import new_id
from analytics.governance.models import PermissionRequestRow
from analytics.governance.permission_terms import Terms
from analytics.governance.roles import Viewer
from analytics.snapshot import Window


class RequestState(StrEnum):
    """What has come of a request."""

    WAITING = "waiting"
    GRANTED = "granted"
    LIMITED = "limited"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRequest:
    """A request as it stands. Times are UTC ms; `decided_ms` 0: not decided. `permission_id`: what was granted."""

    request_id: str
    person_id: str
    asked_ms: int
    terms: Terms
    why: str
    state: RequestState
    decided_by: str
    decided_ms: int
    decided_why: str
    permission_id: str | None


def request_row(person_id: str, by: Viewer, terms: Terms, why: str, now: int) -> PermissionRequestRow:
    """A new request, waiting."""
    return PermissionRequestRow(
        request_id=new_id("q"),
        person_id=person_id,
        asked_by=by.account_id,
        asked_ms=now,
        categories=list(terms.categories),
        hosts=list(terms.hosts),
        windows=[asdict(window) for window in terms.windows],
        from_ms=terms.from_ms,
        until_ms=terms.until_ms,
        why=why,
        state=str(RequestState.WAITING),
        decided_by="",
        decided_ms=0,
        decided_why="",
        permission_id=None,
    )


def terms_of(row: PermissionRequestRow) -> Terms:
    """What was asked."""
    return Terms(
        categories=tuple(row.categories),
        hosts=tuple(row.hosts),
        windows=tuple(Window(**window) for window in row.windows),
        from_ms=row.from_ms,
        until_ms=row.until_ms,
    )


def request_of(row: PermissionRequestRow) -> PermissionRequest:
    """The row as read."""
    return PermissionRequest(
        request_id=row.request_id,
        person_id=row.person_id,
        asked_ms=row.asked_ms,
        terms=terms_of(row),
        why=row.why,
        state=RequestState(row.state),
        decided_by=row.decided_by,
        decided_ms=row.decided_ms,
        decided_why=row.decided_why,
        permission_id=row.permission_id,
    )
