"""Seals: the gateway's signed word on a closed segment, each naming the one before it.

Owns the seal's statement (version 1, frozen) and its file: the canonical JSON of {statement, signature, public_key}.
A segment's seal says how many records it held, over what time, and the Merkle root of their leaf hashes; `previous`
is the SHA-256 of the seal before it, so that none can be taken out or made again without all that follow.
Promises: what `read` returns is canonical, complete and rightly signed by the key it names. That the key is the
school's, and not one made yesterday, only a copy outside the school can show.
"""

import hashlib
from dataclasses import dataclass, fields
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from analytics.canonical import canonical_bytes
from analytics.event import parse_record
from analytics.evidence.keys import SigningKey, key_id
from config.errors import EvidenceError, RecordError

VERSION: Final = 1
FIRST: Final = "0" * 64
"""`previous` of a gateway's first seal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One segment's seal. Hashes, key and signature are lower-case hex; times UTC ms."""

    school: str
    gateway: str
    segment: int
    count: int
    """Records in the segment; one that was damaged before sealing is not among them."""
    first_ms: int
    """Earliest and latest time of a record in it."""
    last_ms: int
    root: str
    previous: str
    key_id: str
    demonstration: bool
    closed_ms: int
    public_key: str
    signature: str

    @property
    def statement(self) -> dict[str, Any]:
        """What is signed."""
        return {"version": VERSION, **{name: getattr(self, name) for name in _STATED}}

    def encode(self) -> bytes:
        """The seal file's canonical bytes."""
        return canonical_bytes(
            {"statement": self.statement, "signature": self.signature, "public_key": self.public_key}
        )

    @property
    def digest(self) -> str:
        """SHA-256 of `encode()`, in hex: `previous` of the next seal, and the head when it is the last."""
        return hashlib.sha256(self.encode()).hexdigest()


_UNSTATED: Final = ("public_key", "signature")
_STATED: Final = tuple(field.name for field in fields(Seal) if field.name not in _UNSTATED)
_TYPES: Final = {field.name: field.type for field in fields(Seal)}


class Sealer:
    """Makes seals with one key. It keeps no state: the chain is on disk, with the segments."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    @property
    def demonstration(self) -> bool:
        return self._key.demonstration

    @property
    def key(self) -> SigningKey:
        return self._key

    def seal(
        self,
        *,
        school: str,
        gateway: str,
        segment: int,
        count: int,
        first_ms: int,
        last_ms: int,
        root: bytes,
        previous: str,
        closed_ms: int,
    ) -> Seal:
        """The seal of one closed segment; `previous` is the digest of the seal before, `FIRST` for the first."""
        statement: dict[str, Any] = {
            "school": school,
            "gateway": gateway,
            "segment": segment,
            "count": count,
            "first_ms": first_ms,
            "last_ms": last_ms,
            "root": root.hex(),
            "previous": previous,
            "key_id": self._key.key_id,
            "demonstration": self._key.demonstration,
            "closed_ms": closed_ms,
        }
        signature = self._key.sign({"version": VERSION, **statement})
        return Seal(**statement, public_key=self._key.public_key.hex(), signature=signature.hex())


def read(data: bytes) -> Seal:
    """The seal whose file holds `data`, its signature checked.

    Raises:
        EvidenceError: not a seal, not canonical, or not signed by the key it names.
    """
    try:
        seal = _parse(data)
        canonical = seal.encode() == data
    except RecordError as fault:
        raise EvidenceError(f"A seal cannot be read. {fault}") from fault
    if not canonical:
        raise EvidenceError("A seal is not in its canonical form: it was altered after it was made.")
    _check_signature(seal)
    return seal


def _parse(data: bytes) -> Seal:
    plain = parse_record(data)
    statement = plain.pop("statement", None)
    if not isinstance(statement, dict) or statement.pop("version", None) != VERSION:
        raise EvidenceError("A seal is of a version this Fairgate does not know.")
    values = {**statement, **plain}
    if values.keys() != _TYPES.keys() or any(type(values[name]) is not _TYPES[name] for name in values):
        raise EvidenceError("A seal has missing, unknown or mistyped fields.")
    return Seal(**values)


def _check_signature(seal: Seal) -> None:
    named = f"The seal of segment {seal.segment} of {seal.gateway}"
    try:
        raw, signature = _unhex(seal.public_key), _unhex(seal.signature)
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, canonical_bytes(seal.statement))
    except (InvalidSignature, ValueError) as fault:
        raise EvidenceError(f"{named} is not signed by the key it names.") from fault
    if seal.key_id != key_id(raw, demonstration=seal.demonstration):
        raise EvidenceError(f"{named} names a key it does not hold.")


def _unhex(text: str) -> bytes:
    """Only lower-case hex: a second spelling would be a second seal of the same segment."""
    raw = bytes.fromhex(text)
    if raw.hex() != text:
        raise ValueError("not lower-case hex")
    return raw
