"""Damage on its way into the store: set aside, counted, never fatal, never taken for good (see analytics.loader)."""

from collections.abc import Callable
from typing import Any

import pytest

from analytics import records
from analytics.spool import read_lines, segments
from analytics.store.progress import progress_path, read_progress
from tests.analytics.gate import Gate, change_byte, closed_segment
from tests.analytics.spool.samples import START_MS, web_event

DAY_MS = 86_400_000


def test_a_damaged_line_is_set_aside_and_becomes_a_gap_and_the_seal_does_not_hold(gate: Gate) -> None:
    gate.spool(*gate.events(5))
    path = segments(gate.folder)[0].path
    lines = list(read_lines(path))
    change_byte(path, lines[2].offset + 40)
    result = gate.loader().run_until_idle()
    assert (result.records, result.damaged) == (4, 1)
    gaps = sorted(gate.rows("gaps_once", "reason, count, from_ms, to_ms, source_offset"), key=lambda row: row["count"])
    assert gaps[1] == {
        "reason": "damaged",
        "count": 1,
        "from_ms": START_MS + 1000,
        "to_ms": START_MS + 3000,
        "source_offset": lines[2].offset,
    }
    assert (gaps[0]["reason"], gaps[0]["count"]) == ("damaged", 0)
    assert len(list((gate.folder / "quarantine").iterdir())) == 1
    assert gate.count("seals") == 0
    assert read_progress(progress_path(gate.root, "gate-0", 1)).fault == "root does not match"


def test_every_line_damaged_is_still_not_fatal(gate: Gate) -> None:
    gate.spool(*gate.events(3))
    path = segments(gate.folder)[0].path
    path.chmod(0o600)
    path.write_bytes(b"\x00\xff nonsense\n\n\n{}")
    result = gate.loader().run_until_idle()
    assert (result.records, result.damaged, gate.count("events")) == (0, 4, 0)
    assert sum(row["count"] for row in gate.rows("gaps_once", "count")) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"school": "another"},
        {"gateway": "gate-9"},
        {"segment": 7},
        {"seq": -3},
    ],
)
def test_a_record_that_belongs_elsewhere_is_damaged(gate: Gate, change: dict[str, Any]) -> None:
    home: dict[str, Any] = {"school": gate.school, "gateway": "gate-0", "segment": 1}
    good, stray = web_event(**{**home, "seq": 0}), web_event(**{**home, "seq": 1, **change})
    closed_segment(gate, [records.encode(good), records.encode(stray)])
    result = gate.loader().run_until_idle()
    assert (result.records, result.damaged) == (1, 1)


@pytest.mark.parametrize(
    "alter",
    [
        lambda data: data.replace(b'"gravity":1', b'"gravity":1.0'),
        lambda data: data.replace(b'"gravity":1', b'"gravity": 1'),
        lambda data: data.replace(b'"port":443,', b""),
        lambda data: data.replace(b'"purpose":"private"', b'"purpose":"secret"'),
        lambda data: data.replace(b'"v":1', b'"v":2'),
        lambda data: data[:-1] + b',"zz":1}',
        lambda data: data.replace(b'"media":false', b'"media":null'),
        lambda data: data.replace(b'"port":443', b'"port":9007199254740993'),
        lambda data: data + data,
        lambda _: b'{"record":"web",',
        lambda _: b'[,"record":"web",]',
    ],
)
def test_a_line_that_is_not_exactly_an_event_is_damaged_and_its_neighbours_are_not(
    gate: Gate, alter: Callable[[bytes], bytes]
) -> None:
    home: dict[str, Any] = {"school": gate.school, "gateway": "gate-0", "segment": 1}
    datas = [records.encode(web_event(seq, **{**home, "seq": seq})) for seq in range(3)]
    altered = alter(datas[1])
    assert altered != datas[1]
    closed_segment(gate, [datas[0], altered, datas[2]])
    result = gate.loader().run_until_idle()
    assert (result.records, result.damaged, gate.count("events")) == (2, 1, 2)


