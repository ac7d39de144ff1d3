"""A real school's state folder, in which each test breaks one thing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from analytics.doctor.examine import CHECKS, findings_of
from analytics.doctor.examined import Examined, examined
from analytics.snapshot import Device, DeviceClass, Person, Snapshot, write_snapshot
from config.state import StateFolder
from proxy_addons.authority import Authority

PERSON = Person(
    person_id="p-1", username="ann.bell", password_hash="", from_ms=1, until_ms=0, told_ms=1, hours="teacher"
)
DEVICE = Device(device_id="d-1", device_class=DeviceClass.STAFF, addresses=("10.0.0.7",), person_id="p-1", from_ms=1)


@dataclass
class School:
    """Its folder, and what the doctor finds."""

    state: StateFolder

    def settings(self, text: str = "") -> None:
        """Write the settings, `text` below the school's name."""
        self.state.settings.write_text(f'school = "oak"\nschool_name = "Oak Primary"\n{text}', "utf-8")

    def publish(self, **changes: Any) -> None:
        """Write the snapshot."""
        made = Snapshot(school="oak", made_ms=now_ms(), people=(PERSON,), devices=(DEVICE,), permissions=())
        write_snapshot(replace(made, **changes), self.state.snapshot)

    def seen(self, **changes: Any) -> Examined:
        return replace(examined(self.state), **changes)

    def lines(self, check: str, **changes: Any) -> list[str]:
        """What one check finds, as it is printed."""
        return [each.line for each in findings_of(self.seen(**changes), {check: CHECKS[check]})]


@pytest.fixture
def school(tmp_path: Path) -> School:
    """A school in which nothing is broken, and no process runs."""
    made = School(StateFolder(tmp_path / "state").prepare())
    made.settings()
    made.publish()
    Authority(made.state).prepare("Oak Primary")
    return made


def kernel(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder that tells of a machine as /proc does."""
    for name, text in files.items():
        path = folder / "proc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "proc"


def now_ms() -> int:
    return time.time_ns() // 1_000_000
