"""Passwords: argon2id, the least length, and one-time passwords to print.

Owns the hash's strength. Promises: checking against no account costs as much as checking against one; at most two
are checked at once, so that a flood of sign-ins cannot take the memory of the machine.
"""

import secrets
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from analytics.governance.ids import new_id
from config.errors import FairgateError

LEAST_LENGTH: Final = 12
MOST_LENGTH: Final = 256


class Passwords:
    """Hashing and checking. The defaults are argon2-cffi's: three passes over 64 MiB."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65536) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib)
        self._slots = threading.BoundedSemaphore(2)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """The argon2id hash of an acceptable password.

        Raises:
            FairgateError: it is too short or too long.
        """
        if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
            raise FairgateError(
                f"The password must have {LEAST_LENGTH} to {MOST_LENGTH} characters. Three or four words do well."
            )
        with self._slots:
            return self._hasher.hash(password)

    def matches(self, password: str, hashed: str | None) -> bool:
        """Whether `password` is the one hashed. `None` (no such account) takes as long, and is never so."""
        against = hashed or self._no_account()
        try:
            with self._slots:
                self._hasher.verify(against, password[: MOST_LENGTH + 1])
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    def _no_account(self) -> str:
        if self._nobody is None:
            self._nobody = self.hash(secrets.token_urlsafe(32))
        return self._nobody


def one_time_password() -> str:
    """A password to be printed once and changed at the first sign-in: four groups, 79 random bits."""
    letters = new_id("x")[2:] + secrets.choice("23456789")
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
