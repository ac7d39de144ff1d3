"""The bundle: one person's events over a period, with everything needed to check them offline.

Owns the set of files, the manifest (version 1) and their order in the zip. Promises: the same request makes the same
bytes; nobody else's data is in it; only sealed events are in it, and it says how many were not sealed yet; nothing is
written where a stored event is not what was sealed.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from analytics.canonical import canonical_bytes
from analytics.durable import write_whole
from analytics.evidence.canonical_zip import zip_bytes
from analytics.evidence.events_table import events_csv
from analytics.evidence.keys import key_id
from analytics.evidence.proofs import Proven, prove
from analytics.evidence.report import render_report
from analytics.evidence.request import BundleRequest
from analytics.evidence.seal import Seal
from config.errors import EvidenceError

VERSION: Final = 1
_HOW_TO_CHECK: Final = Path(__file__).with_name("HOW-TO-CHECK.txt")


def write_bundle(request: BundleRequest, out: Path) -> None:
    """Write the bundle to `out`, whole or not at all, 0600.

    Raises:
        EvidenceError: an event or seal does not hold, or the key may not sign; it says which and why.
        OSError: `out` cannot be written.
    """
    write_whole(out, bundle_bytes(request))


def bundle_bytes(request: BundleRequest) -> bytes:
    """The bundle's bytes; errors as in `write_bundle`."""
    seals = [segment.seal for segment in request.segments]
    _check_seals(seals, request)
    proven = prove(request)
    visits = _visits_of(request, proven)
    files = {
        "report.pdf": render_report(request, proven, visits),
        "events.csv": events_csv([row.event for row in proven.events]),
        "events.jsonl": _lines(row.data for row in proven.events),
        "proofs.jsonl": _lines(row.proof() for row in proven.events),
        "seals.jsonl": _lines(seal.encode() for seal in _in_order(seals)),
        "keys.json": _keys(request, seals),
        "HOW-TO-CHECK.txt": _HOW_TO_CHECK.read_bytes(),
    }
    statement = _manifest(request, proven, visits, files)
    signature = request.key.sign(statement)
    return zip_bytes({**files, "manifest.json": canonical_bytes(statement), "manifest.sig": signature})


def _check_seals(seals: Sequence[Seal], request: BundleRequest) -> None:
    """A bundle that its own checker would refuse must not leave."""
    last: dict[str, Seal] = {}
    for seal in _in_order(seals):
        named = f"The seal of segment {seal.segment} of {seal.gateway}"
        before = last.get(seal.gateway)
        if before and seal.previous != before.digest:
            raise EvidenceError(f"{named} does not follow the one before it: a seal is missing or was made again.")
        if seal.school != request.school or seal.demonstration is not request.demonstration:
            raise EvidenceError(f"{named} is of another school, or only one of seal and report is a demonstration's.")
        last[seal.gateway] = seal
    if seals and request.key.key_id not in {seal.key_id for seal in seals}:
        raise EvidenceError(f"The key {request.key.key_id} made none of the seals. Sign with the gateway's own key.")


def _in_order(seals: Iterable[Seal]) -> list[Seal]:
    return sorted(seals, key=lambda seal: (seal.gateway, seal.segment))


def _visits_of(request: BundleRequest, proven: Proven) -> list[Mapping[str, Any]]:
    """Visits whose navigation is proven; one that rests on no event at all stops the export."""
    known = {row.event.event_id for row in proven.events}
    stored = known.union(event.event_id for event in proven.unsealed)
    for visit in request.visits:
        if visit["visit_id"] not in stored:
            raise EvidenceError(f"The visit {visit['visit_id']} rests on no stored event. Rebuild that day's visits.")
    return [visit for visit in request.visits if visit["visit_id"] in known]


def _lines(rows: Iterable[bytes]) -> bytes:
    return b"".join(row + b"\n" for row in rows)


def _keys(request: BundleRequest, seals: Sequence[Seal]) -> bytes:
    public = {seal.public_key: seal.demonstration for seal in seals}
    public[request.key.public_key.hex()] = request.demonstration
    entries = [
        {"key_id": key_id(bytes.fromhex(key), demonstration=demo), "public_key": key, "demonstration": demo}
        for key, demo in public.items()
    ]
    return canonical_bytes({"version": VERSION, "keys": sorted(entries, key=lambda entry: str(entry["key_id"]))})


def _manifest(
    request: BundleRequest, proven: Proven, visits: Sequence[Mapping[str, Any]], files: Mapping[str, bytes]
) -> dict[str, Any]:
    return {
        "version": VERSION,
        "kind": "period_report",
        "school": request.school,
        "school_name": request.school_name,
        "person": {"id": request.person_id, "name": request.person_name},
        "first_day": request.first_day.isoformat(),
        "last_day": request.last_day.isoformat(),
        "from_ms": request.from_ms,
        "to_ms": request.to_ms,
        "made_ms": request.made_ms,
        "made_by": {"name": request.made_by, "role": request.made_as, "reason": request.reason},
        "demonstration": request.demonstration,
        "key_id": request.key.key_id,
        "events": len(proven.events),
        "visits": len(visits),
        "not_yet_sealed": len(proven.unsealed),
        "coverage": {
            "recorded_ms": request.recorded.recorded_ms,
            "gaps": [asdict(gap) for gap in request.recorded.gaps],
        },
        "told_ms": request.told_ms,
        "permissions": [asdict(permission) for permission in request.permissions],
        "heads": heads(request),
        "versions": {
            "software": request.software,
            "policies": sorted({row.event.policy_version for row in proven.events}),
        },
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }


def heads(request: BundleRequest) -> dict[str, str]:
    """Each gateway's last seal in the bundle, by its digest: what is compared with the copy held outside."""
    return {seal.gateway: seal.digest for seal in _in_order(segment.seal for segment in request.segments)}
