"""Who a sign-in says it is of.

Owns the forms in which networks write a user: ann, DOMAIN\\ann, ann@school.example. Promises: a name of another school
(a visitor on a roaming network) is never taken for ours; a machine's own sign-in, or one that hides its name, is of no
person at all and is told from one of somebody who is not on the staff.
"""

from collections.abc import Collection
from typing import Final

from analytics.mac import plain_mac

_NO_PERSON: Final = frozenset(("", "anonymous"))
LONGEST: Final = 253


def said_user(text: str, domains: Collection[str]) -> str | None:
    """The bare user name, in folded case; "" where it cannot be one of ours; None where no person signed in.

    `domains` are the school's own, in folded case: what stands before a backslash or after an at sign.
    """
    name = text.strip().casefold()
    if name.startswith("host/") or name.endswith("$") or plain_mac(name):
        return None
    domain = ""
    if "\\" in name:
        domain, _, name = name.partition("\\")
    elif "@" in name:
        name, _, domain = name.rpartition("@")
    if name in _NO_PERSON or name.endswith("$"):
        return None
    ours = not domain or domain in domains
    return name if ours and len(name) <= LONGEST and name.isprintable() and not set(name) & set("\\@/") else ""
