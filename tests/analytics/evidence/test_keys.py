"""Signing keys."""

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analytics.evidence.keys import new_key, open_key
from config.errors import EvidenceError


def key_file(folder: Path) -> Path:
    (path,) = folder.glob("*.pem")
    return path


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = open_key(tmp_path / "keys", demonstration=False)
    assert open_key(tmp_path / "keys", demonstration=False).key_id == first.key_id
    assert stat.S_IMODE(key_file(tmp_path / "keys").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_workers_that_start_together_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: open_key(tmp_path, demonstration=True).key_id, range(16)))
    assert len(set(keys)) == 1


def test_the_key_id_is_the_public_keys_hash_and_a_demonstrations_is_marked(tmp_path: Path) -> None:
    real, demo = new_key(demonstration=False), new_key(demonstration=True)
    assert real.key_id == hashlib.sha256(real.public_key).hexdigest()[:16]
    assert demo.key_id == "DEMO-" + hashlib.sha256(demo.public_key).hexdigest()[:16]


@pytest.mark.parametrize("made_for_demonstration", [True, False])
def test_a_key_never_crosses_between_a_demonstration_and_a_real_school(
    tmp_path: Path, made_for_demonstration: bool
) -> None:
    open_key(tmp_path, demonstration=made_for_demonstration)
    with pytest.raises(EvidenceError, match="Use the state folder it was made in"):
        open_key(tmp_path, demonstration=not made_for_demonstration)


def test_a_demonstration_key_signs_only_what_says_so() -> None:
    key = new_key(demonstration=True)
    key.sign({"demonstration": True, "key_id": key.key_id})
    for statement in (
        {"demonstration": False, "key_id": key.key_id},
        {"key_id": key.key_id},
        {"demonstration": True, "key_id": key.key_id.removeprefix("DEMO-")},
    ):
        with pytest.raises(EvidenceError, match="may not sign"):
            key.sign(statement)


def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    open_key(tmp_path, demonstration=False)
    key_file(tmp_path).chmod(0o640)
    with pytest.raises(EvidenceError, match="chmod 600"):
        open_key(tmp_path, demonstration=False)


def test_a_damaged_key_is_refused_and_never_replaced(tmp_path: Path) -> None:
    open_key(tmp_path, demonstration=False)
    key_file(tmp_path).write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(EvidenceError, match="damaged"):
        open_key(tmp_path, demonstration=False)
    assert len(list(tmp_path.glob("*.pem"))) == 1