def test_a_hole_in_the_sequence_becomes_a_gap_with_its_size(gate: Gate) -> None:
    home: dict[str, Any] = {"school": gate.school, "gateway": "gate-0", "segment": 1}
    closed_segment(gate, [records.encode(web_event(seq, **{**home, "seq": seq})) for seq in (0, 1, 5, 6)])
    gate.loader().run_until_idle()
    holes = [row for row in gate.rows("gaps_once", "reason, count, from_ms, to_ms") if row["reason"] == "sequence"]
    assert holes == [{"reason": "sequence", "count": 3, "from_ms": START_MS + 1000, "to_ms": START_MS + 5000}]


def test_a_hole_over_the_edge_of_two_batches_is_found(gate: Gate) -> None:
    home: dict[str, Any] = {"school": gate.school, "gateway": "gate-0", "segment": 1}
    closed_segment(gate, [records.encode(web_event(seq, **{**home, "seq": seq})) for seq in (0, 1, 3)])
    gate.loader(batch_lines=2).run_until_idle()
    assert [row["count"] for row in gate.rows("gaps_once", "reason, count") if row["reason"] == "sequence"] == [1]


def test_a_seal_that_does_not_hold_is_not_kept(gate: Gate) -> None:
    gate.spool(*gate.events(2))
    [segment] = segments(gate.folder)
    assert segment.seal is not None
    change_byte(segment.seal, 30)
    gate.loader().run_until_idle()
    assert gate.count("seals") == 0
    assert gate.count("events") == 2
    assert [row["reason"] for row in gate.rows("gaps_once", "reason")] == ["damaged"]


def test_a_segment_that_is_missing_whole_becomes_a_gap(gate: Gate) -> None:
    for first in (0, 10, 20):
        gate.spool(*(web_event(first + number, school=gate.school) for number in range(3)))
    missing = segments(gate.folder)[1]
    assert missing.seal is not None
    missing.path.unlink()
    missing.seal.unlink()
    gate.loader().run_until_idle()
    assert gate.rows("gaps_once", "reason, segment, count, from_ms, to_ms") == [
        {"reason": "sequence", "segment": 3, "count": 0, "from_ms": START_MS + 2000, "to_ms": START_MS + 20_000}
    ]
    assert gate.count("seals") == 2


def test_the_oldest_segments_missing_are_a_gap_too(gate: Gate) -> None:
    for number in range(2):
        gate.spool(web_event(number, school=gate.school))
    first = segments(gate.folder)[0]
    assert first.seal is not None
    first.path.unlink()
    first.seal.unlink()
    gate.loader().run_until_idle()
    assert [row["reason"] for row in gate.rows("gaps_once", "reason")] == ["sequence"]


def test_segments_that_follow_each_other_leave_no_gap_however_often_the_loader_begins_anew(gate: Gate) -> None:
    for number in range(3):
        gate.spool(web_event(number, school=gate.school))
        gate.loader(batch_lines=1).run_until_idle()
    assert (gate.count("gaps"), gate.count("seals")) == (0, 3)


def test_segments_are_finished_in_order_though_a_later_one_is_loaded_first(gate: Gate) -> None:
    gate.spool(*gate.events(5))
    gate.spool(*gate.events(1))
    gate.loader(batch_lines=1).run_until_idle()
    assert (gate.count("gaps"), gate.count("seals")) == (0, 2)


def test_what_was_removed_after_its_time_is_not_missing(gate: Gate) -> None:
    for number in range(3):
        gate.spool(web_event(number, school=gate.school))
    loader = gate.loader(kept_seconds=0)
    loader.run_until_idle()
    assert loader.prune() == 2
    gate.spool(web_event(9, school=gate.school))
    gate.loader().run_until_idle()
    assert gate.count("gaps") == 0
