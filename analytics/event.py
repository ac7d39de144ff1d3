"""`WebEvent`: one HTTP exchange, or one TLS connection that was not decrypted.

Owns the field list of the central record, in its first version, and its codec. Frozen: stored history, leaf
hashes and signed reports are made of exactly these fields; a new field means a new `VERSION` beside this one.

Promises: every number is an integer; `decode(encode(e)) == e`; bytes that are not the canonical form of an event
are refused with `RecordError`, never repaired. Least data: no credentials, fragments, query strings or bodies have
a field to be kept in; `path` and `search_phrase` are filled only where a rule's stated purpose needs them.
A shielded exchange never becomes an event (see analytics.records.ShieldCount).
"""

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

from analytics.canonical import canonical_bytes
from analytics.canonical_template import CanonicalTemplate
from config.errors import RecordError

VERSION: Final = 1


class Kind(StrEnum):
    """How an exchange came about. Only a navigation makes a visit and counts."""

    NAVIGATION = "navigation"
    REDIRECT = "redirect"
    EMBEDDED = "embedded"
    SUBRESOURCE = "subresource"
    BACKGROUND = "background"


class Purpose(StrEnum):
    """What a category is for. `unknown` is never counted as misuse; `shielded` is never stored on an event."""

    WORK = "work"
    PRIVATE = "private"
    INAPPROPRIATE = "inappropriate"
    UNLAWFUL = "unlawful"
    SHIELDED = "shielded"
    INFRASTRUCTURE = "infrastructure"
    UNKNOWN = "unknown"


COUNTED_PURPOSES: Final = frozenset({Purpose.PRIVATE, Purpose.INAPPROPRIATE, Purpose.UNLAWFUL})
"""What may count against somebody, unless it was permitted or something else excuses it. Holds their texts too."""


class Method(StrEnum):
    """How the person was found. `dhcp` and `neighbour` find a device only, never a person, and stand in no event."""

    REGISTER = "register"
    RADIUS = "radius"
    DOT1X = "802.1x"
    PROXY = "proxy"
    PORTAL = "portal"
    HOOK = "hook"
    DHCP = "dhcp"
    NEIGHBOUR = "neighbour"
    NONE = "none"


class Grade(StrEnum):
    """How sure the attribution is: A signed in on this device now, B the assigned person's own device,
    C shared or conflicting, none nobody is named."""

    A = "A"
    B = "B"
    C = "C"
    NONE = "none"


class NotInspected(StrEnum):
    """Why a TLS connection was passed through undecrypted; `inspected` where it was not."""

    INSPECTED = "inspected"
    SHIELD = "shield"
    BANKING = "banking"
    PINNED = "pinned"
    NOT_ENROLLED = "not_enrolled"
    NOT_TOLD = "not_told"
    NO_SNI = "no_sni"
    OPAQUE = "opaque"


class Hours(StrEnum):
    """Where the event stood against the person's contracted hours, as of then."""

    CONTRACTED = "contracted"
    BREAK = "break"
    OUTSIDE = "outside"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebEvent:
    """One exchange. Text is "" where nothing was seen; `None` marks an absent person, device or permission."""

    # -- which record
    event_id: str
    """UUIDv7. Its 74 random bits are secret until disclosed, so a published leaf hash cannot be guessed back."""
    school: str
    gateway: str
    """The spool's name: gateway and worker, such as "gate-0"."""
    segment: int
    """Set by the spool, with `seq`: -1 until then."""
    seq: int
    # -- when
    ts_ms: int
    """UTC, milliseconds since 1970, when the request was read."""
    duration_ms: int
    # -- who: decided when written, never re-labelled
    person_id: str | None
    attribution_method: Method
    attribution_grade: Grade
    binding_id: str | None
    binding_from_ms: int
    """Start of the interval the binding holds for; 0 where there is none."""
    device_id: str | None
    client_ip: str
    # -- what
    method: str
    scheme: str
    host: str
    """Lower case, ASCII (punycode), no port, no trailing dot."""
    port: int
    domain: str
    """Registrable domain (Public Suffix List); the host itself where it is an IP address or has none."""
    path: str
    search_phrase: str
    status: int
    """HTTP status; 0 where no answer came or the connection was not decrypted."""
    content_type: str
    bytes_up: int
    bytes_down: int
    # -- how it came about
    kind: Kind
    kind_confidence: int
    """0 to 100."""
    kind_reason: str
    """Code of the clue that decided (analytics.kind)."""
    initiator_host: str
    """Host of the page that asked for it; "" where not stated or shielded."""
    # -- what it means, as judged then
    category: str
    purpose: Purpose
    gravity: int
    """0 to 4, a suggestion that a named person confirms or changes."""
    rule: str
    list_name: str
    list_version: str
    policy_version: str
    reason: str
    """Code of the verdict's reason (analytics.categorise)."""
    permission_id: str | None
    hours: Hours
    # -- hints, from metadata only
    upload: bool
    media: bool
    not_inspected: NotInspected


