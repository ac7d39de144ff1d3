"""The record: not written, not loaded, with gaps; each told from the spool."""

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from analytics.doctor.examined import DAY_MS
from analytics.doctor.record_checks import MEANT, WHAT
from analytics.loader import Loader
from analytics.records import Attempts, Condition, Gap, GapReason, Record
from analytics.store.embedded import EmbeddedStore
from analytics.store.migrate import migrate
from tests.analytics.doctor.conftest import School, now_ms
from tests.analytics.spool.samples import web_event, writer


def spooled(school: School, *written: Record) -> Path:
    folder = school.state.spool / "gate-0"
    with writer(folder) as spool:
        for record in written:
            assert spool.put(record)
    return folder


def running(school: School, minutes: int = 90) -> None:
    """The gateway, which has run for so long."""
    lock = school.state.root / "run" / "gateway.lock"
    lock.write_text(str(os.getpid()))
    began = time.time() - minutes * 60
    os.utime(lock, (began, began))


def gap(reason: GapReason, minutes_ago: int = 60, minutes: int = 5) -> Gap:
    begin = now_ms() - minutes_ago * 60_000
    return Gap(
        school="oakfield",
        gateway="",
        ts_ms=begin,
        reason=reason,
        from_ms=begin,
        to_ms=begin + minutes * 60_000,
        count=0,
    )


def test_where_nothing_was_ever_recorded_that_is_said(school: School) -> None:
    assert "Nothing was ever recorded." in school.lines("heartbeats")[0]


def test_a_running_gateway_that_writes_nothing_is_said(school: School) -> None:
    spooled(school, web_event(ts_ms=now_ms() - 3_600_000))
    assert school.lines("heartbeats") == [], "it does not run: another check says so"
    running(school)
    (line,) = school.lines("heartbeats")
    assert "Worker 0 wrote last 60 minutes ago, though the gateway runs." in line
    spooled(school, web_event(ts_ms=now_ms()))
    assert school.lines("heartbeats") == []


def test_a_gateway_that_has_only_just_begun_is_given_its_time(school: School) -> None:
    spooled(school, web_event(ts_ms=now_ms() - 3_600_000))
    running(school, minutes=0)
    assert school.lines("heartbeats") == []


def test_each_worker_is_asked_for(school: School) -> None:
    school.settings("[gateway]\nworkers = 2\n")
    spooled(school, web_event(ts_ms=now_ms()))
    running(school)
    (line,) = school.lines("heartbeats")
    assert "Worker 1 has written nothing yet" in line


def test_records_of_the_future_are_the_clocks_fault(school: School) -> None:
    spooled(school, web_event(ts_ms=now_ms() + DAY_MS))
    running(school)
    assert "records of the future" in school.lines("heartbeats")[0]


def test_records_that_wait_long_for_the_store_are_said_until_it_has_them(school: School, tmp_path: Path) -> None:
    spooled(school, web_event(ts_ms=now_ms() - 3 * 3_600_000, school="oakfield", gateway="gate-0"))
    (line,) = school.lines("backlog")
    assert "Records of 3 hours ago are not in the store yet. The spool keeps them." in line
    with closing(EmbeddedStore(tmp_path / "store")) as store:
        migrate(store)
        Loader(school.state.spool, store, "oakfield").run_until_idle()
    assert school.lines("backlog") == []


def test_fresh_records_may_wait(school: School) -> None:
    spooled(school, web_event(ts_ms=now_ms()))
    assert school.lines("backlog") == []


@pytest.mark.parametrize("reason", GapReason)
def test_every_reason_for_a_gap_is_said_with_what_to_do(school: School, reason: GapReason) -> None:
    spooled(school, gap(reason), gap(reason, 30, 10), gap(reason, 3 * 24 * 60))
    (line,) = school.lines("gaps")
    assert line.startswith("NOTE" if reason in MEANT else "MEND")
    assert f"In the last day {WHAT[reason]}: 2 times, 15 minutes in all." in line


def test_refused_ways_round_are_a_note_and_a_silent_filter_is_not(school: School) -> None:
    attempts = Attempts(school="oakfield", gateway="", ts_ms=now_ms(), since_ms=1, quic=40, dot=2, doh=3)
    spooled(school, attempts)
    (line,) = school.lines("refusals")
    assert line.startswith("NOTE [refusals] In the last day 40 packets of QUIC and 5 hidden look-ups")
    spooled(
        school,
        Condition(
            school="oakfield", gateway="", ts_ms=now_ms(), since_ms=1, banking=0, pinned=0, not_enrolled=0, not_told=0,
            no_sni=0, opaque=0, filter_silent=3, lists_age_hours=-1, snapshot_age_hours=0, policy_version="v",
        ),
    )  # fmt: skip
    assert "filter did not answer 3 times" in school.lines("refusals")[1]


def test_segments_of_long_ago_are_not_read(school: School) -> None:
    folder = spooled(school, gap(GapReason.CRASHED))
    for path in folder.iterdir():
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    assert school.lines("gaps") == []
