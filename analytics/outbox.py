"""The outbox: records that the identity table holds until they are safe on the spool.

Owns when one is let go of. Promises: a record leaves the table only when the spool has it on disk, or has itself
recorded that it could not be written; after a fault of the disk, or a crash, it is sent again: doubled at most, never
lost; one that the spool has no room for waits here, and is no loss. Readers tell a doubled record by what it says: one
binding has one of each step.
"""

from typing import Protocol

from analytics import records
from analytics.bindings import IdentityTable
from analytics.records import OtherRecord, Record


class Spool(Protocol):
    """Where records go; `analytics.spool.SpoolWriter` in life."""

    def offer(self, record: Record, /) -> bool: ...

    @property
    def taken(self) -> int:
        """Records taken since it started."""

    @property
    def durable(self) -> int:
        """How many of these, the first ones, are on disk or stand in a gap record."""

    @property
    def faults(self) -> int:
        """How often it cannot say what became of the last ones it took."""


class Outbox:
    """Posts through `table`, inside its `change`, and sends to `spool`."""

    def __init__(self, table: IdentityTable, spool: Spool) -> None:
        self._table, self._spool = table, spool
        self._faults = spool.faults
        self._sent: list[tuple[int, int]] = []
        """(number in the outbox, place among what the spool took) of what was sent and is not known to be safe."""

    def post(self, record: OtherRecord) -> None:
        """Leave a record; inside `table.change`."""
        self._table.post(records.encode(record))

    def send(self) -> None:
        """Hand over what waits."""
        last = self._sent[-1][0] if self._sent else 0
        for number, data in self._table.outbox(last):
            if not self._spool.offer(records.decode(data)):
                return
            self._sent.append((number, self._spool.taken))

    def settle(self) -> None:
        """Let go of what is safe; after a fault of the disk, be ready to send again what is not. One write to the disk
        for many records: called now and then."""
        durable = self._spool.durable  # before the faults: a fault is counted before what it lost looks durable
        if self._spool.faults != self._faults:
            self._faults = self._spool.faults
            self._sent.clear()
            return
        safe = [number for number, place in self._sent if place <= durable]
        if safe:
            with self._table.change():
                self._table.posted(safe[-1])
            self._sent = self._sent[len(safe) :]
