"""Passwords are argon2id at its defaults, of a least length."""

import threading
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from analytics.governance.passwords import LEAST_LENGTH, MOST_LENGTH, Passwords, one_time_password
from config.errors import FairgateError


def test_the_shipped_strength_is_argon2id_with_three_passes_over_64_mib() -> None:
    assert Passwords().hash("a long password").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("length", [0, LEAST_LENGTH - 1, MOST_LENGTH + 1])
def test_a_password_too_short_or_too_long_is_refused(passwords: Passwords, length: int) -> None:
    with pytest.raises(FairgateError, match="12 to 256"):
        passwords.hash("x" * length)


def test_only_the_password_itself_matches(passwords: Passwords) -> None:
    hashed = passwords.hash("x" * MOST_LENGTH)
    assert passwords.matches("x" * MOST_LENGTH, hashed)
    assert not passwords.matches("x" * (MOST_LENGTH + 1), hashed)
    assert not passwords.matches("", hashed)
    assert not passwords.matches("x" * MOST_LENGTH, "")
    assert not passwords.matches("x" * MOST_LENGTH, "not a hash")


def test_one_time_passwords_are_acceptable_and_never_alike(passwords: Passwords) -> None:
    made = {one_time_password() for _ in range(500)}
    assert len(made) == 500
    assert passwords.hash(made.pop())


class _Watched(PasswordHasher):
    """The real hasher, which sees how many checks run at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=3, memory_cost=8192)
        self.running, self.most, self.lock = 0, 0, threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            return super().verify(hash, password)
        finally:
            with self.lock:
                self.running -= 1


def test_at_most_two_passwords_are_checked_at_once(run_together: Callable[..., None]) -> None:
    passwords, watched = Passwords(), _Watched()
    passwords._hasher = watched
    hashed = watched.hash("a long password")
    run_together(12, lambda: passwords.matches("a long password", hashed))
    assert watched.most == 2
