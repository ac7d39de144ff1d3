"""Reading the register that access is decided on, in one short transaction.

Owns nothing: people, holdings and notices are governance's. Every query waits for this, so it is five small SELECTs.
"""

from analytics.governance.database import now_ms
from analytics.governance.governance import Governance
from analytics.governance.holdings import held_roles, role_people
from analytics.governance.notices import told_ever
from analytics.governance.people import everybody
from analytics.governance.roles import Role, Viewer
from analytics.queries.access import Register


def read_register(governance: Governance, viewer: Viewer) -> Register:
    """The register as it stands now, for this viewer."""
    now = now_ms()
    with governance.database.read() as work:
        return Register(
            held=held_roles(work, viewer.account_id, now),
            people={person.person_id: person for person in everybody(work)},
            headteachers=role_people(work, Role.HEADTEACHER, now),
            chairs=role_people(work, Role.CHAIR, now),
            told=frozenset(told_ever(work)),
        )
