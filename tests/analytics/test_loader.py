"""The loader's invariants (analytics.loader), against a real spool and a real store."""

import errno
import itertools
import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from analytics import durable, records
from analytics.canonical import leaf_hash
from analytics.event import Kind
from analytics.records import Heartbeat, ShieldCount
from analytics.spool import Segment, SpoolWriter, segments
from analytics.store.columns import EVENT_SELECT, event_of
from analytics.store.progress import FOLDER, progress_path
from config.errors import StoreError
from tests.analytics.gate import DAY_MS, FailingStore, Gate, Killed, change_byte, waited
from tests.analytics.spool.samples import SEALER, START_MS, heartbeat, web_event


def _has(gate: Gate, events: int) -> bool:
    return gate.count("events") == events


def test_without_a_spool_there_is_nothing_to_do(gate: Gate) -> None:
    assert gate.loader().step().idle


def test_every_kind_of_record_reaches_its_table(gate: Gate) -> None:
    beat = heartbeat()
    gate.spool(
        *gate.events(2),
        Heartbeat(**{**_fields(beat), "school": gate.school}),
        ShieldCount(school=gate.school, gateway="", ts_ms=START_MS, hour_ms=START_MS, count=3),
    )
    result = gate.loader().run_until_idle()
    assert (result.records, result.events, result.damaged, result.segments) == (4, 2, 0, 1)
    assert {table: gate.count(table) for table in ("events", "heartbeats", "shield_counts", "gaps", "seals")} == {
        "events": 2,
        "heartbeats": 1,
        "shield_counts": 1,
        "gaps": 0,
        "seals": 1,
    }


def test_stored_rows_give_the_very_leaves_that_were_sealed(gate: Gate) -> None:
    gate.spool(*gate.events(1, search_phrase='a "quoted" \\ back\tslash é', path=""), *gate.events(20, person_id=None))
    gate.loader().run_until_idle()
    rows = sorted(gate.rows("events_once", EVENT_SELECT), key=lambda row: row["seq"])
    [seal] = gate.rows("seals_once")
    assert [leaf_hash(records.encode(event_of(row))).hex() for row in rows] == seal["leaves"]
    assert seal["count"] == 21


def test_an_open_segment_is_followed_as_it_grows(gate: Gate) -> None:
    loader = gate.loader()
    with gate.writer() as writer:
        for count in (1, 2, 3):
            assert writer.put(web_event(school=gate.school))
            waited(loader, partial(_has, gate, count))
        assert [segment.closed for segment in segments(gate.folder)] == [False]
    loader.run_until_idle()
    assert gate.rows("seals_once", "count") == [{"count": 3}]


def test_nothing_is_loaded_that_a_power_cut_could_still_take_from_the_spool(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: Segment) -> None:
        raise OSError(errno.EIO, "I/O error")

    loader = gate.loader()
    with gate.writer() as writer:
        assert writer.put(web_event(school=gate.school))
        deadline = time.monotonic() + 20
        while not segments(gate.folder)[0].path.stat().st_size:
            assert time.monotonic() < deadline
        with monkeypatch.context() as failing:
            failing.setattr("analytics.loader.sync_segment", refuses)
            with pytest.raises(OSError, match="I/O error"):
                loader.step()
        assert gate.count("events") == 0
    loader.run_until_idle()
    assert gate.count("events_once") == 1


def test_visits_and_rollups_follow_the_events(gate: Gate) -> None:
    gate.spool(*gate.events(4), *gate.events(3, kind=Kind.SUBRESOURCE, initiator_host="www.shop.example"))
    gate.loader().run_until_idle()
    assert gate.count("visits_now") == 4
    assert gate.rows("daily_now", "purpose, visits") == [{"purpose": "private", "visits": 4}]


def test_events_that_name_nobody_make_no_visit(gate: Gate) -> None:
    gate.spool(*gate.events(4, person_id=None))
    gate.loader().run_until_idle()
    assert (gate.count("events"), gate.count("visits_now")) == (4, 0)


def test_late_and_doubled_events_never_inflate_visits(gate: Gate) -> None:
    events = gate.events(6)
    for part in (events[3:], events[:3], events):
        gate.spool(*part)
        gate.loader().run_until_idle()
    assert gate.count("events") == 12
    assert gate.count("events_once") == 6
    assert gate.count("visits_now") == 6
    assert gate.rows("daily_now", "visits") == [{"visits": 6}]


@pytest.mark.parametrize(("when", "table"), [("after", "visits"), ("after", "daily"), ("before", "visit_builds")])
def test_a_rebuild_that_dies_half_way_shows_the_old_visits_whole(gate: Gate, when: str, table: str) -> None:
    gate.spool(*gate.events(2))
    gate.loader().run_until_idle()
    before = sorted(row["visit_id"] for row in gate.rows("visits_now", "visit_id"))

    def fault(now: str, into: str) -> None:
        if (now, into) == (when, table):
            raise Killed

    gate.spool(*gate.events(3))
    with pytest.raises(Killed):
        gate.loader(FailingStore(gate.store, fault)).run_until_idle()
    assert sorted(row["visit_id"] for row in gate.rows("visits_now", "visit_id")) == before
    assert gate.rows("daily_now", "visits") == [{"visits": 2}]


