"""The register follows the snapshot, and keeps the last good one."""

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.live_register import LiveRegister
from analytics.snapshot import Snapshot, write_snapshot
from config.errors import ConfigError

SNAPSHOT = Snapshot(school="oak", made_ms=1, people=(), devices=(), permissions=())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_snapshot(SNAPSHOT, tmp_path / "snapshot.json")
    return tmp_path / "snapshot.json"


def test_a_new_snapshot_comes_into_force(path: Path) -> None:
    live = LiveRegister(path, "oak")
    assert not live.look()
    write_snapshot(replace(SNAPSHOT, made_ms=2), path)
    assert live.look()
    assert live.snapshot.made_ms == 2


@pytest.mark.parametrize("damage", ["", "{", '{"version": 1}', '{"version": 99}', "[]"])
def test_a_damaged_one_leaves_the_last_good_one_in_force(path: Path, damage: str) -> None:
    live = LiveRegister(path, "oak")
    path.write_text(damage)
    assert not live.look()
    assert live.snapshot == SNAPSHOT
    write_snapshot(replace(SNAPSHOT, made_ms=3), path)
    assert live.look()
    assert live.snapshot.made_ms == 3


def test_a_removed_one_leaves_the_last_good_one_in_force(path: Path) -> None:
    live = LiveRegister(path, "oak")
    path.unlink()
    assert not live.look()
    assert live.snapshot == SNAPSHOT


def test_another_schools_never_comes_into_force(path: Path) -> None:
    with pytest.raises(ConfigError, match="is the snapshot of oak, and this gateway is elm's"):
        LiveRegister(path, "elm")
    live = LiveRegister(path, "oak")
    write_snapshot(replace(SNAPSHOT, school="elm"), path)
    assert not live.look()
    assert live.snapshot == SNAPSHOT


def test_without_a_snapshot_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fairgate init"):
        LiveRegister(tmp_path / "none.json", "oak")
