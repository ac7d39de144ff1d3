"""An account for each role asked for: what most tests of governance and queries begin with."""

from dataclasses import dataclass

from analytics.governance import Governance, Role, Viewer
from config.policy import load_policy

POLICY = load_policy()
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Office:
    """Accounts by role. Every holder is a person of their own."""

    governance: Governance
    accounts: dict[Role, str]

    def viewer(self, role: Role) -> Viewer:
        return self.governance.viewer(self.accounts[role], role)


def open_office(governance: Governance, *roles: Role) -> Office:
    accounts = {}
    for role in roles:
        person_id = governance.people.add(f"The {role.label}")
        accounts[role] = governance.accounts.add(str(role), f"The {role.label}", PASSWORD, person_id=person_id)
        governance.holdings.grant(accounts[role], role)
    return Office(governance, accounts)
