"""The outbox: nothing leaves it before it is safe, whatever the disk does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analytics.bindings import IdentityTable
from analytics.outbox import Outbox
from analytics.records import Attempts, Record


@dataclass
class Spool:
    """Says what is durable when it is told to."""

    records: list[Record] = field(default_factory=list)
    durable: int = 0
    faults: int = 0

    @property
    def taken(self) -> int:
        return len(self.records)

    def put(self, record: Record) -> bool:
        self.records.append(record)
        return True

    @property
    def told(self) -> list[int]:
        return [record.quic for record in self.records if isinstance(record, Attempts)]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[IdentityTable]:
    made = IdentityTable(tmp_path / "identity.sqlite")
    yield made
    made.close()


def post(table: IdentityTable, outbox: Outbox, *numbers: int) -> None:
    with table.change():
        for number in numbers:
            outbox.post(
                Attempts(school="oak", gateway="g", ts_ms=1, since_ms=1, quic=number, dot=0, doh=0),
            )


def test_a_record_is_sent_once_and_let_go_of_only_when_it_is_safe(table: IdentityTable) -> None:
    spool = Spool()
    outbox = Outbox(table, spool)
    post(table, outbox, 1, 2, 3)
    outbox.send()
    outbox.send()
    assert spool.told == [1, 2, 3]
    assert len(table.outbox()) == 3
    spool.durable = 2
    outbox.settle()
    assert len(table.outbox()) == 1
    spool.durable = 3
    post(table, outbox, 4)
    outbox.send()
    assert spool.told == [1, 2, 3, 4]
    assert len(table.outbox()) == 1


def test_after_a_fault_of_the_disk_what_was_not_safe_is_sent_again(table: IdentityTable) -> None:
    spool = Spool()
    outbox = Outbox(table, spool)
    post(table, outbox, 1, 2)
    outbox.send()
    spool.faults, spool.durable = 1, 2  # the writer goes on; what became of the two it cannot say
    outbox.send()
    assert spool.told == [1, 2, 1, 2]
    assert len(table.outbox()) == 2
    spool.durable = 4
    outbox.send()
    assert (spool.told, table.outbox()) == ([1, 2, 1, 2], [])


def test_after_a_crash_what_was_not_let_go_of_is_sent_again(table: IdentityTable) -> None:
    first, second = Spool(), Spool()
    outbox = Outbox(table, first)
    post(table, outbox, 1)
    outbox.send()
    Outbox(table, second).send()
    assert second.told == [1]
