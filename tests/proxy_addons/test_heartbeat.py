"""Heartbeats: what was only counted is recorded, and a stepped clock is a gap."""

import asyncio
from pathlib import Path

import pytest

from analytics.records import Gap, GapReason, Heartbeat, ShieldCount
from proxy_addons.heartbeat import HeartbeatWriter
from proxy_addons.tally import HOUR_MS
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.pipeline import Pipeline, only

SECOND_NS = 1_000_000_000


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def writer(pipeline: Pipeline, seconds: float = 60.0) -> HeartbeatWriter:
    return HeartbeatWriter(pipeline.recording, pipeline.tally, seconds, "fairgate test")


def beats(pipeline: Pipeline) -> list[Heartbeat]:
    return [record for record in pipeline.spool.records if isinstance(record, Heartbeat)]


def test_a_beat_says_what_was_counted_since_the_one_before(pipeline: Pipeline) -> None:
    heart = writer(pipeline)
    start, steady = heart._since, heart._steady
    pipeline.tally.requests, pipeline.tally.untold, pipeline.tally.passed_through = 3, 2, 1
    pipeline.spool.dropped = 4
    heart.beat(start + 60_000, steady + 60 * SECOND_NS)
    heart.beat(start + 120_000, steady + 120 * SECOND_NS)
    first, second = beats(pipeline)
    assert (first.since_ms, first.ts_ms, first.requests, first.untold, first.passed_through, first.dropped) == (
        start,
        start + 60_000,
        3,
        2,
        1,
        4,
    )
    assert (second.since_ms, second.requests, second.dropped) == (first.ts_ms, 0, 0)
    assert (first.policy_version, first.software) == (pipeline.policy.version, "fairgate test")
    assert len(pipeline.spool.records) == 2


@pytest.mark.parametrize("step", [-3_600_000, 3_600_000, 2_500])
def test_a_stepped_clock_is_a_gap(pipeline: Pipeline, step: int) -> None:
    heart = writer(pipeline)
    start, steady = heart._since, heart._steady
    heart.beat(start + 60_000 + step, steady + 60 * SECOND_NS)
    gap = only(record for record in pipeline.spool.records if isinstance(record, Gap))
    assert (gap.reason, gap.count) == (GapReason.CLOCK_STEP, 0)
    assert (gap.from_ms, gap.to_ms) == tuple(sorted((start, start + 60_000 + step)))
    heart.beat(start + 120_000 + step, steady + 120 * SECOND_NS)
    assert len([record for record in pipeline.spool.records if isinstance(record, Gap)]) == 1


def test_a_late_beat_is_no_stepped_clock(pipeline: Pipeline) -> None:
    heart = writer(pipeline)
    heart.beat(heart._since + 400_000, heart._steady + 400 * SECOND_NS)
    assert len(pipeline.spool.records) == 1


def test_hook_faults_are_a_gap_with_their_number(pipeline: Pipeline) -> None:
    heart = writer(pipeline)
    pipeline.tally.hook_errors = 7
    heart.beat(heart._since + 60_000, heart._steady + 60 * SECOND_NS)
    gap = only(record for record in pipeline.spool.records if isinstance(record, Gap))
    assert (gap.reason, gap.count) == (GapReason.HOOK_ERROR, 7)


def test_shielded_hours_are_recorded_once_they_are_over_and_the_rest_at_the_end(pipeline: Pipeline) -> None:
    heart = writer(pipeline)
    hour = heart._since - heart._since % HOUR_MS
    pipeline.tally.shield(hour - 1)
    pipeline.tally.shield(hour + 1)
    heart.beat(hour + 2, heart._steady)
    counts = [record for record in pipeline.spool.records if isinstance(record, ShieldCount)]
    assert [(count.hour_ms, count.count) for count in counts] == [(hour - HOUR_MS, 1)]
    heart.done()
    counts = [record for record in pipeline.spool.records if isinstance(record, ShieldCount)]
    assert [(count.hour_ms, count.count) for count in counts] == [(hour - HOUR_MS, 1), (hour, 1)]


def test_it_beats_by_itself_and_once_more_at_the_end(pipeline: Pipeline) -> None:
    async def live() -> None:
        heart = writer(pipeline, 0.02)
        heart.running()
        while len(beats(pipeline)) < 2:
            await asyncio.sleep(0.01)
        heart.done()

    asyncio.run(asyncio.wait_for(live(), 20))
    assert wait_until(lambda: len(beats(pipeline)) >= 3)
