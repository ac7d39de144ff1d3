"""The snapshot is replaced whole, comes back exactly, and says what is wrong with a damaged one."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.snapshot import (
    Device,
    DeviceClass,
    HeldBack,
    Permission,
    Person,
    Snapshot,
    Window,
    read_snapshot,
    write_snapshot,
)
from config.errors import ConfigError

ONE = Snapshot(
    school="oakfield",
    made_ms=1_795_000_000_000,
    people=(
        Person(
            person_id="p-1",
            username="a.é",
            password_hash="$argon2id$x",
            from_ms=1,
            until_ms=0,
            told_ms=2,
            hours="teacher",
        ),
    ),
    devices=(
        Device(device_id="d-1", device_class=DeviceClass.STAFF, addresses=("10.0.0.1",), person_id="p-1", from_ms=1),
        Device(device_id="d-2", device_class=DeviceClass.PUPIL, addresses=(), person_id=None, from_ms=1),
    ),
    permissions=(
        Permission(
            permission_id="m-1",
            person_id=None,
            categories=("shopping",),
            hosts=(),
            windows=(Window(weekday=0, start=720, end=780),),
            from_ms=1,
            until_ms=0,
        ),
    ),
)


def test_a_snapshot_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_snapshot(ONE, tmp_path / "snapshot.json")
    assert read_snapshot(tmp_path / "snapshot.json") == ONE


def test_only_its_owner_can_read_it_for_it_holds_password_hashes(tmp_path: Path) -> None:
    write_snapshot(ONE, tmp_path / "snapshot.json")
    assert stat.S_IMODE((tmp_path / "snapshot.json").stat().st_mode) == 0o600


def test_a_snapshot_cut_short_anywhere_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(ONE, path)
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ConfigError, match="fairgate publish"):
            read_snapshot(path)


def test_an_absent_snapshot_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fairgate init"):
        read_snapshot(tmp_path / "snapshot.json")


def test_a_snapshot_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(ONE, path)
    path.write_text(path.read_text("utf-8").replace('"version": 1', '"version": 2'), "utf-8")
    with pytest.raises(ConfigError, match="another version"):
        read_snapshot(path)


def test_whoever_is_held_back_comes_back_and_a_file_from_before_holds_nobody_back(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    (permission,) = ONE.permissions
    held = replace(ONE, permissions=(replace(permission, held_back=(HeldBack(person_id="p-1", from_ms=5),)),))
    write_snapshot(held, path)
    assert read_snapshot(path) == held
    write_snapshot(ONE, path)
    # An older gateway takes a permission with no field more than it knows.
    assert set(json.loads(path.read_text("utf-8"))["permissions"][0]) == {
        "permission_id", "person_id", "categories", "hosts", "windows", "from_ms", "until_ms",
    }  # fmt: skip
    assert read_snapshot(path).permissions[0].held_back == ()
