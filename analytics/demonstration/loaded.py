"""What the store holds of the live traffic, and the wait until it holds all of it.

Owns the demonstration's own questions to the store: counts by place and purpose since a moment, never contents.
"""

import time
from dataclasses import dataclass
from typing import Final

from analytics.demonstration.ledger import Ledger, Reckoning, Stored, reckon
from analytics.store import EventStore
from analytics.store.remote import RemoteStore
from config.errors import FairgateError

_PLACES: Final = """
SELECT ifNull(person_id, '') AS person, host, toInt64(count()) AS lines, toInt64(uniqExact(event_id)) AS ids
FROM events WHERE school = {school:String} AND ts_ms >= {begin:Int64} GROUP BY person, host
"""
_PURPOSES: Final = """
SELECT purpose, toInt64(count()) AS visits FROM visits_now
WHERE school = {school:String} AND start_ms >= {begin:Int64} GROUP BY purpose ORDER BY purpose
"""
_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Since:
    """The store, from `begin_ms` (UTC) on."""

    store: EventStore
    school: str
    begin_ms: int

    def reckoning(self, ledger: Ledger) -> Reckoning:
        """The ledger against the store, as of now."""
        rows = self.store.arrow(_PLACES, self._params).to_pylist()
        stored = [Stored(row["person"], row["host"], row["lines"], row["ids"]) for row in rows]
        return reckon(ledger.expected, stored)

    def visits_by_purpose(self) -> dict[str, int]:
        """How many visits each purpose has."""
        return {row["purpose"]: row["visits"] for row in self.store.arrow(_PURPOSES, self._params).to_pylist()}

    def wait_for(self, ledger: Ledger) -> Reckoning:
        """Wait until nothing of the ledger is missing, or nothing more has come for a minute; the reckoning then."""
        reckoning = self.reckoning(ledger)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while reckoning.lost and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            before, reckoning = reckoning, self.reckoning(ledger)
            if reckoning.stored > before.stored:
                deadline = time.monotonic() + _PATIENCE_SECONDS
        return reckoning

    @property
    def _params(self) -> dict[str, str | int]:
        return {"school": self.school, "begin": self.begin_ms}


def wait_idle(store: RemoteStore) -> int:
    """Wait until the loader has nothing left to do; returns how many events there are.

    Raises:
        FairgateError: it got no further for a minute, with what the loader says.
    """
    began_ms = time.time_ns() // 1_000_000
    deadline, behind, last_step = time.monotonic() + _PATIENCE_SECONDS, None, 0
    while time.monotonic() < deadline:
        status = store.status()
        left = (status["behind_bytes"], status["behind_person_days"], status["events"])
        # A step says when it ended. Only one that follows another after this call is sure to have begun after it.
        if left[:2] == (0, 0) and status["stepped_ms"] > last_step > began_ms:
            return int(status["events"])
        if left != behind:
            deadline, behind = time.monotonic() + _PATIENCE_SECONDS, left
        last_step = last_step if last_step > began_ms else status["stepped_ms"]
        time.sleep(_PAUSE_SECONDS)
    raise FairgateError(f"The loader gets no further. {store.status()['fault'] or 'Its log may say why.'}")
