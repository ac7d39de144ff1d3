"""Check a Fairgate bundle, offline, with this one file: Python 3.12 or later and the `cryptography` package.

    python verify.py FILE.zip [--head HEX]...

Shares no code with what makes bundles. Exit status 0: it holds; 1: it says which file or row is wrong. It checks that
  - the zip is, byte for byte, the one form accepted; every file is the one the signed manifest names;
  - every seal is signed, follows the one before it, and, with --head, leads to the copy kept outside the school;
  - every event is proven (RFC 9162) to be in a sealed segment, is the named person's, of the period, and in its place.
What it cannot show: that the sealing key was the school's (compare heads), that the report's prose is wise, or that
whoever holds the signing key left no event out: proofs show what is in, and the seals count everybody's events as one.
"""

import argparse
import csv
import hashlib
import json
import mmap
import re
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMES = ("report.pdf", "events.csv", "events.jsonl", "proofs.jsonl", "seals.jsonl", "keys.json", "HOW-TO-CHECK.txt",
         "manifest.json", "manifest.sig")  # fmt: skip
MOST_SHOWN = 20
UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, csv.Error)


@dataclass
class Findings:
    """`problems` in plain sentences, none where everything agrees; `notes` to be read either way; what was signed."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)

    def wrong(self, sentence: str) -> None:
        self.problems.append(sentence)


@dataclass
class Seals:
    """The seals that hold, by (gateway, segment), the keys that made each gateway's, and how far a head vouches."""

    by_place: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    vouched: dict[str, int] = field(default_factory=dict)


def verify_bundle(path: Path, heads: Sequence[str] = ()) -> Findings:
    """Check the bundle at `path`; `heads` are the digests of seals as somebody outside the school holds them."""
    found = Findings()
    try:
        with path.open("rb") as file:
            whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        _check(_members(whole, found.problems), heads, found)
    except (OSError, ValueError) as fault:
        found.wrong(f"{path} cannot be read: {fault}.")
    return found


def _check(files: dict[str, memoryview], heads: Sequence[str], found: Findings) -> None:
    keys = _stage("keys.json", found, lambda: _keys(files)) or {}
    _stage("manifest.json", found, lambda: _check_manifest(files, keys, found))
    seals = Seals()
    _stage("seals.jsonl", found, lambda: _check_seals(files["seals.jsonl"], keys, found, seals))
    _check_heads(heads, seals, found)
    _stage("events.jsonl or proofs.jsonl", found, lambda: _check_events(files, seals, found))
    _stage("events.csv", found, lambda: _check_table(files, found))


def _stage(name: str, found: Findings, work: Any) -> Any:
    try:
        return work()
    except UNREADABLE as fault:
        found.wrong(f"{name} is damaged or not of this form ({type(fault).__name__}).")
        return None


def _members(data: memoryview, problems: list[str]) -> dict[str, memoryview]:
    """The zip's files; the zip itself must be what these files make, and nothing else."""
    files, central, at = {}, b"", 0
    for name in NAMES:
        start = at + 30 + len(name)
        if start > len(data):
            raise ValueError(f"it is cut short: {name} is missing")
        size = int.from_bytes(data[at + 22 : at + 26], "little")
        body = data[start : start + size]
        common = struct.pack("<5H3I2H", 20, 0, 0, 0, 0x21, zlib.crc32(body), size, size, len(name), 0)
        if len(body) < size or data[at:start] != b"PK\3\4" + common + name.encode():
            problems.append(f"The zip is altered at {name}: it is not in the one accepted form.")
        central += b"PK\1\2\24\0" + common + struct.pack("<3H2I", 0, 0, 0, 0, at) + name.encode()
        files[name], at = body, start + len(body)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(NAMES), len(NAMES), len(central), at, 0)
    if data[at:] != central + end:
        problems.append("The zip's directory is altered, or something was added to it.")
    return files


def _canonical(value: Any) -> bytes:
    """RFC 8785, where there are no floats and all names are ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _read(raw: bytes) -> Any:
    if _canonical(value := json.loads(raw)) != raw:
        raise ValueError("not canonical")
    return value


def _signed(public_key: str, signature: bytes, statement: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, statement)
        return True
    except (InvalidSignature, ValueError):
        return False


def _keys(files: dict[str, memoryview]) -> dict[str, str]:
    """Public keys by id; an id that is not its key's own is left out, so that nothing it signed will hold."""
    keys = {}
    for entry in _read(bytes(files["keys.json"]))["keys"]:
        own = hashlib.sha256(bytes.fromhex(entry["public_key"])).hexdigest()[:16]
        if entry["key_id"] == ("DEMO-" if entry["demonstration"] else "") + own:
            keys[entry["key_id"]] = entry["public_key"]
    return keys


