"""What the writer says is durable is on disk: `fairgate identity` lets go of a record on that word."""

import errno
import os
from pathlib import Path

import pytest

from analytics.spool.writer import SpoolWriter
from tests.analytics.spool.samples import all_records, until, web_event, writer


def _all_durable(spool: SpoolWriter) -> bool:
    return spool.durable == spool.taken


def test_what_is_said_to_be_durable_is_on_disk(tmp_path: Path) -> None:
    with writer(tmp_path, group_commit_seconds=0.001) as spool:
        for number in range(50):
            spool.put(web_event(number))
            said = spool.durable
            assert len(all_records(tmp_path)) >= said
        until(lambda: _all_durable(spool))
        assert len(all_records(tmp_path)) == 50
    assert (spool.taken, spool.faults) == (50, 0)


def test_a_disk_that_fails_under_a_group_is_a_fault_before_anything_later_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, real = True, os.fdatasync

    def sync(handle: int) -> None:
        if failing:
            raise OSError(errno.EIO, "I/O error")
        real(handle)

    monkeypatch.setattr("analytics.spool.writer._RETRY_SECONDS", 0.01)
    with writer(tmp_path, group_commit_seconds=0.001) as spool:
        monkeypatch.setattr("analytics.spool.segment.os.fdatasync", sync)
        spool.put(web_event(1))
        until(lambda: spool.faults > 0)
        assert spool.durable == 0
        failing = False
        spool.put(web_event(2))
        until(lambda: _all_durable(spool))
    assert spool.faults == 1


def test_a_full_disk_keeps_records_waiting_and_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full, real = True, os.write

    def write(handle: int, data: memoryview) -> int:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr("analytics.spool.writer._RETRY_SECONDS", 0.01)
    with writer(tmp_path, group_commit_seconds=0.001) as spool:
        monkeypatch.setattr("analytics.spool.segment.os.write", write)
        spool.put(web_event(1))
        until(lambda: bool(spool._retry_at))
        assert (spool.durable, spool.faults) == (0, 0)
        full = False
        until(lambda: _all_durable(spool))
    assert len(list(all_records(tmp_path))) == 1
