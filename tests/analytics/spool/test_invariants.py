"""One test named after each invariant of analytics.spool; the ninth, on what is lost, stands in test_losses.py."""

import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from analytics.canonical import leaf_hash
from analytics.evidence import seal as seals
from analytics.evidence.merkle import MerkleTree
from analytics.records import Gap, GapReason
from analytics.spool import read_lines, read_records, segments
from config.errors import FairgateError
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


def crash(folder: Path, lines: int, tail: bytes = b"") -> Path:
    """What a killed worker leaves: an open segment of `lines` records, then `tail`."""
    fill(folder, lines)
    (closed,) = [segment for segment in segments(folder) if segment.number == max(s.number for s in segments(folder))]
    opened = closed.path.with_suffix(".open")
    closed.path.chmod(0o600)
    closed.path.rename(opened)
    closed.path.with_suffix(".seal").unlink()
    with opened.open("ab") as file:
        file.write(tail)
    return opened


def test_1_durable_within_the_group_commit_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync

    def counting(handle: int) -> None:
        synced.append(os.fstat(handle).st_size)
        real(handle)

    monkeypatch.setattr(os, "fdatasync", counting)
    with writer(tmp_path, group_commit_seconds=0.02) as spool:
        spool.put(heartbeat())
        until(lambda: bool(synced))
        # Before any close: the whole line was in the file when it was synced.
        (segment,) = segments(tmp_path)
        assert not segment.closed
        assert [line.next_offset for line in read_lines(segment.path)] == synced


def test_2_a_checksum_on_every_line(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    (segment,) = segments(tmp_path)
    whole = segment.path.read_bytes()
    segment.path.chmod(0o600)
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        segment.path.write_bytes(damaged)
        lines = list(read_records(segment.path))
        assert any(line.fault for line in lines), at
        assert sum(line.record is not None for line in lines) >= 4, at


def test_3_segments_close_by_size_and_by_time_and_empty_ones_are_not_kept(tmp_path: Path) -> None:
    fill(tmp_path / "size", 20, max_bytes=4000)
    sizes = [segment.path.stat().st_size for segment in segments(tmp_path / "size")]
    assert len(sizes) > 3
    assert all(size < 4000 + 1500 for size in sizes)

    with writer(tmp_path / "time", max_seconds=0.05, group_commit_seconds=0.01) as spool:
        spool.put(heartbeat())
        until(lambda: bool(read_seals(tmp_path / "time")))

    writer(tmp_path / "empty").close()
    for folder in ("size", "time", "empty"):
        assert all(segment.closed for segment in segments(tmp_path / folder))
    assert segments(tmp_path / "empty") == []
    assert [seal.count for seal in read_seals(tmp_path / "time")] == [1]


def test_4_a_closed_segment_is_immutable_and_sealed_and_seals_are_chained(tmp_path: Path) -> None:
    fill(tmp_path, 20, max_bytes=4000)
    fill(tmp_path, 3)
    chain = read_seals(tmp_path)
    assert [seal.previous for seal in chain] == [seals.FIRST, *(seal.digest for seal in chain[:-1])]
    for segment, seal in zip(segments(tmp_path), chain, strict=True):
        lines = list(read_records(segment.path))
        stamps = [line.record.ts_ms for line in lines if line.record]
        assert stat.S_IMODE(segment.path.stat().st_mode) == 0o400
        assert (seal.segment, seal.count) == (segment.number, len(lines))
        assert (seal.first_ms, seal.last_ms) == (min(stamps), max(stamps))
        assert seal.root == MerkleTree([leaf_hash(line.data) for line in lines]).root.hex()


def test_5_sequence_numbers_count_from_0_without_holes(tmp_path: Path) -> None:
    fill(tmp_path, 25, max_bytes=6000)
    for segment in segments(tmp_path):
        records = [line.record for line in read_records(segment.path)]
        assert [(r.gateway, r.segment, r.seq) for r in records if r] == [
            ("gate-0", segment.number, seq) for seq in range(len(records))
        ]


def test_6_a_torn_tail_is_set_aside_and_the_crash_becomes_a_gap(tmp_path: Path) -> None:
    opened = crash(tmp_path, 4, tail=b'900 0123abcd {"torn')
    writer(tmp_path, now_ms=lambda: START_MS + 60_000).close()
    first, second = segments(tmp_path)
    assert len(list(read_lines(first.path))) == read_seals(tmp_path)[0].count == 4
    assert [path.read_bytes() for path in (tmp_path / "quarantine").iterdir()] == [b'900 0123abcd {"torn']
    (gap,) = gaps(tmp_path)
    assert (gap.reason, gap.from_ms, gap.to_ms) == (GapReason.CRASHED, START_MS + 3000, START_MS + 60_000)
    assert (gap.segment, gap.seq) == (second.number, 0)
    assert not opened.exists()


@pytest.mark.parametrize("kept", [0, 1, 500, 1400, 2999])
def test_6_holds_wherever_the_tail_was_cut(tmp_path: Path, kept: int) -> None:
    opened = crash(tmp_path, 4)
    os.truncate(opened, kept)
    writer(tmp_path).close()
    whole = [segment for segment in segments(tmp_path) if list(read_lines(segment.path))]
    assert [gap.reason for gap in gaps(tmp_path)] == [GapReason.CRASHED]
    assert [seal.segment for seal in read_seals(tmp_path)] == [segment.number for segment in whole]
    assert not any(line.fault for segment in whole for line in read_records(segment.path))


def test_7_a_damaged_line_is_quarantined_once_counted_and_never_fatal(tmp_path: Path) -> None:
    opened = crash(tmp_path, 5)
    data = bytearray(opened.read_bytes())
    lines = list(read_lines(opened))
    for line in lines[1:3]:
        data[line.offset + 40] ^= 4
    opened.write_bytes(data)
    writer(tmp_path).close()
    assert len(list((tmp_path / "quarantine").iterdir())) == 2
    damaged = next(gap for gap in gaps(tmp_path) if gap.reason is GapReason.DAMAGED)
    assert (damaged.count, damaged.from_ms, damaged.to_ms) == (2, START_MS, START_MS + 3000)
    first = read_seals(tmp_path)[0]
    survivors = [line for line in read_records(segments(tmp_path)[0].path) if not line.fault]
    assert first.count == len(survivors) == 3
    assert first.root == MerkleTree([leaf_hash(line.data) for line in survivors]).root.hex()
    writer(tmp_path).close()
    assert len(list((tmp_path / "quarantine").iterdir())) == 2


def test_8_put_never_blocks_and_never_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _: stuck.wait())
    spool = writer(tmp_path, queue_limit=10, group_commit_seconds=0.001)
    answers = [spool.put(heartbeat(number)) for number in range(5000)]
    assert answers.count(False) == spool.dropped > 0
    odd: Any = web_event(search_phrase="half \ud800 a character")
    stuck.set()
    until(lambda: spool.put(odd))
    until(lambda: spool.put(None))  # type: ignore[arg-type]
    until(lambda: spool.put(heartbeat()))
    spool.close()
    assert not spool.put(heartbeat())
    written = all_records(tmp_path)
    lost = {gap.reason: gap.count for gap in written if isinstance(gap, Gap)}
    assert lost[GapReason.HOOK_ERROR] == 2


