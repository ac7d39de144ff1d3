"""The canonical form of a record, and its leaf hash.

Owns the bytes that are hashed and signed: RFC 8785 (JSON Canonicalization Scheme), restricted to objects whose
values are strings, integers within +-(2^53-1), booleans, null, and lists or objects of these. There are no
floats, so there is only one way to write a number. Frozen: a change here would orphan every seal ever made.

Promises: the same value always gives the same bytes; what cannot be written exactly is refused, never rounded.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from config.errors import RecordError

LARGEST_INTEGER = 2**53 - 1
"""I-JSON's bound (RFC 7493): the largest integer every JSON reader keeps exact."""

_LEAF_PREFIX = b"\x00"
"""RFC 9162 section 2.1.1: leaves and inner nodes are hashed in separate domains."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical_bytes(value: Mapping[str, Any]) -> bytes:
    """The canonical UTF-8 bytes of `value`, whose keys are ASCII strings.

    Raises:
        RecordError: a float, an integer out of range, a lone surrogate, a non-ASCII key, or another type.
    """
    for key, item in value.items():
        _check_key(key)
        # Almost every value is one of these; the recursion below is for the few that are not.
        if item is None or item is True or item is False or type(item) is str:
            continue
        if type(item) is int and -LARGEST_INTEGER <= item <= LARGEST_INTEGER:
            continue
        _check(item, key)
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError as fault:
        raise RecordError(f"A text in the record holds half a character (a lone surrogate): {fault.reason}.") from fault


def leaf_hash(canonical: bytes) -> bytes:
    """SHA-256(0x00 || canonical): 32 bytes, the record's leaf in its segment's Merkle tree."""
    return hashlib.sha256(_LEAF_PREFIX + canonical).digest()


def _check_key(key: object) -> None:
    # With ASCII keys, Python's code-point order is RFC 8785's UTF-16 order.
    if type(key) is not str or not key.isascii():
        raise RecordError(f"The name {key!r} in the record is not plain ASCII text.")


def _check(item: object, where: str) -> None:
    match item:
        case None | bool() | str():
            return
        case int() if -LARGEST_INTEGER <= item <= LARGEST_INTEGER:
            return
        case int():
            raise RecordError(f"{where} holds {item}, which is too large a number to keep exactly.")
        case list() | tuple():
            for part in item:
                _check(part, where)
        case dict():
            for key, part in item.items():
                _check_key(key)
                _check(part, key)
        case _:
            raise RecordError(f"{where} holds a {type(item).__name__}; only text, whole numbers, yes/no and lists fit.")