def _check_manifest(files: dict[str, memoryview], keys: dict[str, str], found: Findings) -> None:
    raw = bytes(files["manifest.json"])
    manifest = json.loads(raw)
    if not _signed(keys.get(manifest["key_id"], ""), bytes(files["manifest.sig"]), raw):
        found.wrong("manifest.json is not signed by the key it names: one of the two, or keys.json, was altered.")
    found.manifest = _read(raw)
    if manifest["version"] != 1 or manifest["demonstration"] is not manifest["key_id"].startswith("DEMO-"):
        found.wrong("manifest.json is of another version, or hides that it is a demonstration's.")
    if set(manifest["files"]) != set(NAMES[:-2]):
        found.wrong("manifest.json does not name exactly the files that a bundle holds.")
    for name in NAMES[:-2]:
        if hashlib.sha256(files[name]).hexdigest() != manifest["files"].get(name):
            found.wrong(f"{name} is not the file that the manifest was signed for.")


def _lines(body: memoryview) -> Iterator[bytes]:
    """Lines without their newline; every line must have one."""
    pending = b""
    for at in range(0, len(body), 1 << 20):
        *whole, pending = (pending + bytes(body[at : at + (1 << 20)])).split(b"\n")
        yield from whole
    if pending:
        raise ValueError("the last line is cut short")


def _check_seals(body: memoryview, keys: dict[str, str], found: Findings, seals: Seals) -> None:
    last: dict[str, tuple[str, str, int]] = {}
    for row, raw in enumerate(_lines(body), 1):
        seal = _read(raw)
        told, signature = seal["statement"], bytes.fromhex(seal["signature"])
        gateway, segment, key = told["gateway"], told["segment"], told["key_id"]
        name = f"Seal {row} (segment {segment} of {gateway})"
        right = signature.hex() == seal["signature"] and keys.get(key) == seal["public_key"]
        if not right or not _signed(seal["public_key"], signature, _canonical(told)):
            found.wrong(f"{name} is not signed by a key of keys.json: altered, or made by another.")
            continue
        previous, same_key, earlier = last.get(gateway, (told["previous"], key, 0))
        if told["previous"] != previous or segment <= earlier:
            found.wrong(f"{name} does not follow the one before it: a seal was removed, added or re-made.")
        if key != same_key:
            found.wrong(f"{name} is signed by another key than the seals before it.")
        if told["version"] != 1 or any(told[each] != found.manifest.get(each) for each in ("school", "demonstration")):
            found.wrong(f"{name} is of another school or version, or is (or is not) a demonstration's.")
        digest = hashlib.sha256(raw).hexdigest()
        last[gateway] = (digest, key, segment)
        seals.by_place[gateway, segment], seals.places[digest] = told, (gateway, segment)
        seals.keys.setdefault(gateway, set()).add(key)
    if seals.keys and found.manifest.get("key_id") not in set().union(*seals.keys.values()):
        found.wrong("manifest.json is signed by a key that made none of the seals.")


def _check_heads(heads: Sequence[str], seals: Seals, found: Findings) -> None:
    for head in heads:
        place = seals.places.get(head.strip().lower())
        if place is None:
            found.wrong(f"The head {head[:16]}... held outside is no seal of this bundle: the record was re-made.")
        else:
            seals.vouched[place[0]] = max(place[1], seals.vouched.get(place[0], 0))
            found.notes.append(f"The head {head[:16]}... held outside agrees: segment {place[1]} of {place[0]}.")
    if seals.vouched and not any(found.manifest.get("key_id") in seals.keys[gateway] for gateway in seals.vouched):
        found.wrong("manifest.json is signed by the key of a gateway that no head given here vouches for.")
    if not heads:
        found.notes.append("Not checked against an outside copy: give the head that the Chair holds with --head.")


