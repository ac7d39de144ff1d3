"""The compiled lists: one read-only file, mapped into memory and shared by every worker of a machine.

Owns its layout, version 1: magic, length and SHA-256 of the heading; the heading, JSON; then three columns for all
rules, sorted by the first: 8-byte keys, 2-byte numbers into the heading's "meanings", 1-byte checks. Key and check are
a keyed 72-bit digest of the name, so that a name that is not listed is taken for one of five million that are once in
10^15 times, and the names themselves are not in the file.
Promises: opening checks all but the columns, whose digest `check_whole` compares; a damaged file is refused with what
to do; finding never raises.
"""

import hashlib
import json
import mmap
import struct
import sys
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from config.errors import ConfigError

MAGIC: Final = b"FGLISTS\n"
LAYOUT: Final = 1
HEAD: Final = struct.Struct(">8sI32s4x")
PADDED_TO: Final = 8
KEY_BYTES: Final = 8
PATHS_BELOW: Final = "/"
"""Stands for a category: the host has listed paths."""
_key_and_check = struct.Struct(">QB").unpack
_ROW: Final = KEY_BYTES + 2 + 1
_LONGEST_HEAD: Final = 2**24
_AT_A_TIME: Final = 2**20

type Pair = tuple[int, str]
"""Number of the list in the heading, and its own category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """One list in the file."""

    key: str
    title: str
    version: str
    taken_ms: int
    counts: dict[str, int]
    """Its own category to how many rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledLists:
    """An open file. Closed when it is let go of."""

    path: Path
    made_ms: int
    lists: tuple[ListHead, ...]
    meanings: tuple[tuple[Pair, ...], ...]
    rules: int
    domains: int
    deepest: int
    """Most steps in a listed path."""
    body_digest: str
    version: str
    """First 12 hex of the SHA-256 over what it says, whenever it was made."""
    _digest: Callable[[str], bytes] = field(repr=False)
    _keys: memoryview = field(repr=False)
    _numbers: memoryview = field(repr=False)
    _checks: memoryview = field(repr=False)

    def find(self, name: str) -> tuple[Pair, ...]:
        """All that is said of exactly this host, or host and path; nothing where it is not listed."""
        key, check = _key_and_check(self._digest(name))
        keys, at, rules = self._keys, bisect_left(self._keys, key), self.rules
        while at < rules and keys[at] == key:
            if self._checks[at] == check:
                number = self._numbers[at]
                return self.meanings[number] if number < len(self.meanings) else ()
            at += 1
        return ()

    def check_whole(self) -> None:
        """Compare the columns with their digest: 0.3 s for five million rules, so never while traffic waits.

        Raises:
            ConfigError: they are damaged.
        """
        whole = hashlib.sha256()
        for column in (self._keys, self._numbers, self._checks):
            plain = column.cast("B")
            for start in range(0, len(plain), _AT_A_TIME):
                whole.update(plain[start : start + _AT_A_TIME])
        if whole.hexdigest() != self.body_digest:
            raise _damaged(self.path, "its rules are not those that were written")


def digester(salt: bytes) -> Callable[[str], bytes]:
    """The 72-bit digest of a name, keyed so that nobody can choose two names that meet."""
    keyed = hashlib.blake2b(key=salt, digest_size=KEY_BYTES + 1)

    def digest(name: str) -> bytes:
        one = keyed.copy()
        one.update(name.encode("utf-8", "surrogatepass"))
        return one.digest()

    return digest


def open_compiled(path: Path) -> CompiledLists:
    """The compiled lists at `path`.

    Raises:
        ConfigError: there is no such file, or it is damaged.
    """
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError as absent:
        raise ConfigError(
            f"{path} does not exist: no lists are in force. Import some: fairgate lists import."
        ) from absent
    except (OSError, ValueError) as fault:
        raise _damaged(path, str(fault)) from fault
    try:
        return _opened(path, data)
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
        raise _damaged(path, str(fault) or type(fault).__name__) from fault


def _opened(path: Path, data: memoryview) -> CompiledLists:
    head, start = _head(data)
    rules = int(head["rules"])
    numbers_at = start + rules * KEY_BYTES
    checks_at = numbers_at + rules * 2
    if rules < 0 or len(data) != start + rules * _ROW:
        raise ValueError(f"it has {len(data)} bytes where {start + rules * _ROW} were written")
    lists = tuple(_list_head(plain) for plain in head["lists"])
    return CompiledLists(
        path=path,
        made_ms=int(head["made_ms"]),
        lists=lists,
        meanings=tuple(tuple((int(at), str(own)) for at, own in pairs) for pairs in head["meanings"]),
        rules=rules,
        domains=int(head["domains"]),
        deepest=int(head["deepest"]),
        body_digest=str(head["body"]),
        version=_version(head),
        _digest=digester(bytes.fromhex(head["salt"])),
        _keys=data[start:numbers_at].cast("Q"),
        _numbers=data[numbers_at:checks_at].cast("H"),
        _checks=data[checks_at:],
    )


def _head(data: memoryview) -> tuple[dict[str, Any], int]:
    magic, length, digest = HEAD.unpack_from(data)
    start = HEAD.size + length
    if magic != MAGIC or length > _LONGEST_HEAD or start > len(data):
        raise ValueError("it does not begin as compiled lists do")
    text = bytes(data[HEAD.size : start])
    if hashlib.sha256(text).digest() != digest:
        raise ValueError("its heading is not the one that was written")
    head: dict[str, Any] = json.loads(text)
    if head["layout"] != LAYOUT or head["byte_order"] != sys.byteorder:
        raise ValueError("another version of Fairgate, or another kind of machine, made it")
    return head, start


def _list_head(plain: dict[str, Any]) -> ListHead:
    return ListHead(**{name: plain[name] for name in ListHead.__dataclass_fields__})


def _version(head: dict[str, Any]) -> str:
    said = [[[plain["key"], plain["version"]] for plain in head["lists"]], head["meanings"], head["body"]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def _damaged(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} cannot be used: {why}. Go back to the lists before it: fairgate lists rollback; or import them again."
    )
