"""What a bundle is made from: everything it says, gathered beforehand.

Owns the request's shape. It holds no connection and no clock, so that the same request always makes the same bytes.
Times are UTC ms; days are London dates, both included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from analytics.event import WebEvent
from analytics.evidence.keys import SigningKey
from analytics.evidence.seal import Seal
from analytics.governance.earlier import EarlierNotice

LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSegment:
    """A seal, and the hex leaf hashes of its segment in order; none where no event of the person's is in it."""

    seal: Seal
    leaves: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingStretch:
    """A time in which records were lost or may be missing; `count` is 0 where the number is not known."""

    gateway: str
    from_ms: int
    to_ms: int
    sentence: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How complete the record is over the period, of the whole school's traffic."""

    recorded_ms: int
    gaps: Sequence[MissingStretch]
    untold: int = 0
    passed_through: int = 0
    shielded: int = 0
    closed: Sequence[tuple[str, int]] = ()
    """Why connections were not opened, and how many; without the shielded ones."""
    read_with: Sequence[str] = ()
    """What else the record must be read with, as sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionInForce:
    """Private use that was permitted to this person. `until_ms` 0: until further notice."""

    what: str
    reason: str
    granted_by: str
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMeaning:
    """What a category is called, and why the school judges it so."""

    title: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRequest:
    """One person's period report."""

    school: str
    school_name: str
    person_id: str
    person_name: str
    first_day: date
    last_day: date
    made_ms: int
    made_by: str
    made_as: str
    """The role in which the viewer asked, in words."""
    reason: str
    events: Sequence[WebEvent]
    """All of this person's events of these days, as decoded from the store; but those of which it is not sure that they
    are theirs (grade C), which no report holds."""
    visits: Sequence[Mapping[str, Any]]
    """Their visits (columns of analytics.visits), None where a column is absent."""
    recorded: Recorded
    segments: Sequence[SealedSegment]
    """Each gateway's seals, without a hole from the first to the last."""
    permissions: Sequence[PermissionInForce]
    told_ms: int
    """When the person was first told that use is monitored; 0 if never."""
    earlier_notices: Sequence[EarlierNotice] = ()
    """Stretches in which the notice had changed and they had been told of an earlier one only."""
    categories: Mapping[str, CategoryMeaning]
    software: str
    key: SigningKey
    """Signs the manifest; it must be the key of the seals."""
    unsure: int = 0
    """How many events were left out because it is not sure who it was."""

    @property
    def demonstration(self) -> bool:
        return self.key.demonstration

    @property
    def from_ms(self) -> int:
        return _midnight(self.first_day)

    @property
    def to_ms(self) -> int:
        """The end of the last day, excluded."""
        return _midnight(self.last_day + timedelta(days=1))


def london(ts_ms: int) -> datetime:
    """The moment, as a London clock showed it."""
    return datetime.fromtimestamp(ts_ms // 1000, LONDON)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time.min, LONDON).timestamp() * 1000)
