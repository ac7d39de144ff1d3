"""Roles, person types and the viewer: the words in which rights are stated.

Owns no rights itself: what a role may read stands in analytics.queries.access, who may hold it in
analytics.governance.holdings.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a viewer acts as. One session has one role."""

    HEADTEACHER = "headteacher"
    CHAIR = "chair"
    VICE_CHAIR = "vice_chair"
    DSL = "dsl"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    STAFF = "staff"

    @property
    def label(self) -> str:
        """As it is written on screen and in reports."""
        return _TITLES[self]


_TITLES: Final = {
    Role.HEADTEACHER: "Headteacher",
    Role.CHAIR: "Chair of Governors",
    Role.VICE_CHAIR: "Vice-chair of Governors",
    Role.DSL: "Designated Safeguarding Lead",
    Role.TECHNICIAN: "Technician",
    Role.AUDITOR: "Auditor",
    Role.STAFF: "Staff member",
}


class PersonType(StrEnum):
    """Whom the school's policy covers. Pupils and guests are never persons here."""

    TEACHER = "teacher"
    SUPPORT = "support"
    SUPPLY = "supply"
    VOLUNTEER = "volunteer"
    GOVERNOR = "governor"
    CONTRACTOR = "contractor"


class Told(StrEnum):
    """How somebody was told that use is monitored."""

    PAGE = "page"
    PORTAL_PROBE = "portal_probe"
    DHCP_PORTAL = "dhcp_portal"
    PORTAL_SIGN_IN = "portal_sign_in"
    PROXY_SIGN_IN = "proxy_sign_in"
    DASHBOARD = "dashboard"
    PAPER = "paper"
    TRAINING_DAY = "training_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who looks, in the role they look in. `person_id` is who they are among the monitored, if they are."""

    account_id: str
    person_id: str | None
    role: Role
    name: str
    session_id: str = ""
    """"" where there is no session: at the command line."""