def _check_events(files: dict[str, memoryview], seals: Seals, found: Findings) -> None:
    before, rows, later, gateways = (-1, "", 0, 0), 0, 0, set[str]()
    for rows, (raw, proof) in enumerate(zip_longest(_lines(files["events.jsonl"]), _lines(files["proofs.jsonl"])), 1):
        if raw is None or proof is None:
            found.wrong(f"From event {rows} on, events.jsonl and proofs.jsonl do not match.")
            return
        event = json.loads(raw)
        at = (event["ts_ms"], event["gateway"], event["segment"], event["seq"])
        if at <= before:
            found.wrong(f"Event {rows} ({event['event_id']}) is out of order or doubled.")
        if problem := _event_problem(raw, event, _read(proof), seals, found.manifest):
            found.wrong(f"Event {rows} ({event['event_id']}) {problem}.")
        before, gateways = at, gateways | {event["gateway"]}
        later += event["segment"] > seals.vouched.get(event["gateway"], event["segment"])
    if rows != (stated := found.manifest["events"]):
        found.wrong(f"events.jsonl holds {rows} events; the manifest says {stated}.")
    for gateway in sorted(gateways - seals.vouched.keys()) if seals.vouched else ():
        found.wrong(f"There are events of {gateway}, and none of the heads given is of that gateway.")
    if later:
        found.notes.append(f"{later} of {rows} events are later than the heads given: those rest on the key alone.")


def _event_problem(raw: bytes, event: Any, proof: Any, seals: Seals, manifest: dict[str, Any]) -> str:
    seal = seals.by_place.get((event["gateway"], event["segment"]))
    if event["person_id"] != manifest["person"]["id"] or event["school"] != manifest["school"]:
        return "is not of the person and school that the manifest names"
    if not manifest["from_ms"] <= event["ts_ms"] < manifest["to_ms"]:
        return "is outside the period that the manifest names"
    if any(proof[name] != event[name] for name in ("event_id", "gateway", "segment")):
        return "has another event's proof"
    if seal is None:
        return f"is in segment {event['segment']} of {event['gateway']}, which has no seal here"
    leaf = hashlib.sha256(b"\0" + raw).digest()
    if not _included(seal, proof["index"], leaf, [bytes.fromhex(part) for part in proof["path"]]):
        return "is not as it was sealed: the row or its proof was altered, added or swapped"
    return ""


def _included(seal: dict[str, Any], index: int, leaf: bytes, path: list[bytes]) -> bool:
    """RFC 9162, section 2.1.3.2."""
    at, last = index, seal["count"] - 1
    for part in path:
        if last < 1 or not 0 <= at <= last:
            return False
        if at & 1 or at == last:
            leaf = hashlib.sha256(b"\1" + part + leaf).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\1" + leaf + part).digest()
        at, last = at >> 1, last >> 1
    return bool(at == last == 0 and leaf.hex() == seal["root"])


def _check_table(files: dict[str, memoryview], found: Findings) -> None:
    rows = csv.reader((line + b"\n").decode() for line in _lines(files["events.csv"]))
    header = next(rows)
    for number, (cells, raw) in enumerate(zip_longest(rows, _lines(files["events.jsonl"])), 1):
        if cells is None or raw is None:
            found.wrong(f"events.csv and events.jsonl differ in length from row {number} on.")
            return
        event = json.loads(raw)
        moment = datetime.fromtimestamp(event["ts_ms"] // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        event |= {"row": number, "time_utc": f"{moment}.{event['ts_ms'] % 1000:03d}"}
        pairs = zip(header, cells, strict=True)
        if wrong := [name for name, cell in pairs if name != "time_london" and cell != _cell(event[name])]:
            found.wrong(f"Row {number} of events.csv differs from its event in {wrong[0]}.")


def _cell(value: Any) -> str:
    text = ("no", "yes")[value] if isinstance(value, bool) else "" if value is None else str(value)
    return "'" + text if isinstance(value, str) and re.match(r"[=+\-@\t\r\n']", text) else text


def main(argv: Sequence[str] | None = None) -> int:
    """Check the file named on the command line; 0 where everything agrees, else 1."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Check a Fairgate bundle, offline.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--head", action="append", default=[], help="a head that somebody outside the school holds")
    asked = parser.parse_args(argv)
    if not asked.file.is_file():
        sys.exit(f"There is no file {asked.file}: nothing was checked.")
    found = verify_bundle(asked.file, asked.head)
    if found.manifest.get("demonstration") is not False:
        print("*** DEMO *** This bundle is a demonstration's, or unreadable. It is evidence of nothing. *** DEMO ***")
    sys.stdout.writelines(f"Note: {note}\n" for note in found.notes)
    sys.stdout.writelines(f"WRONG: {problem}\n" for problem in found.problems[:MOST_SHOWN])
    if found.problems:
        print(f"{asked.file} does NOT hold: {len(found.problems)} thing(s) wrong.")
        return 1
    told = found.manifest
    print(f"{asked.file} holds: {told['events']} events of {told['person']['id']}; signed by key {told['key_id']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
