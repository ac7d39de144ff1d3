"""The ledger: what the demonstration's browsers sent, and what must therefore be in the store.

Owns the counting on both sides. Promises: every request is noted before it is sent, so one that vanishes shows as
lost; `lost` and `doubled` are counted per (person, host), so a lost event can never be hidden by a doubled one.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

type Place = tuple[str, str]
"""(person_id, host)."""


@dataclass(slots=True)
class Ledger:
    """Requests sent so far. Safe to use from several threads."""

    expected: Counter[Place] = field(default_factory=Counter)
    sent: int = 0
    shielded: int = 0
    """Sent to sites of the shield: only counted by the gateway, never recorded."""
    not_told: int = 0
    """Sent by people who were not told yet: never recorded."""
    unanswered: int = 0
    visits: int = 0
    """Pages a person chose, each of which must become one visit."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def will_record(self, person_id: str, host: str) -> None:
        """A request is about to be sent that must become one event."""
        with self._lock:
            self.sent += 1
            self.expected[person_id, host] += 1

    def will_shield(self) -> None:
        """A request is about to be sent to a shielded site."""
        with self._lock:
            self.sent += 1
            self.shielded += 1

    def will_ignore(self) -> None:
        """A request is about to be sent by somebody who was not told."""
        with self._lock:
            self.sent += 1
            self.not_told += 1

    def will_visit(self) -> None:
        """A person is about to choose a page that is recorded."""
        with self._lock:
            self.visits += 1

    def went_unanswered(self) -> None:
        """The request last noted got no answer."""
        with self._lock:
            self.unanswered += 1


@dataclass(frozen=True, slots=True)
class Stored:
    """One (person, host) as the store has it."""

    person_id: str
    host: str
    rows: int
    events: int
    """Distinct event ids among the rows."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How ledger and store compare."""

    expected: int
    stored: int
    lost: int
    doubled: int

    @property
    def exact(self) -> bool:
        return self.lost == 0 and self.doubled == 0


def reckon(expected: Counter[Place], stored: Iterable[Stored]) -> Reckoning:
    """Compare. An event of a person or host that was never expected counts as doubled."""
    found: Counter[Place] = Counter()
    repeats = 0
    for place in stored:
        found[place.person_id, place.host] += place.events
        repeats += place.rows - place.events
    return Reckoning(
        expected=expected.total(),
        stored=found.total(),
        lost=(expected - found).total(),
        doubled=(found - expected).total() + repeats,
    )
