"""Conditions: why connections stayed closed, and how old what the gateway goes by is."""

from pathlib import Path

import pytest

from analytics.records import Condition, Heartbeat
from analytics.snapshot import DeviceClass
from proxy_addons.conditions import BEATS, ConditionWriter
from proxy_addons.heartbeat import HeartbeatWriter
from proxy_addons.tally import HOUR_MS
from tests.proxy_addons.pipeline import Pipeline
from tests.proxy_addons.running_gateway import ANNE, UNTOLD, device


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def conditions(pipeline: Pipeline) -> list[Condition]:
    return [record for record in pipeline.spool.records if isinstance(record, Condition)]


def writer(pipeline: Pipeline, oldest: int | None = None) -> ConditionWriter:
    return ConditionWriter(pipeline.recording, pipeline.tally, 1_000, lambda: oldest)


def test_reasons_are_counted_and_what_is_shielded_is_in_none_of_them(pipeline: Pipeline) -> None:
    for name in ("www.barclays.co.uk", "www.samaritans.org", "www.amazon.co.uk", None):
        pipeline.hello(name, ("203.0.113.7", 443), mode="transparent")
    pipeline.tally.filter_silent = 2
    writer(pipeline).write(2_000)
    (found,) = conditions(pipeline)
    counts = (found.banking, found.no_sni, found.pinned, found.not_told, found.not_enrolled, found.opaque)
    assert counts == (1, 1, 0, 0, 0, 0)
    assert (found.since_ms, found.ts_ms, found.filter_silent) == (1_000, 2_000, 2)


@pytest.mark.parametrize(("person", "told", "enrolled"), [(UNTOLD.person_id, 1, 0), (None, 0, 1)])
def test_people_not_told_and_devices_that_are_nobodys_are_told_apart(
    tmp_path: Path, person: str | None, told: int, enrolled: int
) -> None:
    pipeline = Pipeline(tmp_path, devices=(device(DeviceClass.STAFF, person),), people=(ANNE, UNTOLD))
    assert pipeline.hello("www.samaritans.org", ("203.0.113.7", 443), mode="transparent")
    writer(pipeline).write(2_000)
    (found,) = conditions(pipeline)
    assert (found.not_told, found.not_enrolled) == (told, enrolled)


def test_what_was_counted_is_not_counted_again(pipeline: Pipeline) -> None:
    pipeline.hello("www.barclays.co.uk", ("203.0.113.7", 443), mode="transparent")
    pipeline.tally.filter_silent = 1
    writing = writer(pipeline)
    writing.write(2_000)
    writing.write(3_000)
    first, second = conditions(pipeline)
    assert (first.banking, first.filter_silent) == (1, 1)
    assert (second.banking, second.filter_silent, second.since_ms) == (0, 0, 2_000)


def test_ages_are_whole_hours_and_no_lists_are_said_to_be_none(pipeline: Pipeline) -> None:
    now = pipeline.recording.register.snapshot.made_ms + 3 * HOUR_MS - 1
    writer(pipeline, now - 50 * HOUR_MS).write(now)
    writer(pipeline, now + HOUR_MS).write(now)
    writer(pipeline).write(now)
    assert [(found.lists_age_hours, found.snapshot_age_hours) for found in conditions(pipeline)] == [
        *((50, 2), (0, 2), (-1, 2))
    ]
    assert {found.policy_version for found in conditions(pipeline)} == {pipeline.policy.version}


def test_one_condition_goes_with_so_many_heartbeats_and_one_with_the_stop(pipeline: Pipeline) -> None:
    heart = HeartbeatWriter(pipeline.recording, pipeline.tally, 60, "fairgate test", writer(pipeline))
    for number in range(1, BEATS + 2):
        heart.beat(heart._since + 60_000, heart._steady + 60_000_000_000)
        assert len(conditions(pipeline)) == (1 if number <= BEATS else 2)
    heart.done()
    assert len(conditions(pipeline)) == 3
    assert len([record for record in pipeline.spool.records if isinstance(record, Heartbeat)]) == BEATS + 2
