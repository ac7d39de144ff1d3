"""From lists to the one file that the gateway's workers share.

Owns the writing of that file; its layout is in analytics.lists.compiled. Promises: the same lists always give the
same file but for the time in its heading; a name that several categories hold keeps all of them, for the policy to
settle; memory is about 60 bytes a name while it is made, and the file 11 bytes.
"""

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from analytics.durable import write_whole
from analytics.lists.compiled import HEAD, KEY_BYTES, LAYOUT, MAGIC, PADDED_TO, PATHS_BELOW, digester
from analytics.lists.plain import Rule
from config.errors import ConfigError
from config.policy import ImportedList

_MOST_MEANINGS: Final = 65_535
_ID = 2

type _Pair = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One list to compile."""

    listed: ImportedList
    version: str
    taken_ms: int
    """When it was fetched or imported, UTC."""
    rules: Iterable[Rule]


class _Pairs:
    """Numbers for (list, category); number 0 says that the host has listed paths."""

    def __init__(self) -> None:
        self.numbers: dict[_Pair, int] = {(-1, PATHS_BELOW): 0}
        self.counts: list[dict[str, int]] = []
        self.deepest = 0
        self.domains = 0

    def records(self, sources: Sequence[Source], salt: bytes) -> Iterator[bytes]:
        """(digest, number) of every rule, and of every host that has paths."""
        digest = digester(salt)
        below = (0).to_bytes(_ID)
        for at, source in enumerate(sources):
            self.counts.append({})
            for category, entries in groupby(source.rules, key=lambda rule: rule[0]):
                number = self._number(at, category)
                count = 0
                for _, name in entries:
                    count += 1
                    yield digest(name) + number
                    if "/" in name:
                        host, _, path = name.partition("/")
                        self.deepest = max(self.deepest, path.count("/") + 1)
                        yield digest(host) + below
                    else:
                        self.domains += 1
                self.counts[at][category] = self.counts[at].get(category, 0) + count

    def _number(self, at: int, category: str) -> bytes:
        number = self.numbers.setdefault((at, category), len(self.numbers))
        if number > _MOST_MEANINGS:
            raise ConfigError(f"The lists have more than {_MOST_MEANINGS} categories. Import fewer lists.")
        return number.to_bytes(_ID)


def compile_lists(sources: Sequence[Source], path: Path, now_ms: int) -> None:
    """Write `sources`, in order of precedence, to a new file at `path`, durably and read-only.

    Raises:
        ConfigError: the lists have more categories, or combinations of them, than the file can tell apart.
        OSError: the disk is full or refuses.
    """
    identity = [[source.listed.key, source.version] for source in sources]
    salt = hashlib.sha256(json.dumps(identity).encode()).digest()[:16]
    pairs = _Pairs()
    records = sorted(pairs.records(sources, salt))
    body, meanings, rules = _body(records, [list(pair) for pair in pairs.numbers])
    records.clear()
    head: dict[str, object] = {
        "layout": LAYOUT,
        "made_ms": now_ms,
        "byte_order": sys.byteorder,
        "salt": salt.hex(),
        "rules": rules,
        "domains": pairs.domains,
        "deepest": pairs.deepest,
        "body": hashlib.sha256(body).hexdigest(),
        "lists": [_described(source, counts) for source, counts in zip(sources, pairs.counts, strict=True)],
        "meanings": meanings,
    }
    # What a killed run left cannot be written to: it is read-only as well.
    path.with_name(f"{path.name}.new").unlink(missing_ok=True)
    write_whole(path, _headed(head) + body, 0o400)


def _described(source: Source, counts: dict[str, int]) -> dict[str, object]:
    """The list in words, for whoever has nothing but the file; the policy decides what it means."""
    listed = source.listed
    return {
        "key": listed.key,
        "title": listed.title,
        "author": listed.author,
        "quality": listed.quality,
        "version": source.version,
        "taken_ms": source.taken_ms,
        "counts": counts,
        "categories": {entry.own: [entry.meaning, entry.quality] for entry in listed.categories},
    }


def _body(records: list[bytes], pairs: list[list[object]]) -> tuple[bytes, list[list[list[object]]], int]:
    """The three columns, what each number in the third means, and how many rows."""
    keys, meanings, checks = array("Q"), array("H"), bytearray()
    known: dict[bytes, int] = {}
    for digest, said in _combined(records):
        keys.append(int.from_bytes(digest[:KEY_BYTES]))
        checks.append(digest[KEY_BYTES])
        number = known.setdefault(said, len(known))
        if number > _MOST_MEANINGS:
            raise ConfigError(f"The lists combine categories in more than {_MOST_MEANINGS} ways. Import fewer lists.")
        meanings.append(number)
    told = [[pairs[int.from_bytes(said[at : at + _ID])] for at in range(0, len(said), _ID)] for said in known]
    return keys.tobytes() + meanings.tobytes() + bytes(checks), told, len(keys)


def _combined(records: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(digest, all numbers said of it, one after the other) from sorted records."""
    cut = KEY_BYTES + 1
    digest, said, last = b"", b"", b""
    for record in records:
        if record == last:
            continue
        last = record
        if record.startswith(digest) and said:
            said += record[cut:]
            continue
        if said:
            yield digest, said
        digest, said = record[:cut], record[cut:]
    if said:
        yield digest, said


def _headed(head: dict[str, object]) -> bytes:
    text = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + HEAD.size) % PADDED_TO)
    return HEAD.pack(MAGIC, len(text), hashlib.sha256(text).digest()) + text
