"""Governance: who may look at whom, what was permitted, who was told, and what was done about it.

Owns people, devices, permissions, acknowledgements, accounts, role holdings, sessions and the audit log, in one
SQL database (SQLite by default). `Governance` is the door; everything it changes is written into the audit log in the
same transaction.
"""

from analytics.governance.audit import SYSTEM, Act, Action, Entry, Head
from analytics.governance.governance import Governance
from analytics.governance.passwords import Passwords
from analytics.governance.roles import PersonType, Role, Told, Viewer
from analytics.governance.sign_in import Session

__all__ = [
    "SYSTEM",
    "Act",
    "Action",
    "Entry",
    "Governance",
    "Head",
    "Passwords",
    "PersonType",
    "Role",
    "Session",
    "Told",
    "Viewer",
]
