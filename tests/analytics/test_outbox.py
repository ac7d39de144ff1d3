"""The outbox: nothing leaves it before it is safe, whatever the disk does."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analytics.bindings import IdentityTable
from analytics.outbox import Outbox
from analytics.records import Attempts, Record
from tests.analytics.spool.samples import all_records, gaps, until, writer


@dataclass
class Spool:
    """Says what is durable when it is told to."""

    records: list[Record] = field(default_factory=list)
    durable: int = 0
    faults: int = 0

    @property
    def taken(self) -> int:
        return len(self.records)

    def offer(self, record: Record) -> bool:
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
    outbox.settle()
    outbox.send()
    assert spool.told == [1, 2, 3, 4]
    assert len(table.outbox()) == 1


def test_after_a_fault_of_the_disk_what_was_not_safe_is_sent_again(table: IdentityTable) -> None:
    spool = Spool()
    outbox = Outbox(table, spool)
    post(table, outbox, 1, 2)
    outbox.send()
    spool.faults, spool.durable = 1, 2  # the writer goes on; what became of the two it cannot say
    outbox.settle()
    outbox.send()
    assert spool.told == [1, 2, 1, 2]
    assert len(table.outbox()) == 2
    spool.durable = 4
    outbox.settle()
    outbox.send()
    assert (spool.told, table.outbox()) == ([1, 2, 1, 2], [])


def test_after_a_crash_what_was_not_let_go_of_is_sent_again(table: IdentityTable) -> None:
    first, second = Spool(), Spool()
    outbox = Outbox(table, first)
    post(table, outbox, 1)
    outbox.send()
    Outbox(table, second).send()
    assert second.told == [1]


def test_what_the_spool_refuses_is_no_loss_because_it_is_sent_later(
    table: IdentityTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, real = True, os.write

    def write(handle: int, data: memoryview) -> int:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr("analytics.spool.writer._RETRY_SECONDS", 0.01)
    with writer(tmp_path / "spool", queue_limit=2, group_commit_seconds=0.001) as spool:
        monkeypatch.setattr("analytics.spool.segment.os.write", write)
        outbox = Outbox(table, spool)
        post(table, outbox, *range(1, 9))
        for _ in range(20):
            outbox.send()
        full = False
        until(lambda: _settled(outbox, table))
    found = all_records(tmp_path / "spool")
    assert gaps(tmp_path / "spool") == []
    assert [record.quic for record in found if isinstance(record, Attempts)] == list(range(1, 9))


def _settled(outbox: Outbox, table: IdentityTable) -> bool:
    outbox.send()
    outbox.settle()
    return not table.outbox()
