"""Governance: who may look at whom, what was permitted, who was told, and what was done about it.

Owns people, devices, permissions, acknowledgements, accounts, role holdings, sessions and the audit log, in one
SQL database (SQLite by default). `Governance` is the door; everything it changes is written into the audit log in the
same transaction. What stands below is loaded when it is first asked for, so that the front door can offer the commands
without the database library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_MODULES: Final = {
    "Governance": "governance",
    "Passwords": "passwords",
    "PersonType": "roles",
    "Role": "roles",
    "Session": "sign_in",
    "Told": "roles",
    "Viewer": "roles",
}
"""Where each stands that does not stand in `audit`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'audit')}"), name)
