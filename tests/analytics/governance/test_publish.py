"""The snapshot holds what the gateway needs, and no name."""

from pathlib import Path

from analytics.governance import Governance, Role, Told
from analytics.governance.database import now_ms
from analytics.governance.publish import publish_school, publish_snapshot
from analytics.snapshot import DeviceClass, read_snapshot
from config.policy import load_policy
from config.settings import Settings
from config.state import StateFolder
from tests.analytics.governance.office import Office


def test_people_devices_and_permissions_reach_the_gateway_as_decided(office: Office, tmp_path: Path) -> None:
    governance = office.governance
    ann = governance.people.add("Ann Bell", proxy_username="ann", proxy_password="a long password", hours="full")
    device = governance.devices.add(DeviceClass.STAFF, ["10.0.0.5"])
    governance.devices.assign(device, ann, from_ms=1_000)
    permission = governance.permissions.grant(
        office.viewer(Role.HEADTEACHER), ann, reason="travel", categories=["travel"]
    )
    governance.notices.record_told(ann, "v1", Told.PAPER, told_ms=2_000)
    published = publish_snapshot(governance, "v1", tmp_path / "snapshot.json")
    assert read_snapshot(tmp_path / "snapshot.json") == published
    person = next(person for person in published.people if person.person_id == ann)
    assert (person.username, person.told_ms, person.hours) == ("ann", 2_000, "full")
    assert person.password_hash.startswith("$argon2id$")
    assert published.devices[0].person_id == ann
    assert published.permissions[0].permission_id == permission
    assert "Ann" not in (tmp_path / "snapshot.json").read_text("utf-8")
    assert governance.notices.policy_in_force() == "v1"


def test_whoever_was_told_of_another_version_counts_as_not_told(governance: Governance, tmp_path: Path) -> None:
    ann = governance.people.add("Ann Bell")
    governance.notices.record_told(ann, "v1", Told.PAPER)
    assert publish_snapshot(governance, "v2", tmp_path / "s.json").people[0].told_ms == 0


def test_whoever_left_and_what_ended_is_left_out(office: Office, tmp_path: Path) -> None:
    governance = office.governance
    gone = governance.people.add("Ann Bell", from_ms=1_000, until_ms=2_000)
    leaving = governance.people.add("Zoe Quill", until_ms=now_ms() + 10**6)
    governance.permissions.grant(
        office.viewer(Role.HEADTEACHER), None, reason="x", categories=["travel"], from_ms=1, until_ms=2
    )
    published = publish_snapshot(governance, "v1", tmp_path / "s.json")
    people = {person.person_id for person in published.people}
    assert gone not in people
    assert leaving in people
    assert published.permissions == ()


def test_fairgate_publish_puts_what_the_school_tells_its_staff_in_force(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    governance = Governance.found(state.governance, "oakfield", "Oakfield Primary")
    governance.people.add("Ann Bell")
    said = publish_school(Settings(school="oakfield", school_name="Oakfield Primary"), state)
    assert said.startswith("Published: 1 people (1 not yet told of this policy), 0 devices")
    assert governance.notices.policy_in_force() == load_policy().notice_version
    assert read_snapshot(state.snapshot).school == "oakfield"
    governance.close()
