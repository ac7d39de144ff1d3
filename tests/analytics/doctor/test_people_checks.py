"""What the gateway was not told of people and devices."""

from dataclasses import replace

import pytest

from analytics.doctor.examined import DAY_MS
from analytics.snapshot import DeviceClass
from tests.analytics.doctor.conftest import DEVICE, PERSON, School, now_ms


def test_of_a_sound_snapshot_there_is_nothing_to_say(school: School) -> None:
    assert [school.lines(check) for check in ("snapshot", "told", "devices")] == [[], [], []]


def test_no_snapshot_and_a_damaged_one_are_told_apart(school: School) -> None:
    school.state.snapshot.write_text("{")
    assert "(it is damaged, or may not be read)" in school.lines("snapshot")[0]
    school.state.snapshot.unlink()
    assert "(there is none)" in school.lines("snapshot")[0]
    assert school.lines("told") == school.lines("devices") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"school": "elm"}, "another school's"),
        ({"made_ms": now_ms() - 91 * DAY_MS}, "published 91 days ago"),
        ({"made_ms": now_ms() + 2 * DAY_MS}, "in the future"),
    ],
)
def test_a_snapshot_that_is_not_of_here_and_now_is_said(school: School, changes: dict[str, object], said: str) -> None:
    school.publish(**changes)
    (line,) = school.lines("snapshot")
    assert said in line


def test_people_who_are_not_told_are_counted_and_not_named(school: School) -> None:
    gone = replace(PERSON, person_id="p-3", username="gone", until_ms=5, told_ms=0)
    school.publish(people=(PERSON, replace(PERSON, person_id="p-2", username="zoe.quill", told_ms=0), gone))
    (line,) = school.lines("told")
    assert "1 of 2 people were not told when" in line
    assert "zoe" not in line
    school.publish(people=())
    assert "Nobody is entered" in school.lines("told")[0]


def test_no_device_to_redirect_is_said_only_where_devices_are_redirected(school: School) -> None:
    school.publish(devices=(replace(DEVICE, device_class=DeviceClass.PUPIL),))
    assert school.lines("devices") == []
    school.settings('[gateway]\nmode = "transparent"\n')
    (line,) = school.lines("devices")
    assert "No staff or shared device is entered" in line


def test_devices_that_can_never_be_recognised_are_counted(school: School) -> None:
    nowhere = replace(DEVICE, device_id="d-2", addresses=())
    by_lease = replace(DEVICE, device_id="d-3", addresses=(), macs=("aa:bb:cc:dd:ee:ff",))
    school.publish(devices=(DEVICE, nowhere, by_lease))
    (line,) = school.lines("devices")
    assert "1 of 3 devices are known by no address" in line
