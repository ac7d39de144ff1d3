"""The firewall's rules, in a real kernel: absent, idle, out of step, and redirecting whom they must not."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from analytics.snapshot import DeviceClass
from tests.analytics.doctor.conftest import DEVICE, School
from tests.analytics.nft.one_namespace import INTERFACE, fairgate, inside, one_namespace
from tests.end_to_end.namespaces import unavailable

WHY_NOT = unavailable()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]

PUPIL = replace(DEVICE, device_id="d-2", device_class=DeviceClass.PUPIL, person_id=None, addresses=("10.0.0.8",))
SETTINGS = f"""[gateway]
mode = "transparent"
listen_host = ""
[transparent]
interfaces = ["{INTERFACE}"]
gateway_user = "root"
"""


@pytest.fixture
def kernel() -> Iterator[str]:
    with one_namespace() as name:
        yield name


@pytest.fixture
def school(school: School) -> School:
    school.settings(SETTINGS)
    return school


def found(kernel: str, school: School) -> list[str]:
    """What the check says there."""
    done = fairgate(kernel, school.state.root, "doctor", "--json")
    return [each["what"] for each in json.loads(done.stdout)["findings"] if each["check"] == "ruleset"]


def nft(kernel: str, *command: str) -> None:
    done = inside(kernel, "nft", *command)
    assert done.returncode == 0, done.stderr


def test_rules_that_are_not_loaded_are_said_until_they_are(kernel: str, school: School) -> None:
    assert found(kernel, school) == ["No rules redirect staff devices, so nothing of theirs is recorded."]
    done = fairgate(kernel, school.state.root, "nft", "up")
    assert done.returncode == 0, done.stderr
    assert found(kernel, school) == []


def test_rules_that_redirect_nothing_are_said(kernel: str, school: School) -> None:
    fairgate(kernel, school.state.root, "nft", "up")
    nft(kernel, "flush", "chain", "inet", "fairgate", "workers")
    (said,) = found(kernel, school)
    assert "The rules stand and redirect nothing" in said


def test_staff_devices_left_out_and_pupils_taken_in_are_counted(kernel: str, school: School) -> None:
    fairgate(kernel, school.state.root, "nft", "up")
    nft(kernel, "delete", "element", "inet", "fairgate", "staff4", "{ 10.0.0.7 }")
    nft(kernel, "add", "element", "inet", "fairgate", "staff4", "{ 10.0.0.8 }")
    school.publish(devices=(DEVICE, PUPIL))
    assert found(kernel, school) == [
        "Of fixed addresses of staff devices, 1 is not redirected.",
        "Of pupils', guests' or personal devices, 1 is redirected.",
    ]


def test_settings_that_no_rules_can_be_made_of_are_said(kernel: str, school: School) -> None:
    school.settings(SETTINGS.replace(INTERFACE, "eth77"))
    assert found(kernel, school) == ["The firewall's rules cannot be made or read."]


def test_an_explicit_proxy_needs_no_rules(school: School) -> None:
    school.settings()
    assert school.lines("ruleset") == []
