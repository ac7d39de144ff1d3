"""Signing keys: Ed25519, one PEM file each, readable by its owner alone.

Owns the key folder (STATE/gateway/keys) and key ids. A file is `<day it was made, UTC>-<key id>.pem`; the last by name
is the one in use, so that a later day's key takes over by being written beside it.
Promises: a private key is 0600 from its first byte; a demonstration key carries "DEMO-" in its id and signs nothing
that does not say it is a demonstration; a key never crosses from a demonstration school to a real one or back.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from analytics.canonical import canonical_bytes
from analytics.durable import write_whole
from config.errors import EvidenceError

DEMONSTRATION_PREFIX: Final = "DEMO-"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and whether it belongs to a demonstration."""

    private: Ed25519PrivateKey
    demonstration: bool

    @property
    def public_key(self) -> bytes:
        """32 raw bytes."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_id(self) -> str:
        return key_id(self.public_key, demonstration=self.demonstration)

    def sign(self, statement: dict[str, Any]) -> bytes:
        """64 bytes: Ed25519 over the statement's canonical bytes.

        Raises:
            EvidenceError: the statement does not say truly whether it is a demonstration's, or names another key.
        """
        if statement.get("demonstration") is not self.demonstration or statement.get("key_id") != self.key_id:
            raise EvidenceError(
                f"The key {self.key_id} may not sign this statement: it names another key, or does not say "
                "whether it is a demonstration's. Sign it with the key it names."
            )
        return self.private.sign(canonical_bytes(statement))


def key_id(public_key: bytes, *, demonstration: bool) -> str:
    """First 16 hex digits of SHA-256 of the 32 raw bytes, after "DEMO-" for a demonstration's."""
    return (DEMONSTRATION_PREFIX if demonstration else "") + hashlib.sha256(public_key).hexdigest()[:16]


def open_key(folder: Path, *, demonstration: bool) -> SigningKey:
    """The key in use in `folder`, made now where there is none.

    Raises:
        EvidenceError: it is damaged, open to others, or belongs to the other kind of school.
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(folder):
        files = sorted(folder.glob("*.pem"))
        return _read(files[-1], demonstration) if files else _make(folder, demonstration)


def new_key(*, demonstration: bool) -> SigningKey:
    """A fresh key, not yet kept anywhere."""
    return SigningKey(Ed25519PrivateKey.generate(), demonstration)


def _make(folder: Path, demonstration: bool) -> SigningKey:
    key = new_key(demonstration=demonstration)
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(folder / f"{datetime.now(UTC):%Y-%m-%d}-{key.key_id}.pem", pem, mode=0o600)
    return key


def _read(path: Path, demonstration: bool) -> SigningKey:
    if path.stat().st_mode & 0o077:
        raise EvidenceError(f"The signing key {path} can be read by others. Close it first: chmod 600 {path}")
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise EvidenceError(f"The signing key {path} is damaged. Put it back from a backup.") from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise EvidenceError(f"The signing key {path} is not an Ed25519 key. Put the right one back from a backup.")
    key = SigningKey(private, demonstration)
    if path.stem[len("2026-01-01-") :] != key.key_id:
        raise EvidenceError(
            f"The signing key {path} is not the one its name says, or belongs to "
            f"{'a real school' if demonstration else 'a demonstration'}. Use the state folder it was made in."
        )
    return key


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Several workers may start at once; only one makes the key."""
    handle = os.open(folder / "keys.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