FIELDS: Final = tuple(field.name for field in fields(WebEvent))
_ENUMS: Final[dict[str, type[StrEnum]]] = {
    "attribution_method": Method,
    "attribution_grade": Grade,
    "kind": Kind,
    "purpose": Purpose,
    "hours": Hours,
    "not_inspected": NotInspected,
}
_INTEGERS: Final = frozenset(
    (
        "segment",
        "seq",
        "ts_ms",
        "duration_ms",
        "binding_from_ms",
        "port",
        "status",
        "bytes_up",
        "bytes_down",
        "kind_confidence",
        "gravity",
    )
)
_BOOLEANS: Final = frozenset(("upload", "media"))
_OPTIONAL: Final = frozenset(("person_id", "binding_id", "device_id", "permission_id"))
_HEADER: Final[dict[str, str | int]] = {"record": "web", "v": VERSION}

_PLACED: Final = ("gateway", "segment", "seq")
_NUMBERS: Final = tuple(name for name in FIELDS if name in _INTEGERS - set(_PLACED))
_SWITCHES: Final = tuple(name for name in FIELDS if name in _BOOLEANS)
_ABSENT: Final = tuple(name for name in FIELDS if name in _OPTIONAL)
_TEXTS: Final = tuple(name for name in FIELDS if name not in {*_NUMBERS, *_SWITCHES, *_ABSENT, *_PLACED})
_texts, _absent, _switches, _numbers = (attrgetter(*names) for names in (_TEXTS, _ABSENT, _SWITCHES, _NUMBERS))
_TEMPLATE: Final = CanonicalTemplate(_HEADER, ("gateway", *_TEXTS), _ABSENT, _SWITCHES, ("segment", "seq", *_NUMBERS))


def encode(event: WebEvent) -> bytes:
    """The event's canonical bytes: what is spooled, hashed and disclosed.

    Raises:
        RecordError: a field holds what the canonical form cannot keep.
    """
    return encode_placed(event, event.gateway, event.segment, event.seq)


def encode_placed(event: WebEvent, gateway: str, segment: int, seq: int) -> bytes:
    """`encode` of the event with its place in the spool set, without building it again: the spool's inner loop.

    Raises:
        RecordError: a field holds what the canonical form cannot keep.
    """
    texts, numbers = (gateway, *_texts(event)), (segment, seq, *_numbers(event))
    data = _TEMPLATE.fill(texts, _absent(event), _switches(event), numbers)
    if data is not None:
        return data
    return canonical_bytes(as_dict(event) | {"gateway": gateway, "segment": segment, "seq": seq})


def as_dict(event: WebEvent) -> dict[str, Any]:
    """Field names to plain values, with the record's type and version, in field order."""
    plain: dict[str, Any] = dict(_HEADER)
    for name in FIELDS:
        value = getattr(event, name)
        plain[name] = str(value) if name in _ENUMS else value
    return plain


def decode(data: bytes) -> WebEvent:
    """The event whose canonical form `data` is.

    Raises:
        RecordError: not JSON, not canonical, another version, or a field missing, unknown or of the wrong type.
    """
    plain = parse_record(data)
    if plain.pop("record", None) != "web" or plain.pop("v", None) != VERSION:
        raise RecordError(f"The record is not a web event of version {VERSION}.")
    event = from_dict(plain)
    if encode(event) != data:
        raise RecordError("The record is not in its canonical form: it was written or altered by something else.")
    return event


def parse_record(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`, whatever record it is.

    Raises:
        RecordError: not UTF-8, not JSON, or not an object.
    """
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise RecordError(f"The record is not readable JSON ({type(fault).__name__}).") from fault
    if not isinstance(plain, dict):
        raise RecordError("The record is not a JSON object.")
    return plain


def from_dict(plain: dict[str, Any]) -> WebEvent:
    """A checked event from plain values, as read from a record or from stored columns.

    Raises:
        RecordError: a field is missing, unknown, or of the wrong type.
    """
    if plain.keys() != set(FIELDS):
        odd = sorted(plain.keys() ^ set(FIELDS))
        raise RecordError(f"The event has missing or unknown fields: {', '.join(map(str, odd))}.")
    return WebEvent(**{name: _checked(name, plain[name]) for name in FIELDS})


def _checked(name: str, value: Any) -> Any:
    if value is None and name in _OPTIONAL:
        return None
    if name in _ENUMS:
        try:
            return _ENUMS[name](value)
        except ValueError as fault:
            raise RecordError(f"{name} is {value!r}; it must be one of {', '.join(_ENUMS[name])}.") from fault
    expected = int if name in _INTEGERS else bool if name in _BOOLEANS else str
    if type(value) is not expected:
        raise RecordError(f"{name} is {value!r}; it must be {expected.__name__}.")
    return value
