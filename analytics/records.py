"""The other records that travel with events through spool, seal and store: gaps, counts, and who was where when.

Owns their field lists (version 1, frozen like `WebEvent`) and the one codec for all record types.
Promises: whatever could not be recorded is itself a record; gaps, counts and heartbeats name no host, person or device;
a sign-in, a lease, an acknowledgement or a learnt pass-through is itself a record, so that it can be proved later.
"""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final

from analytics import event
from analytics.canonical import canonical_bytes
from analytics.event import Method, WebEvent
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
    BYPASSED = "bypassed"
    """Monitored devices were let past the gateway, so that lessons could go on without it."""
    UNNAMED = "unnamed"
    """Who was where was not known, because `fairgate identity` did not work: devices known only by a sign-in or a
    lease were nobody's."""


class BindingStep(StrEnum):
    """What became of a binding: it begins, or it ends, and how."""

    OPENED = "opened"
    CLOSED = "closed"
    """Its source said that it ended: a sign-out, the end of a session, a lease given back."""
    EXPIRED = "expired"
    """Nothing was heard of it for as long as its source allows, or it had lasted as long as it may."""
    SUPERSEDED = "superseded"
    """Another sign-in or lease took its place."""


class PinStep(StrEnum):
    """What became of a learnt pass-through, or why nothing more is learnt."""

    LEARNT = "learnt"
    ENDED = "ended"
    FORGOTTEN = "forgotten"
    """Ended before its time, by the technician."""
    CAPPED = "capped"
    """As many are learnt as may be, for this device or, where none is named, for the school: this one was not."""
    DISTRUSTS = "distrusts"
    """The device refuses every site, or nearly: it lacks the school's certificate, and nothing is learnt for it."""
    TRUSTS = "trusts"
    """It accepts the certificate again."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingChange:
    """A binding began or ended: who (or only which device) was at an address, by which source. Absent text is ""."""

    TYPE: ClassVar[str] = "binding"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    binding_id: str
    step: BindingStep
    source: Method
    person_id: str
    """"" where the source names a device only, or where somebody signed in who is not on the staff."""
    device_id: str
    client_ip: str
    mac: str
    from_ms: int
    until_ms: int
    """0 while it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody was shown the notice and said "I was told": never consent."""

    TYPE: ClassVar[str] = "acknowledgement"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    person_id: str
    notice_version: str
    how: str
    """The channel: "page_visit", "portal_probe", "dhcp_portal", "proxy_sign_in"."""
    device_id: str
    reminder: int
    """1 where they had been told of this version already and were reminded; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChange:
    """A device's app refused inspection of one site often enough to be let through for a while, or no longer is.

    `host` is "" where the change is of the device as a whole; `refusals` counts attempts, of a device that lacks the
    certificate the sites it refused."""

    TYPE: ClassVar[str] = "pin"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    step: PinStep
    device_id: str
    client_ip: str
    host: str
    refusals: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often the network refused a way round the gateway: counts of packets, nobody's."""

    TYPE: ClassVar[str] = "attempts"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    since_ms: int
    quic: int
    dot: int
    doh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a gateway stood every few minutes: why connections stayed closed, and how old what it goes by is.

    Nothing shielded is in its counts: each is of connections that have events, or of people of whom there are none."""

    TYPE: ClassVar[str] = "condition"
    school: str
    gateway: str
    segment: int = -1
    seq: int = -1
    ts_ms: int
    since_ms: int
    banking: int
    pinned: int
    not_enrolled: int
    not_told: int
    no_sni: int
    opaque: int
    filter_silent: int
    """How often the school's own filter was asked whether it is there, and did not answer."""
    lists_age_hours: int
    """Of the oldest imported list in force; -1 where none is."""
    snapshot_age_hours: int
    policy_version: str


type OtherRecord = Gap | ShieldCount | Heartbeat | BindingChange | Acknowledgement | PinChange | Attempts | Condition
type Record = WebEvent | OtherRecord

VERSION: Final = 1
_TYPES: Final[dict[str, type[OtherRecord]]] = {
    kind.TYPE: kind
    for kind in (Gap, ShieldCount, Heartbeat, BindingChange, Acknowledgement, PinChange, Attempts, Condition)
}
_WORDS: Final = (GapReason, BindingStep, PinStep, Method)


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


def _plain(record: OtherRecord) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(record).items()}


def _build(kind: type[OtherRecord], plain: dict[str, Any]) -> OtherRecord:
    types = {field.name: field.type for field in fields(kind)}
    if plain.keys() != types.keys():
        raise RecordError(f"The {kind.TYPE} record has missing or unknown fields.")
    for name, value in plain.items():
        if type(value) is not (int if types[name] is int else str):
            raise RecordError(f"The {kind.TYPE} record's {name} is {value!r}, which is of the wrong type.")
    return kind(**{name: _word(kind, name, types[name], value) for name, value in plain.items()})


def _word(kind: type[OtherRecord], name: str, wanted: Any, value: Any) -> Any:
    """`value`, as the member of a fixed set of words where the field has one."""
    if wanted not in _WORDS:
        return value
    try:
        return wanted(value)
    except ValueError as fault:
        raise RecordError(f"The {kind.TYPE}'s {name} {value!r} is not one this Fairgate knows.") from fault
