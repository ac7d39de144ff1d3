"""`fairgate nft show`, `up` and `down`, as a technician types them, in a network namespace."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.nft.ruleset import TABLE
from analytics.snapshot import DeviceClass
from tests.analytics.nft.one_namespace import INTERFACE, fairgate, inside, one_namespace, rules
from tests.end_to_end.namespaces import unavailable
from tests.proxy_addons.running_gateway import School, device

WHY_NOT = unavailable()
NFT_FILES = ("bypass.json", "bypass.json.new", "owed.jsonl", "owed.jsonl.new", "x")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]


@pytest.fixture
def school(tmp_path: Path) -> School:
    return a_school(tmp_path)


def a_school(folder: Path) -> School:
    school = School(folder / "state", devices=(device(DeviceClass.STAFF, "p-anne", "10.0.0.5", "2001:db8::5"),))
    school.gateway = {"mode": "transparent", "listen_host": "", "listen_port": 18080, "workers": 2}
    school.transparent = {"interfaces": [INTERFACE], "gateway_user": "root"}
    school.prepare()
    return school


def test_what_show_prints_is_what_up_loads_and_down_removes_it(school: School) -> None:
    with one_namespace() as name:
        other = "table ip others { chain c { type filter hook input priority 0; policy accept; }; }"
        assert inside(name, "nft", other).returncode == 0
        before = rules(name)
        shown = fairgate(name, school.root, "nft", "show")
        assert shown.returncode == 0, shown.stderr
        assert rules(name) == before, "show changes nothing"
        assert inside(name, "nft", "-f", "-", given=shown.stdout).stderr == ""
        loaded = rules(name)
        assert {"10.0.0.5", "2001:db8::5"} <= set(loaded.split())
        for _ in range(2):
            up = fairgate(name, school.root, "nft", "up")
            assert (up.returncode, up.stderr) == (0, "")
            assert rules(name) == loaded
        for _ in range(2):
            down = fairgate(name, school.root, "nft", "down")
            assert (down.returncode, down.stderr) == (0, "")
            assert rules(name) == before


def test_the_time_between_down_and_up_is_owed_as_a_gap(school: School) -> None:
    owed = school.state.gateway / "nft" / "owed.jsonl"
    with one_namespace() as name:
        for command in ("down", "up", "up"):
            assert fairgate(name, school.root, "nft", command).returncode == 0
        assert not owed.exists(), "nothing stood before"
        assert fairgate(name, school.root, "nft", "down").returncode == 0
        between = time.time_ns() // 1_000_000
        assert fairgate(name, school.root, "nft", "up").returncode == 0
    (told,) = [json.loads(line) for line in owed.read_text().splitlines()]
    assert told["say"] == "bypassed"
    assert told["from_ms"] <= between <= told["to_ms"]


def of_nobody(school: School) -> None:
    """The state folder is another account's, which reaches it."""
    for path in (school.root, *school.root.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where every account comes; pytest's own folders are closed to all but their owner."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def others(open_folder: Path) -> School:
    return a_school(open_folder)


def test_what_root_leaves_belongs_to_the_folders_owner(others: School) -> None:
    of_nobody(others)
    with one_namespace() as name:
        for command in ("up", "down", "up"):
            done = fairgate(name, others.root, "nft", command)
            assert done.returncode == 0, done.stderr
    assert (others.state.gateway / "nft" / "owed.jsonl").exists()
    assert {path.stat().st_uid for path in others.root.rglob("*")} == {65534}


@pytest.mark.parametrize("link", ["run/nft.lock", *(f"gateway/nft/{name}" for name in NFT_FILES)])
def test_root_follows_no_link_that_the_folders_owner_put_there(others: School, open_folder: Path, link: str) -> None:
    victim = open_folder / "victim"
    victim.write_text("root's own")
    victim.chmod(0o600)
    (others.state.gateway / "nft").mkdir(exist_ok=True)
    (others.root / link).unlink(missing_ok=True)
    (others.root / link).symlink_to(victim)
    of_nobody(others)
    with one_namespace() as name:
        for command in ("up", "down", "up", "down"):
            fairgate(name, others.root, "nft", command)
    assert (victim.read_text(), victim.stat().st_uid, victim.stat().st_mode & 0o777) == ("root's own", 0, 0o600)


def test_root_writes_in_no_folder_that_a_link_leads_to(others: School, open_folder: Path) -> None:
    elsewhere = open_folder / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (others.state.gateway / "nft").symlink_to(elsewhere)
    of_nobody(others)
    with one_namespace() as name:
        for command in ("up", "down", "up"):
            fairgate(name, others.root, "nft", command)
    assert list(elsewhere.iterdir()) == []
    assert elsewhere.stat().st_uid == 0


def test_a_bad_setting_is_a_sentence_and_nothing_is_loaded(school: School) -> None:
    school.transparent["interfaces"] = ["eth9"]
    school.prepare()
    with one_namespace() as name:
        up = fairgate(name, school.root, "nft", "up")
        assert up.returncode == 2
        assert up.stderr == (
            "fairgate: transparent.interfaces: found 'eth9', which is no network interface of this machine. "
            "Here are: far, school.\n"
        )
        assert inside(name, "nft", "list", "table", *TABLE.split()).returncode != 0


def test_without_a_snapshot_it_says_what_to_do(school: School) -> None:
    school.state.snapshot.unlink()
    with one_namespace() as name:
        assert "Set the school up first" in fairgate(name, school.root, "nft", "show").stderr
