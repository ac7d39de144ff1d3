"""Matching stored events to what was sealed, with an inclusion proof for each.

Owns the one check that a stored row is still what the gateway wrote. Promises: every event that comes back is one of
its segment's leaves, under the root that was signed; one that is not stops the export with a sentence that names it;
events whose segment is not sealed yet are set apart, never passed off as proven.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics import event as events
from analytics.canonical import canonical_bytes, leaf_hash
from analytics.event import WebEvent
from analytics.evidence.merkle import MerkleTree
from analytics.evidence.request import BundleRequest, SealedSegment, london
from config.errors import EvidenceError

type Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ProvenEvent:
    """An event, its canonical bytes, and the proof's index and path."""

    event: WebEvent
    data: bytes
    index: int
    path: Sequence[bytes]

    def proof(self) -> bytes:
        """The proof's canonical line."""
        return canonical_bytes(
            {
                "event_id": self.event.event_id,
                "gateway": self.event.gateway,
                "segment": self.event.segment,
                "index": self.index,
                "path": [part.hex() for part in self.path],
            }
        )


@dataclass(frozen=True, slots=True)
class Proven:
    """The proven events by time, and those whose segment was still open."""

    events: Sequence[ProvenEvent]
    unsealed: Sequence[WebEvent]


def prove(request: BundleRequest) -> Proven:
    """Prove every sealed event of the request.

    Raises:
        EvidenceError: an event is another person's, outside the period, doubled, or not as it was sealed; or a stored
            leaf list is not the one that was signed.
    """
    segments = {(each.seal.gateway, each.seal.segment): each for each in request.segments}
    by_place: dict[Place, list[WebEvent]] = defaultdict(list)
    for event in _checked(request):
        by_place[event.gateway, event.segment].append(event)
    unsealed = [event for place, group in by_place.items() if place not in segments for event in group]
    sealed = (
        proven for place, group in by_place.items() if place in segments for proven in _segment(segments[place], group)
    )
    return Proven(sorted(sealed, key=lambda proven: order(proven.event)), sorted(unsealed, key=order))


def order(event: WebEvent) -> tuple[int, str, int, int]:
    """Events stand in a bundle by time, then by their place in the spool."""
    return event.ts_ms, event.gateway, event.segment, event.seq


def _checked(request: BundleRequest) -> Iterable[WebEvent]:
    seen: set[str] = set()
    for event in request.events:
        if event.person_id != request.person_id or event.school != request.school:
            raise EvidenceError(f"{_named(event)} is not of {request.person_id}. Nothing was written.")
        if not request.from_ms <= event.ts_ms < request.to_ms:
            raise EvidenceError(f"{_named(event)} is outside the period asked for. Nothing was written.")
        if event.event_id in seen:
            raise EvidenceError(f"{_named(event)} came twice from the store. Reconcile the store with the spool.")
        seen.add(event.event_id)
        yield event


def _segment(segment: SealedSegment, group: Sequence[WebEvent]) -> Iterable[ProvenEvent]:
    tree = MerkleTree([bytes.fromhex(leaf) for leaf in segment.leaves])
    if tree.root.hex() != segment.seal.root or len(segment.leaves) != segment.seal.count:
        raise EvidenceError(
            f"The stored leaf hashes of segment {segment.seal.segment} of {segment.seal.gateway} are not the ones that "
            "were sealed: the store was altered. Load the segment again from the spool."
        )
    indexes = {leaf: index for index, leaf in enumerate(segment.leaves)}
    for event in group:
        data = events.encode(event)
        index = indexes.get(leaf_hash(data).hex())
        if index is None:
            raise EvidenceError(
                f"{_named(event)} is not as it was sealed: its stored row was altered or added afterwards. "
                "Nothing was written; compare the store with the spool."
            )
        yield ProvenEvent(event, data, index, tree.proof(index))


def _named(event: WebEvent) -> str:
    place = f"{event.gateway}, segment {event.segment}, number {event.seq}"
    return f"The event of {london(event.ts_ms):%d %B %Y %H:%M:%S} ({event.event_id}; {place})"
