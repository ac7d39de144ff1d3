"""What the spool itself tells, without the store."""

from pathlib import Path

from hypothesis import given

from analytics import records
from analytics.doctor.spooled import newest_ms, of_kinds, time_of, workers
from analytics.event import WebEvent
from analytics.records import Gap, GapReason
from analytics.spool.line import frame
from tests.analytics.records_for_tests import EVENTS
from tests.analytics.spool.samples import START_MS, fill, heartbeat, web_event, writer


def gap(ts_ms: int) -> Gap:
    return Gap(school="oakfield", gateway="", ts_ms=ts_ms, reason=GapReason.CRASHED, from_ms=1, to_ms=2, count=0)


def test_the_newest_record_is_found_in_an_open_segment_and_in_a_closed_one(tmp_path: Path) -> None:
    folder = tmp_path / "gate-0"
    assert newest_ms(folder) is None
    fill(folder, 5)
    assert newest_ms(folder) == START_MS + 4_000
    with (folder / "00000009.open").open("wb") as file:
        file.write(frame(records.encode(web_event(60, segment=9, seq=0, gateway="gate-0"))) + b"123 cut short")
    assert newest_ms(folder) == START_MS + 60_000


@given(EVENTS)
def test_a_records_time_is_read_whatever_its_texts_hold(event: WebEvent) -> None:
    expected = event.ts_ms if event.ts_ms >= 0 else None
    assert time_of(frame(records.encode(event))) == expected


def test_records_of_a_kind_are_found_among_events_and_old_ones_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "gate-0"
    with writer(folder) as spool:
        for record in (web_event(1, path='/"record":"gap"'), gap(START_MS + 5), heartbeat(2), gap(START_MS + 9_000)):
            assert spool.put(record)
    assert [record.ts_ms for record in of_kinds(folder, ("gap",), START_MS + 6)] == [START_MS + 9_000]
    assert len(list(of_kinds(folder, ("gap", "heartbeat"), 0))) == 3


def test_what_is_damaged_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "gate-0"
    folder.mkdir()
    good = frame(records.encode(gap(START_MS)))
    (folder / "00000001.seg").write_bytes(good.replace(b"crashed", b"crushed") + good + b"\n\n" + good[:-3])
    assert len(list(of_kinds(folder, ("gap",), 0))) == 1
    (folder / "00000002.open").touch()
    assert len(list(of_kinds(folder, ("gap",), 0))) == 1


def test_the_loaders_own_folder_is_no_worker(tmp_path: Path) -> None:
    for name in (".loader", "gate-1", "gate-0"):
        (tmp_path / name).mkdir()
    assert [folder.name for folder in workers(tmp_path)] == ["gate-0", "gate-1"]
    assert workers(tmp_path / "absent") == []
