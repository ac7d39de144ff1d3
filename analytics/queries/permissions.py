"""The permission register as its readers may see it: those who decide, and everybody their own.

Owns `permission_register`, `own_permissions` and the rule by which a permission is "given later". Promises: who
decides sees what was asked and permitted of those they decide for, and what everybody is permitted; never their own
there. A permission given later changes no count: it is named beside the visits it would have covered, with the day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.governance.audit import Action
from analytics.governance.confirmations import Confirmation
from analytics.governance.database import now_ms
from analytics.governance.permission_requests import PermissionRequest
from analytics.governance.permissions import Granted
from analytics.governance.permitted_things import matched_site
from analytics.governance.roles import Role
from analytics.permission import is_open, site_within
from analytics.queries.access import decides_for
from analytics.queries.london import london_day, london_today
from analytics.queries.reading import Reading
from analytics.queries.standing import Standing
from analytics.verdict import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRegister:
    """What one who decides sees. Oldest first. `names` holds people's names, and those of the accounts that acted."""

    requests: tuple[PermissionRequest, ...]
    permissions: tuple[Granted, ...]
    to_confirm: tuple[tuple[str, str], ...]
    """Permission and person, of what the Chair has yet to confirm."""
    confirmations: tuple[Confirmation, ...]
    names: Mapping[str, str]
    people: tuple[str, ...]
    """Whom the viewer may permit something, by name: those of theirs who have not left; ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPermissions:
    """What somebody asked themselves, and what covers them. Oldest first."""

    requests: tuple[PermissionRequest, ...]
    permissions: tuple[Granted, ...]
    names: Mapping[str, str]


def permission_register(reading: Reading) -> PermissionRegister:
    """The register, for whoever decides; the look is noted.

    Raises:
        AccessDenied: not for this role and purpose.
    """
    register, governance = reading.check("permission_register"), reading.governance
    reading.note_look("", Action.LOOKED_AT_PERMISSIONS, f"register, seen on {london_today()}")
    theirs, now = decides_for(reading.viewer, register), now_ms()
    chair = reading.viewer.role is Role.CHAIR
    return PermissionRegister(
        requests=tuple(each for each in governance.permission_requests.all() if each.person_id in theirs),
        permissions=tuple(each for each in governance.permissions.all() if each.person_id in (None, *theirs)),
        to_confirm=tuple(each for each in governance.confirmations.waiting() if not chair or _for(each, reading)),
        confirmations=governance.confirmations.all(),
        names=_names(reading, theirs | register.headteachers),
        people=tuple(key for key, each in register.people.items() if key in theirs and not 0 < each.until_ms <= now),
    )


def own_permissions(reading: Reading) -> OwnPermissions:
    """The viewer's own requests and permissions; of nobody else.

    Raises:
        AccessDenied: not for this purpose.
    """
    reading.check("own_permissions")
    own, governance = reading.viewer.person_id, reading.governance
    if own is None:
        return OwnPermissions(requests=(), permissions=(), names={})
    return OwnPermissions(
        requests=tuple(each for each in governance.permission_requests.all() if each.person_id == own),
        permissions=governance.permissions.of(own),
        names=_names(reading, frozenset((own,))),
    )


def given_later(permissions: Iterable[Granted], visit: Mapping[Any, Any]) -> Granted | None:
    """The earliest permission that was given only after this visit and would have covered it; None where none does.

    `permissions` are those of the visit's person; `visit` is a row of `person_visits`. Of a permission whose granter
    noted that it had been agreed before the visit, that one. Only private visits are looked at: nothing else is counted
    that a permission could have covered.
    """
    if visit["standing"] != Standing.PRIVATE:
        return None
    start_ms = int(visit["start_ms"])
    later = [each for each in permissions if _given_ms(each) > start_ms and _like(each, visit)]
    day = london_day(start_ms)
    return min(later, key=lambda each: (not _agreed(each, day), _given_ms(each), each.permission_id), default=None)


def _given_ms(granted: Granted) -> int:
    """When it was given, or confirmed for the one person it is of."""
    return max(granted.granted_ms, *(held.from_ms for held in granted.held_back), 0)


def _agreed(granted: Granted, day: date) -> bool:
    return bool(granted.said_earlier) and date.fromisoformat(granted.said_earlier) <= day


def _like(granted: Granted, visit: Mapping[Any, Any]) -> bool:
    named = visit["category"] in granted.categories or any(_covers(matched_site(site), visit) for site in granted.hosts)
    return named and is_open(granted.windows, int(visit["start_ms"]))


def _covers(site: str, visit: Mapping[Any, Any]) -> bool:
    return site_within(site, str(visit["host"]), str(visit["path"])) or (
        visit.get("reason") == Reason.PAGE_SHOWN and _may_be_shown(site, str(visit["rule"]))
    )


def _may_be_shown(site: str, rule: str) -> bool:
    """Whether the page that a front-end showed may be of the permitted `site`. Of the page no more is kept than the
    `rule` that decided: every page that this reaches may have been it, in the person's favour."""
    permitted, listed = site.partition("/")[0], rule.removeprefix("*.").partition("/")[0]
    return site_within(permitted, listed) or site_within(listed, permitted)


def _for(waiting: tuple[str, str], reading: Reading) -> bool:
    return waiting[1] != reading.viewer.person_id


def _names(reading: Reading, people: Sequence[str] | frozenset[str]) -> Mapping[str, str]:
    governance = reading.governance
    names = {each.account_id: each.name for each in governance.accounts.all()}
    return names | {each.person_id: each.name for each in governance.people.all() if each.person_id in people}
