"""Opaque ids: a letter that says of what, and fifteen random characters that say nothing.

Owns no meaning: an id in an address or a log tells nothing about whom it stands for.
"""

import secrets
from typing import Final

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/i/l: ids are sometimes read aloud."""


def new_id(letter: str) -> str:
    """A fresh id such as "p-7f3k2...": 74 random bits."""
    return f"{letter}-" + "".join(secrets.choice(_ALPHABET) for _ in range(15))