def test_replaced_builds_are_cleaned_away_once_no_reader_can_be_on_them(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.rebuild._SETTLED_MS", -DAY_MS)
    loader = gate.loader()
    for _ in range(3):
        gate.spool(*gate.events(2))
        loader.run_until_idle()
    before = gate.rows("visits_now", "visit_id")
    assert gate.count("visits") > len(before)
    monkeypatch.setattr("analytics.loader.CLEAN_SECONDS", 0)
    loader.step()
    assert gate.count("visits") == len(before)
    assert gate.rows("visits_now", "visit_id") == before
    assert gate.count("daily") == gate.count("daily_now")


def test_batches_are_ranges_that_follow_each_other(gate: Gate) -> None:
    gate.spool(*gate.events(25))
    loader = gate.loader(batch_lines=10)
    assert [loader.step().records for _ in range(3)] == [10, 10, 5]
    assert gate.count("events") == 25


def test_two_workers_are_loaded_side_by_side(gate: Gate) -> None:
    gate.spool(*gate.events(3))
    with SpoolWriter(gate.root / "gate-1", gate.school, "gate-1", SEALER) as other:
        assert other.put(web_event(school=gate.school))
    gate.loader().run_until_idle()
    found = sorted(gate.rows("seals_once", "gateway, count"), key=lambda row: str(row["gateway"]))
    assert found == [{"gateway": "gate-0", "count": 3}, {"gateway": "gate-1", "count": 1}]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("table", ["events", "heartbeats", "seals", "visits", "daily", "visit_builds"])
def test_killed_around_any_insert_everything_is_stored_once(gate: Gate, when: str, table: str) -> None:
    gate.spool(*gate.events(5), Heartbeat(**{**_fields(heartbeat()), "school": gate.school}))

    def fault(now: str, into: str) -> None:
        if (now, into) == (when, table):
            raise Killed

    with pytest.raises(Killed):
        gate.loader(FailingStore(gate.store, fault)).run_until_idle()
    gate.loader().run_until_idle()
    _all_stored_once(gate)


@pytest.mark.parametrize("write", range(5))
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_any_durable_write_everything_is_stored_once(
    gate: Gate, write: int, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.spool(*gate.events(5), Heartbeat(**{**_fields(heartbeat()), "school": gate.school}))
    written = itertools.count()

    def dying(path: Path, data: bytes, mode: int = 0o600) -> None:
        dies = next(written) == write
        if not dies or when == "after":
            durable.write_whole(path, data, mode)
        if dies:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("analytics.store.progress.write_whole", dying)
        patched.setattr("analytics.pending.write_whole", dying)
        with pytest.raises(Killed):
            gate.loader().run_until_idle()
    gate.loader().run_until_idle()
    _all_stored_once(gate)


def _all_stored_once(gate: Gate) -> None:
    tables = ("events", "heartbeats", "seals", "visits_now")
    assert {table: gate.count(table) for table in tables} == {"events": 5, "heartbeats": 1, "seals": 1, "visits_now": 5}
    assert gate.rows("daily_now", "visits") == [{"visits": 5}]


def test_while_the_store_is_down_the_spool_keeps_everything(gate: Gate) -> None:
    def down(_when: str, _table: str) -> None:
        raise StoreError("down")

    loader = gate.loader(FailingStore(gate.store, down))
    for _ in range(3):
        gate.spool(*gate.events(2))
        with pytest.raises(StoreError):
            loader.step()
    assert gate.count("events") == 0
    gate.loader().run_until_idle()
    assert gate.count("events") == 6


def test_lost_progress_files_send_everything_again_and_count_it_once(gate: Gate) -> None:
    gate.spool(*gate.events(5))
    gate.loader().run_until_idle()
    progress_path(gate.root, "gate-0", 1).write_bytes(b'{"loaded": 1')
    gate.loader().run_until_idle()
    assert (gate.count("events"), gate.count("seals"), gate.count("visits_now")) == (5, 1, 5)


def test_loaded_segments_are_kept_their_days_and_the_newest_for_good(gate: Gate) -> None:
    for _ in range(3):
        gate.spool(*gate.events(1))
    loader = gate.loader()
    loader.run_until_idle()
    assert loader.prune() == 0
    for ack in (gate.root / FOLDER / "gate-0").iterdir():
        os.utime(ack, (time.time() - 8 * 86_400,) * 2)
    assert loader.prune() == 2
    assert [segment.number for segment in segments(gate.folder)] == [3]
    assert not list(gate.folder.glob("0000000[12].*"))


def test_a_segment_whose_seal_does_not_hold_is_never_removed(gate: Gate) -> None:
    for _ in range(2):
        gate.spool(*gate.events(2))
    change_byte(segments(gate.folder)[0].path, 200)
    loader = gate.loader(kept_seconds=0)
    loader.run_until_idle()
    assert loader.prune() == 0


def _fields(record: Heartbeat) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
