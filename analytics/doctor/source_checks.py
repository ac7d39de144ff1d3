"""Checks of what `fairgate identity` reads to know who is where: lease databases."""

import os

from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend


def leases(seen: Examined) -> Findings:
    """Whether each lease database is there and can be read by this account."""
    for database in seen.settings.identity.leases if seen.settings else ():
        if not database.path.exists():
            yield mend(
                "There is no lease database, so devices with changing addresses are not known.",
                database.path,
                "Write the DHCP server's own path into [[identity.leases]], or start that server.",
            )
        elif not os.access(database.path, os.R_OK):
            yield mend(
                "This account may not read the lease database, so devices with changing addresses are not known.",
                database.path,
                "Let the account fairgate read it: for Kea, usermod --append --groups _kea fairgate, then restart "
                "fairgate-identity.",
            )
