"""Coverage says when it was recording, and calls every silence a gap."""

from dataclasses import asdict
from datetime import date, timedelta

import pytest

from analytics.governance import Role
from analytics.queries import LookPurpose, coverage, data_up_to
from analytics.queries.coverage import SENTENCES, SILENT
from analytics.records import Gap, GapReason, Heartbeat, ShieldCount
from analytics.store.columns import table_of
from tests.analytics.queries.school_week import SchoolWeek, at

DAY = date(2026, 3, 10)
MINUTE = 60_000


def _beats(gateway: str, begin: int, minutes: int, segment: int = 0) -> list[Heartbeat]:
    return [
        Heartbeat(
            school="oakfield", gateway=gateway, segment=segment, seq=number, ts_ms=begin + (number + 1) * MINUTE,
            since_ms=begin + number * MINUTE, requests=100, passed_through=25, untold=2, dropped=1, hook_errors=0,
            policy_version="v", software="1",
        )
        for number in range(minutes)
    ]  # fmt: skip


def _gap(reason: GapReason, from_ms: int, to_ms: int, seq: int) -> Gap:
    return Gap(
        school="oakfield", gateway="gate-0", segment=9, seq=seq, ts_ms=to_ms, reason=reason, from_ms=from_ms,
        to_ms=to_ms, count=7,
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _recorded(school: SchoolWeek) -> None:
    begin = at(DAY, 8)
    beats = _beats("gate-0", begin, 60) + _beats("gate-0", begin + 120 * MINUTE, 30, 1)
    beats += _beats("gate-1", begin, 30)
    rows = [{**asdict(beat), "received_ms": 1} for beat in beats]
    for token in ("beats", "beats sent again"):
        school.store.insert("heartbeats", table_of("heartbeats", rows), token)
    gap = _gap(GapReason.CRASHED, begin + 60 * MINUTE, begin + 61 * MINUTE, 1)
    row = {**asdict(gap), "source_offset": -1, "received_ms": 1}
    school.store.insert("gaps", table_of("gaps", [row, row]), "gaps")
    counts = [
        ShieldCount(school="oakfield", gateway="gate-0", segment=9, seq=n, ts_ms=1, hour_ms=at(DAY, hour), count=5)
        for n, hour in enumerate((8, 9, 23))
    ]
    school.store.insert(
        "shield_counts", table_of("shield_counts", [{**asdict(c), "received_ms": 1} for c in counts * 2]), "shield"
    )


def test_stretches_join_heartbeats_that_follow_each_other(school: SchoolWeek) -> None:
    found = coverage(school.reading(Role.TECHNICIAN, LookPurpose.COVERAGE), DAY, DAY)
    assert found.stretches[["gateway", "start", "end"]].to_numpy().tolist() == [
        ["gate-0", "2026-03-10 08:00:00", "2026-03-10 09:00:00"],
        ["gate-1", "2026-03-10 08:00:00", "2026-03-10 08:30:00"],
        ["gate-0", "2026-03-10 10:00:00", "2026-03-10 10:30:00"],
    ]
    assert found.recorded_s == 90 * 60


def test_silences_and_recorded_gaps_are_told_in_plain_words(school: SchoolWeek) -> None:
    gaps = coverage(school.reading(Role.CHAIR, LookPurpose.COVERAGE), DAY, DAY).gaps
    rows = gaps[["gateway", "reason", "start", "end"]].to_numpy().tolist()
    assert rows == [
        ["gate-1", SILENT, "2026-03-10 08:30:00", "2026-03-11 00:00:00"],
        ["gate-0", GapReason.CRASHED, "2026-03-10 09:00:00", "2026-03-10 09:01:00"],
        ["gate-0", SILENT, "2026-03-10 09:00:00", "2026-03-10 10:00:00"],
        ["gate-0", SILENT, "2026-03-10 10:30:00", "2026-03-11 00:00:00"],
    ]
    assert gaps["sentence"].tolist()[1] == "The gateway stopped unexpectedly and was started again."


def test_counts_are_sums_over_each_heartbeat_once(school: SchoolWeek) -> None:
    found = coverage(school.reading(Role.HEADTEACHER), DAY, DAY)
    assert (found.requests, found.passed_through, found.passed_through_percent) == (12_000, 3_000, 25)
    assert (found.untold, found.dropped, found.hook_errors, found.shielded) == (240, 120, 0, 15)
    assert (found.people, found.people_not_told) == (10, 1)


def test_a_whole_silent_day_after_recording_is_a_gap(school: SchoolWeek) -> None:
    found = coverage(school.reading(Role.HEADTEACHER), DAY + timedelta(days=3), DAY + timedelta(days=3))
    assert found.stretches.empty
    assert found.gaps["start"].tolist() == ["2026-03-13 00:00:00"] * 2
    assert found.requests == found.passed_through_percent == 0


def test_before_there_was_a_gateway_there_is_no_gap(school: SchoolWeek) -> None:
    found = coverage(school.reading(Role.HEADTEACHER), date(2019, 1, 1), date(2019, 1, 1))
    assert found.gaps.empty
    assert list(found.gaps.columns) == ["gateway", "reason", "from_ms", "to_ms", "count", "sentence", "start", "end"]


def test_records_of_a_folder_that_began_again_are_counted_beside_those_that_had_their_numbers(
    school: SchoolWeek,
) -> None:
    day = DAY + timedelta(days=30)
    begin = at(day, 8)
    beats = [*_beats("gate-5", begin, 20), *_beats("gate-5", begin + 20 * MINUTE, 30)]
    gaps = [_gap(GapReason.CRASHED, start, start + MINUTE, 2) for start in (begin, begin + 20 * MINUTE)]
    counts = [
        ShieldCount(school="oakfield", gateway="gate-5", segment=1, seq=0, ts_ms=ms, hour_ms=begin, count=4)
        for ms in (begin, begin + 20 * MINUTE)
    ]
    more = {"source_offset": -1, "received_ms": 1}
    for table, rows in (
        ("heartbeats", [{**asdict(beat), "received_ms": 1} for beat in beats]),
        ("gaps", [{**asdict(gap), **more} for gap in gaps]),
        ("shield_counts", [{**asdict(count), "received_ms": 1} for count in counts]),
    ):
        school.store.insert(table, table_of(table, rows * 2), f"began again {table}")
    found = coverage(school.reading(Role.CHAIR, LookPurpose.COVERAGE), day, day)
    assert (found.requests, found.shielded) == (50 * 100, 8)
    assert found.gaps["reason"].tolist().count(GapReason.CRASHED) == 2


def test_a_time_in_which_devices_went_past_the_gateway_is_counted_once_and_within_the_range(school: SchoolWeek) -> None:
    day = DAY + timedelta(days=40)
    gaps = [
        _gap(GapReason.BYPASSED, at(day, 23) - 24 * 60 * MINUTE, at(day, 0) + 10 * MINUTE, 3),
        _gap(GapReason.BYPASSED, at(day, 0), at(day, 0) + 20 * MINUTE, 4),
        _gap(GapReason.CLOCK_STEP, at(day, 5), at(day, 5), 5),
    ]
    rows = [{**asdict(gap), "source_offset": -1, "received_ms": 1} for gap in gaps]
    school.store.insert("gaps", table_of("gaps", rows), "past the gateway")
    found = coverage(school.reading(Role.CHAIR, LookPurpose.COVERAGE), day, day)
    assert found.bypassed_s == 20 * 60
    assert (found.times(GapReason.BYPASSED), found.times(GapReason.CLOCK_STEP)) == (2, 1)


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == {SILENT, *GapReason}
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


def test_data_reaches_up_to_the_newest_record(school: SchoolWeek) -> None:
    newest = data_up_to(school.reading(Role.DSL))
    assert newest >= at(date(2026, 11, 17), 15)
