"""Who may read what, of whom, and why: the whole of it, in two tables and two functions.

Owns `QUERIES` (what each query discloses), `RIGHTS` (what each role may have disclosed, for which purpose) and whose
data a role is for. Pure: it decides from what it is told and reads nothing.

Promises:
- nobody reads their own data in the role they judge others in, and no total they see includes it;
- the Headteacher's data is for the Chair alone, the Chair's for the Vice-chair alone; nobody else's is for either;
- the Technician and the Auditor never see a person's browsing; the DSL sees nothing until something is referred.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analytics.governance.people import StaffMember
from analytics.governance.roles import Role, Viewer


class LookPurpose(StrEnum):
    """Why somebody looks. It is written beside every look."""

    WEEKLY_REVIEW = "weekly_review"
    MATTER = "matter"
    COVERAGE = "coverage"
    EXPORT = "export"
    OWN_DATA = "own_data"
    AUDIT = "audit"
    DECISION = "decision"
    """To decide what somebody is permitted, and to see to it that everybody is told."""


class Disclosure(StrEnum):
    """How much a query shows."""

    FRESHNESS = "freshness"
    """One time: up to when there is data."""
    COVERAGE = "coverage"
    """Counts of the school's whole traffic, and times; nobody's."""
    DEVICES = "devices"
    """Counts by device, of what goes through unopened; no site, nobody."""
    TOTALS = "totals"
    """Named people's totals, side by side."""
    PERSON = "person"
    """One person's days and visits."""
    ROWS = "rows"
    """One person's events as recorded, to be taken out."""
    AUDIT = "audit"
    """Who looked at whom."""
    REGISTER = "register"
    """What was asked and permitted of those whom the viewer decides for."""
    OWN_PERMISSIONS = "own_permissions"
    """What the viewer themselves asked and is permitted; nothing of what was recorded."""
    NOTICES = "notices"
    """Who was told of the notice, and how, of those whom the viewer decides for."""
    OWN_NOTICE = "own_notice"
    """When the viewer themselves was told."""


QUERIES: Final[Mapping[str, Disclosure]] = {
    "overview": Disclosure.TOTALS,
    "per_day": Disclosure.TOTALS,
    "person_summary": Disclosure.PERSON,
    "person_days": Disclosure.PERSON,
    "person_categories": Disclosure.PERSON,
    "person_sessions": Disclosure.PERSON,
    "person_visits": Disclosure.PERSON,
    "visit_exchanges": Disclosure.PERSON,
    "binding_ends": Disclosure.ROWS,
    "event_rows": Disclosure.ROWS,
    "seal_rows": Disclosure.ROWS,
    "coverage": Disclosure.COVERAGE,
    "passed_through": Disclosure.DEVICES,
    "data_up_to": Disclosure.FRESHNESS,
    "audit_trail": Disclosure.AUDIT,
    "permission_register": Disclosure.REGISTER,
    "own_permissions": Disclosure.OWN_PERMISSIONS,
    "notice_register": Disclosure.NOTICES,
    "own_notice": Disclosure.OWN_NOTICE,
}
"""Every query there is, by name."""

_REVIEW: Final = frozenset((Disclosure.TOTALS, Disclosure.PERSON, Disclosure.COVERAGE))
_DECIDING: Final = {LookPurpose.DECISION: frozenset((Disclosure.REGISTER, Disclosure.NOTICES))}
_OWN: Final = {LookPurpose.OWN_DATA: frozenset((Disclosure.OWN_PERMISSIONS, Disclosure.OWN_NOTICE))}
_EXPORT: Final = _REVIEW | {Disclosure.ROWS}
_COVERAGE: Final = frozenset((Disclosure.COVERAGE, Disclosure.DEVICES))
_AUDIT: Final = frozenset((Disclosure.AUDIT,))
_OVERSIGHT: Final = {
    LookPurpose.WEEKLY_REVIEW: _REVIEW,
    LookPurpose.MATTER: _REVIEW,
    LookPurpose.EXPORT: _EXPORT,
    LookPurpose.COVERAGE: _COVERAGE,
}

RIGHTS: Final[Mapping[Role, Mapping[LookPurpose, frozenset[Disclosure]]]] = {
    Role.HEADTEACHER: {**_OVERSIGHT, **_DECIDING, **_OWN},
    Role.CHAIR: {**_OVERSIGHT, **_DECIDING, **_OWN, LookPurpose.AUDIT: _AUDIT},
    Role.VICE_CHAIR: {**_OVERSIGHT, **_OWN},
    Role.DSL: _OWN,
    Role.TECHNICIAN: {LookPurpose.COVERAGE: _COVERAGE, **_OWN},
    Role.AUDITOR: {LookPurpose.AUDIT: _AUDIT, **_OWN},
    Role.STAFF: {
        LookPurpose.OWN_DATA: frozenset(
            (
                Disclosure.PERSON,
                Disclosure.ROWS,
                Disclosure.COVERAGE,
                Disclosure.AUDIT,
                Disclosure.OWN_PERMISSIONS,
                Disclosure.OWN_NOTICE,
            )
        )
    },
}
"""What a role may have disclosed, for each purpose it may look with. Freshness is open to all of them."""

NEED_REASON: Final = frozenset((LookPurpose.MATTER, LookPurpose.EXPORT))
"""Purposes for which the viewer must say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What the decision rests on, as of one moment."""

    held: tuple[Role, ...]
    """The roles the viewer's account holds."""
    people: Mapping[str, StaffMember]
    headteachers: frozenset[str]
    chairs: frozenset[str]
    told: frozenset[str]
    """Those told of the policy, by the notice in force or an earlier one."""


def may_disclose(role: Role, purpose: LookPurpose, disclosure: Disclosure) -> bool:
    """Whether the role may have this disclosed for this purpose, of whomever it is for."""
    return disclosure is Disclosure.FRESHNESS or disclosure in RIGHTS[role].get(purpose, frozenset())


def subjects(viewer: Viewer, register: Register) -> frozenset[str]:
    """The people whose data is for this viewer, whether they were told or not."""
    routed = register.headteachers | register.chairs
    theirs = {
        Role.HEADTEACHER: frozenset(register.people) - routed,
        Role.CHAIR: register.headteachers,
        Role.VICE_CHAIR: register.chairs,
    }.get(viewer.role, frozenset())
    own = frozenset((viewer.person_id,)) if viewer.person_id else frozenset()
    if viewer.role is Role.STAFF:
        return own - routed
    return theirs - own


def decides_for(viewer: Viewer, register: Register) -> frozenset[str]:
    """The people whose requests this viewer decides, told or not: never their own, whatever role they act in."""
    theirs = {
        Role.HEADTEACHER: frozenset(register.people) - register.headteachers,
        Role.CHAIR: register.headteachers,
    }.get(viewer.role, frozenset())
    return theirs - {viewer.person_id or ""}


def must_be_told(purpose: LookPurpose) -> bool:
    """Whether only people who were told may be looked at: always, but for one's own data."""
    return purpose is not LookPurpose.OWN_DATA
