"""What is kept out of the spool is counted into a gap record: the ninth invariant of analytics.spool."""

import errno
import os
import threading
from pathlib import Path

import pytest

from analytics.event import WebEvent
from analytics.records import GapReason, Record
from analytics.spool import segments
from analytics.spool.writer import encoded
from tests.analytics.spool.samples import (
    START_MS,
    all_records,
    fill,
    gaps,
    heartbeat,
    read_seals,
    until,
    web_event,
    writer,
)


def test_what_a_full_queue_keeps_out_is_counted_into_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, real = threading.Event(), os.fdatasync

    def slow(handle: int) -> None:
        stuck.wait()
        real(handle)

    monkeypatch.setattr(os, "fdatasync", slow)
    with writer(tmp_path, queue_limit=5, group_commit_seconds=0.001, now_ms=lambda: START_MS) as spool:
        taken = sum(spool.put(web_event(number)) for number in range(100))
        stuck.set()
    lost = gaps(tmp_path)
    assert {(gap.reason, gap.from_ms) for gap in lost} == {(GapReason.QUEUE_FULL, START_MS)}
    assert sum(gap.count for gap in lost) == 100 - taken > 0
    assert len(all_records(tmp_path)) == taken + len(lost)


def test_what_whoever_offers_it_keeps_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, real = threading.Event(), os.fdatasync

    def slow(handle: int) -> None:
        stuck.wait()
        real(handle)

    monkeypatch.setattr(os, "fdatasync", slow)
    with writer(tmp_path, queue_limit=5, group_commit_seconds=0.001) as spool:
        until(lambda: not spool.offer(heartbeat(1)))
        assert not spool.offer(heartbeat(2))
        stuck.set()
        until(lambda: spool.offer(heartbeat(3)))
    assert not spool.offer(heartbeat(4))
    assert (spool.dropped, gaps(tmp_path), len(all_records(tmp_path))) == (0, [], spool.taken)


def test_what_a_full_disk_keeps_out_is_counted_into_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full, real = threading.Event(), os.write
    full.set()

    def half_then_full(handle: int, data: memoryview) -> int:
        if not full.is_set() or len(data) < 200:
            return real(handle, data)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("analytics.spool.segment.os.write", half_then_full)
    monkeypatch.setattr("analytics.spool.writer._RETRY_SECONDS", 0.01)
    with writer(tmp_path, queue_limit=5, group_commit_seconds=0.001) as spool:
        until(lambda: not spool.put(web_event()))
        until(lambda: not spool.put(web_event()))
        full.clear()
        until(lambda: bool(gaps(tmp_path)))
    lost = gaps(tmp_path)
    assert {gap.reason for gap in lost} <= {GapReason.QUEUE_FULL, GapReason.DISK_FULL}
    assert sum(gap.count for gap in lost) == spool.dropped


def test_a_disk_that_refuses_to_the_end_leaves_the_segment_open_and_the_next_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as refusing:
        with writer(tmp_path, group_commit_seconds=0.001) as spool:
            spool.put(heartbeat(1))
            until(lambda: bool(all_records(tmp_path)))
            refusing.setattr("analytics.spool.segment.os.write", _no_space)
            spool.put(heartbeat(2))
            spool.put(heartbeat(3))
        assert spool.dropped == 2
        assert [segment.closed for segment in segments(tmp_path)] == [False]
    fill(tmp_path, 1)
    assert [gap.reason for gap in gaps(tmp_path)] == [GapReason.CRASHED]
    assert [seal.count for seal in read_seals(tmp_path)] == [1, 2]


def test_what_a_disk_refuses_at_the_end_is_counted_where_a_gap_still_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(
        "analytics.spool.segment.os.write",
        lambda handle, data: _no_space(handle, data) if b'"record":"web"' in bytes(data) else real(handle, data),
    )
    spool = writer(tmp_path, group_commit_seconds=0.001)
    for number in range(3):
        spool.put(web_event(number))
    spool.close()
    [gap] = gaps(tmp_path)
    assert (gap.reason, gap.count, spool.dropped) == (GapReason.DISK_FULL, 3, 3)
    assert [seal.count for seal in read_seals(tmp_path)] == [1]


def _no_space(handle: int, data: memoryview) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_record_that_fails_in_any_way_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = encoded

    def odd(record: Record, gateway: str, segment: int, seq: int) -> bytes:
        if isinstance(record, WebEvent) and record.host == "odd.example":
            raise OverflowError("no error that anybody thought of")
        return real(record, gateway, segment, seq)

    monkeypatch.setattr("analytics.spool.writer.encoded", odd)
    with writer(tmp_path) as spool:
        for number in range(6):
            spool.put(web_event(number, host="odd.example" if number == 3 else "www.shop.example"))
    assert [record.ts_ms for record in all_records(tmp_path) if isinstance(record, WebEvent)] == [
        web_event(number).ts_ms for number in (0, 1, 2, 4, 5)
    ]
    assert [(gap.reason, gap.count) for gap in gaps(tmp_path)] == [(GapReason.HOOK_ERROR, 1)]
