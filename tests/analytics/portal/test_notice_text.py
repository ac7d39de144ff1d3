"""What is shown is the text of the version in force, or none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.portal.notice_text import NoticeText
from analytics.snapshot import read_snapshot, write_snapshot
from config.policy import SHIPPED, load_policy
from tests.analytics.an_identity import Desk, an_identity


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with an_identity(tmp_path) as opened:
        yield opened


def in_force(desk: Desk, version: str) -> None:
    path = desk.identity.state.snapshot
    write_snapshot(replace(read_snapshot(path), notice_version=version), path)
    assert desk.identity.register.look()


def test_of_another_version_there_is_no_text(desk: Desk) -> None:
    assert NoticeText(desk.identity).now() is None
    in_force(desk, load_policy().notice_version)
    assert NoticeText(desk.identity).now() == load_policy().notice


def test_a_changed_policy_is_read_again_and_a_damaged_one_leaves_none(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "policy" / "school"
    folder.mkdir(parents=True)
    for file in SHIPPED.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "lists.toml").write_bytes((SHIPPED.parent / "lists.toml").read_bytes())
    settings = desk.identity.settings.model_copy(update={"policy": folder})
    text = NoticeText(replace(desk.identity, settings=settings))
    notice = (folder / "notice.toml").read_text("utf-8")
    (folder / "notice.toml").write_text(notice.replace("is monitored", "is monitored here"), "utf-8")
    changed = load_policy(folder)
    assert text.now() is None
    in_force(desk, changed.notice_version)
    assert text.now() == changed.notice
    (folder / "notice.toml").write_text("title = 1", "utf-8")
    in_force(desk, "yet another")
    assert text.now() is None
