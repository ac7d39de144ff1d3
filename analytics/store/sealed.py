"""A segment's seal and leaf hashes, checked before they are kept.

Promises: leaf hashes reach the table `seals` only when they are as many as the seal says and give its signed root, and
the seal names this school, gateway and segment. Otherwise there is a gap that says the segment does not hold. Where
the seal names another one before it than the last that was met, a gap says that a segment is missing whole.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import pyarrow as pa

from analytics.canonical import leaf_hash
from analytics.evidence import seal as seals
from analytics.evidence.merkle import RunningRoot
from analytics.evidence.seal import Seal
from analytics.records import Gap, GapReason
from analytics.spool import Segment, SpoolLine
from analytics.store.chain import BEFORE_SEGMENT, Link, missing_before
from analytics.store.columns import table_of
from analytics.store.event_store import EventStore
from analytics.store.record_rows import Origin
from config.errors import EvidenceError

MISSING, UNREADABLE, FOREIGN, MISMATCH = "no seal", "seal unreadable", "seal of another segment", "root does not match"

_SAME_SEAL = """
SELECT count() AS n FROM seals
WHERE school = {school:String} AND gateway = {gateway:String} AND segment = {segment:Int64}
    AND signature = {signature:String}
"""


def leaves_of(lines: Iterable[SpoolLine]) -> list[bytes]:
    """The leaf hashes of the whole lines."""
    return [leaf_hash(line.data) for line in lines if not line.fault]


def range_digest(leaves: Sequence[bytes], lines: Sequence[SpoolLine]) -> str:
    """Short digest of a range's bytes, from the leaf hashes of its whole lines and from its damaged lines."""
    told = hashlib.sha256(b"".join(leaves))
    for line in lines:
        if line.fault:
            told.update(line.data)
    return told.hexdigest()[:16]


def sealed_tables(
    segment: Segment, leaves: list[bytes], origin: Origin, last: Link, received_ms: int
) -> tuple[dict[str, pa.Table], str]:
    """The rows to keep of a closed segment with these `leaves`, and "" or why its seal does not hold. `last` is the
    segment finished before it."""
    found, fault = _checked(segment, origin, leaves)
    if found is None:
        return {"gaps": _gap_row(_gap(origin, received_ms), segment.path.stat().st_size, received_ms)}, fault
    row = {**asdict(found), "leaves": [leaf.hex() for leaf in leaves], "received_ms": received_ms}
    tables = {"seals": table_of("seals", [row])}
    if missing := missing_before(found, last):
        tables["gaps"] = _gap_row(missing, BEFORE_SEGMENT, received_ms)
    return tables, ""


def met_before(store: EventStore, seals_rows: pa.Table) -> bool:
    """Whether the store holds this very seal: its place in the chain was then judged when it was first met.

    Raises:
        StoreError: the store is down.
    """
    [row] = seals_rows.select(["school", "gateway", "segment", "signature"]).to_pylist()
    return bool(store.arrow(_SAME_SEAL, row)["n"][0].as_py())


def _gap_row(gap: Gap, offset: int, received_ms: int) -> pa.Table:
    return table_of("gaps", [{**asdict(gap), "source_offset": offset, "received_ms": received_ms}])


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
