"""The other records that travel with events through spool, seal and store: gaps, shield counts, heartbeats.

Owns their field lists (version 1, frozen like `WebEvent`) and the one codec for all record types.
Promises: whatever could not be recorded is itself a record; nothing here names a host, a person or a device.
"""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final

from analytics import event
from analytics.canonical import canonical_bytes
from analytics.event import WebEvent
from config.errors import RecordError


class GapReason(StrEnum):
    """Why something is, or may be, missing between `from_ms` and `to_ms`."""

    STOPPED = "stopped"
    CRASHED = "crashed"
    QUEUE_FULL = "queue_full"
    DISK_FULL = "disk_full"
    DAMAGED = "damaged"
    HOOK_ERROR = "hook_error"
    CLOCK_STEP = "clock_step"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch in which records were lost or may be missing; `count` is 0 where it cannot be known."""

    TYPE: ClassVar[str] = "gap"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    reason: GapReason
    from_ms: int
    to_ms: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldCount:
    """All that is kept of shielded traffic: how many connections or requests in one hour at one gateway."""

    TYPE: ClassVar[str] = "shield_count"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    hour_ms: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The gateway was alive and recording: counts since the heartbeat before."""

    TYPE: ClassVar[str] = "heartbeat"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    since_ms: int
    requests: int
    passed_through: int
    untold: int
    """Exchanges of people not yet told that use is monitored: counted, not recorded."""
    dropped: int
    hook_errors: int
    policy_version: str
    software: str


type Record = WebEvent | Gap | ShieldCount | Heartbeat

VERSION: Final = 1
_TYPES: Final[dict[str, type[Gap] | type[ShieldCount] | type[Heartbeat]]] = {
    kind.TYPE: kind for kind in (Gap, ShieldCount, Heartbeat)
}


def encode(record: Record) -> bytes:
    """Canonical bytes of any record.

    Raises:
        RecordError: a field holds what the canonical form cannot keep.
    """
    if isinstance(record, WebEvent):
        return event.encode(record)
    return canonical_bytes({"record": record.TYPE, "v": VERSION, **_plain(record)})


def decode(data: bytes) -> Record:
    """The record whose canonical form `data` is.

    Raises:
        RecordError: not a record, or not in canonical form.
    """
    plain = event.parse_record(data)
    if plain.get("record") == "web":
        return event.decode(data)
    kind = _TYPES.get(str(plain.pop("record", "")))
    if kind is None or plain.pop("v", None) != VERSION:
        raise RecordError("The record is of a type or version this Fairgate does not know.")
    record = _build(kind, plain)
    if encode(record) != data:
        raise RecordError("The record is not in its canonical form: it was written or altered by something else.")
    return record


def _plain(record: Gap | ShieldCount | Heartbeat) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(record).items()}


def _build(kind: type[Gap] | type[ShieldCount] | type[Heartbeat], plain: dict[str, Any]) -> Record:
    types = {field.name: field.type for field in fields(kind)}
    if plain.keys() != types.keys():
        raise RecordError(f"The {kind.TYPE} record has missing or unknown fields.")
    for name, value in plain.items():
        if type(value) is not (int if types[name] is int else str):
            raise RecordError(f"The {kind.TYPE} record's {name} is {value!r}, which is of the wrong type.")
    if kind is Gap:
        try:
            plain["reason"] = GapReason(plain["reason"])
        except ValueError as fault:
            raise RecordError(f"The gap's reason {plain['reason']!r} is not one this Fairgate knows.") from fault
    return kind(**plain)
