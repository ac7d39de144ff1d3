"""Attribution of flows: recorded, counted, or not even counted."""

from pathlib import Path
from typing import Any

import pytest

from analytics.event import Grade
from analytics.snapshot import DeviceClass
from proxy_addons import seen
from tests.proxy_addons.pipeline import OPENED, Pipeline, answer, only, request
from tests.proxy_addons.running_gateway import device


def test_a_person_who_was_told_is_recorded(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path)
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    event = only(pipeline.events)
    assert (event.person_id, event.attribution_grade, event.binding_id) == ("p-anne", Grade.B, "register:d-1:1")
    assert (pipeline.tally.requests, pipeline.tally.untold) == (1, 0)


@pytest.mark.parametrize(
    ("devices", "untold"),
    [
        ((device(DeviceClass.STAFF, "p-una"),), 1),
        ((device(DeviceClass.STAFF),), 1),
        ((), 1),
        ((device(DeviceClass.PUPIL, "p-anne"),), 0),
        ((device(DeviceClass.GUEST),), 0),
        ((device(DeviceClass.PERSONAL, "p-anne"),), 0),
    ],
)
def test_nobody_else_is(tmp_path: Path, devices: Any, untold: int) -> None:
    pipeline = Pipeline(tmp_path, devices=devices, explicit=False)
    flow = pipeline.exchange(request("http://www.amazon.co.uk/", OPENED), answer())
    assert pipeline.spool.records == []
    assert seen.of(flow) is None
    assert (pipeline.tally.requests, pipeline.tally.untold) == (1, untold)


def test_what_the_sign_in_refused_is_neither_recorded_nor_counted(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, devices=())
    pipeline.exchange(request("http://www.amazon.co.uk/", OPENED))
    assert (pipeline.spool.records, pipeline.tally.requests, pipeline.tally.untold) == ([], 0, 0)


def test_the_moment_counts_and_not_when_it_is_written(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path)
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED, at=0.0005), answer())
    assert pipeline.events == [], "before the person and the device were known"
