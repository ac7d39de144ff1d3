"""A segment's seal and leaf hashes, checked before they are kept.

Promises: leaf hashes reach the table `seals` only when they are as many as the seal says and give its signed root, and
the seal names this school, gateway and segment. Otherwise there is a gap that says the segment does not hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from analytics.canonical import leaf_hash
from analytics.evidence import seal as seals
from analytics.evidence.merkle import RunningRoot
from analytics.evidence.seal import Seal
from analytics.records import Gap, GapReason
from analytics.spool import Segment, SpoolLine
from analytics.store.columns import table_of
from analytics.store.record_rows import Origin
from config.errors import EvidenceError

MISSING, UNREADABLE, FOREIGN, MISMATCH = "no seal", "seal unreadable", "seal of another segment", "root does not match"


def leaves_of(lines: Iterable[SpoolLine]) -> list[bytes]:
    """The leaf hashes of the whole lines."""
    return [leaf_hash(line.data) for line in lines if not line.fault]


def sealed_tables(
    segment: Segment, leaves: list[bytes], origin: Origin, received_ms: int
) -> tuple[dict[str, pa.Table], str]:
    """The rows to keep of a closed segment with these `leaves`, and "" or why its seal does not hold."""
    found, fault = _checked(segment, origin, leaves)
    row: Mapping[str, Any]
    if found is not None:
        row = {**asdict(found), "leaves": [leaf.hex() for leaf in leaves], "received_ms": received_ms}
        return {"seals": table_of("seals", [row])}, ""
    row = {
        **asdict(_gap(origin, received_ms)),
        "source_offset": segment.path.stat().st_size,
        "received_ms": received_ms,
    }
    return {"gaps": table_of("gaps", [row])}, fault


def _checked(segment: Segment, origin: Origin, leaves: list[bytes]) -> tuple[Seal | None, str]:
    if segment.seal is None:
        return None, MISSING
    try:
        found = seals.read(segment.seal.read_bytes())
    except (EvidenceError, OSError):
        return None, UNREADABLE
    if (found.school, found.gateway, found.segment) != (origin.school, origin.gateway, origin.segment):
        return None, FOREIGN
    if found.count != len(leaves) or RunningRoot(leaves).root().hex() != found.root:
        return None, MISMATCH
    return found, ""


def _gap(origin: Origin, received_ms: int) -> Gap:
    """All that can be said is that the segment, up to its last record's time, does not hold."""
    when = origin.last_ms or received_ms
    return Gap(
        school=origin.school,
        gateway=origin.gateway,
        segment=origin.segment,
        ts_ms=when,
        reason=GapReason.DAMAGED,
        from_ms=when,
        to_ms=when,
        count=0,
    )
