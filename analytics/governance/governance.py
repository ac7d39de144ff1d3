"""`Governance`: the door to everything people decide.

Owns the parts' assembly, and the founding of a school. Promises: whoever opens it, in whatever process, finds the
tables at the newest version; every change goes into the audit log in the transaction that makes it.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Self

from sqlalchemy import select

from analytics.governance.accounts import Accounts
from analytics.governance.audit import SYSTEM, Act, Action, Audit, Head
from analytics.governance.confirmations import Confirmations
from analytics.governance.database import Database, now_ms
from analytics.governance.devices import Devices
from analytics.governance.holdings import Holdings
from analytics.governance.looks import Looks
from analytics.governance.models import SchoolRow
from analytics.governance.notices import Notices
from analytics.governance.passwords import Passwords
from analytics.governance.people import People
from analytics.governance.permission_requests import PermissionRequests
from analytics.governance.permissions import Permissions
from analytics.governance.roles import Role, Viewer
from analytics.governance.sign_in import Session, SignIn
from config.errors import AccessDenied, ConfigError


class Governance:
    """One school's governance database. Safe to share between threads; not over a fork."""

    def __init__(self, location: Path | str, *, passwords: Passwords | None = None) -> None:
        """Open the database at a path, or at an SQLAlchemy URL.

        Raises:
            ConfigError: it is absent, damaged, of a newer Fairgate, or no school was founded in it.
        """
        self._assemble(Database(location), passwords)
        self._read_school()

    @classmethod
    def found(cls, location: Path | str, school: str, name: str, *, passwords: Passwords | None = None) -> Self:
        """Make the database and found a school in it.

        Raises:
            ConfigError: there is a school in it already.
        """
        database = Database(location, create=True)
        try:
            _found(database, school, name)
        finally:
            database.close()
        return cls(location, passwords=passwords)

    def _assemble(self, database: Database, passwords: Passwords | None) -> None:
        hashing = passwords or Passwords()
        self.database = database
        self.audit = Audit(database)
        self.people = People(database, self.audit, hashing)
        self.devices = Devices(database, self.audit)
        self.permissions = Permissions(database, self.audit)
        self.permission_requests = PermissionRequests(database, self.audit)
        self.confirmations = Confirmations(database, self.audit)
        self.notices = Notices(database, self.audit)
        self.accounts = Accounts(database, self.audit, hashing)
        self.holdings = Holdings(database, self.audit)
        self.looks = Looks(database, self.audit)
        self.door = SignIn(database, self.audit, hashing)
        self.sign_in: Callable[..., Session] = self.door.sign_in
        self.session = self.door.session
        self.sign_out = self.door.sign_out

    def _read_school(self) -> None:
        with self.database.read() as work:
            row = work.scalars(select(SchoolRow)).first()
        if row is None:
            self.close()
            raise ConfigError("No school was founded in this governance database. Set the school up: fairgate init.")
        self.school, self.school_name = row.school, row.name

    def viewer(self, account_id: str, role: Role | None = None) -> Viewer:
        """The viewer an account is in `role` (the first it holds where not given), outside any session.

        For set-up and the demonstration, which act for an account without its password. What it looks at is audited
        like everything else.

        Raises:
            AccessDenied: the account is closed, or does not hold the role.
        """
        account, held = self.accounts.get(account_id), self.holdings.roles(account_id)
        if account is None or not held or (role is not None and role not in held):
            raise AccessDenied("This account does not hold that role. Grant the role first.")
        return Viewer(account_id=account_id, person_id=account.person_id, role=role or held[0], name=account.name)

    def verify_audit(self, head: Head | None = None) -> list[str]:
        """What is wrong with the audit log: one sentence a fault, nothing where it holds. See `Audit.verify`."""
        return self.audit.verify(head)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def _found(database: Database, school: str, name: str) -> None:
    with database.write() as work:
        if work.scalars(select(SchoolRow.school)).first() is not None:
            raise ConfigError(f"A school was already founded in {database.location}. Open that one.")
        work.add(SchoolRow(school=school, name=name, founded_ms=now_ms(), bucket_secret=secrets.token_hex(32)))
        work.flush()
        Audit(database).append(work, Act(what=Action.SCHOOL_FOUNDED, who=SYSTEM))