def test_10_one_writer_a_folder(tmp_path: Path) -> None:
    with writer(tmp_path), pytest.raises(FairgateError, match="already writes"):
        writer(tmp_path)
    writer(tmp_path).close()


def test_11_a_clean_close_leaves_no_gap_and_no_number_is_used_twice(tmp_path: Path) -> None:
    for _ in range(3):
        fill(tmp_path, 2)
    assert gaps(tmp_path) == []
    assert [segment.number for segment in segments(tmp_path)] == [1, 2, 3]
    opened = crash(tmp_path, 1)
    os.truncate(opened, 10)
    fill(tmp_path, 1)
    assert [segment.number for segment in segments(tmp_path)] == [1, 2, 3, 5]


def test_a_crash_between_seal_and_rename_makes_no_second_seal(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    (segment,) = segments(tmp_path)
    before = segment.path.with_suffix(".seal").read_bytes()
    segment.path.rename(segment.path.with_suffix(".open"))
    fill(tmp_path, 1)
    first, second = segments(tmp_path)
    assert first.path.with_suffix(".seal").read_bytes() == before
    assert read_seals(tmp_path)[1].previous == read_seals(tmp_path)[0].digest
    assert second.number == 2


def test_a_damaged_last_seal_does_not_stop_recording(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    (tmp_path / "00000001.seal").write_bytes(b"{}")
    fill(tmp_path, 1)
    assert len(all_records(tmp_path)) == 2


def test_a_failing_sync_abandons_the_segment_and_recovery_seals_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = os.fdatasync, [OSError(errno.EIO, "I/O error")]

    def fails_once(handle: int) -> None:
        if failures:
            raise failures.pop()
        real(handle)

    monkeypatch.setattr(os, "fdatasync", fails_once)
    monkeypatch.setattr("analytics.spool.writer._RETRY_SECONDS", 0.01)
    with writer(tmp_path, group_commit_seconds=0.001) as spool:
        spool.put(heartbeat(1))
        until(lambda: len(segments(tmp_path)) == 2)
        spool.put(heartbeat(2))
    assert [seal.count for seal in read_seals(tmp_path)] == [1, 2]
    assert [gap.reason for gap in gaps(tmp_path)] == [GapReason.CRASHED]
