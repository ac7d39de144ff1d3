"""The snapshot holds what the gateway needs, and no name."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep

import pytest

from analytics.governance import Governance, Role, Told, publish
from analytics.governance.database import now_ms
from analytics.governance.models import PermissionRow
from analytics.governance.publish import publish_decisions, publish_school, publish_snapshot, published
from analytics.snapshot import DeviceClass, read_snapshot
from config.errors import ConfigError
from config.policy import SHIPPED, load_policy
from config.settings import Settings
from config.state import DEMONSTRATION_MARK, StateFolder
from tests.analytics.governance.office import POLICY, Office


def test_people_devices_and_permissions_reach_the_gateway_as_decided(office: Office, tmp_path: Path) -> None:
    governance = office.governance
    ann = governance.people.add("Ann Bell", proxy_username="ann", proxy_password="a long password", hours="full")
    device = governance.devices.add(DeviceClass.STAFF, ["10.0.0.5"])
    governance.devices.assign(device, ann, from_ms=1_000)
    permission = governance.permissions.grant(
        office.viewer(Role.HEADTEACHER), ann, policy=POLICY, reason="travel", categories=["travel"]
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


def test_whoever_was_told_of_another_version_is_not_told_of_this_and_goes_on_being_recorded(
    governance: Governance, tmp_path: Path
) -> None:
    ann = governance.people.add("Ann Bell")
    governance.notices.record_told(ann, "v1", Told.PAPER, told_ms=1_000)
    snapshot = publish_snapshot(governance, "v2", tmp_path / "s.json")
    assert (snapshot.people[0].told_ms, snapshot.people[0].told_earlier_ms) == (0, 1_000)
    assert snapshot.notice_version == "v2"
    governance.notices.record_told(ann, "v2", Told.PAGE, told_ms=2_000)
    governance.notices.record_told(ann, "v2", Told.PAGE, told_ms=9_000)
    person = publish_snapshot(governance, "v2", tmp_path / "s.json").people[0]
    assert (person.told_ms, person.told_earlier_ms, person.reminded_ms) == (2_000, 0, 9_000)
    assert read_snapshot(tmp_path / "s.json").people[0] == person


def test_whoever_left_and_what_ended_is_left_out(office: Office, tmp_path: Path) -> None:
    governance = office.governance
    gone = governance.people.add("Ann Bell", from_ms=1_000, until_ms=2_000)
    leaving = governance.people.add("Zoe Quill", until_ms=now_ms() + 10**6)
    governance.permissions.grant(
        office.viewer(Role.HEADTEACHER), None, policy=POLICY, reason="x", categories=["travel"], now=1, until_ms=2
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


def test_somebody_whose_hours_no_policy_knows_stops_the_publishing_and_is_named_by_id(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    governance = Governance.found(state.governance, "oakfield", "Oakfield Primary")
    ann = governance.people.add("Ann Bell", hours="techer")
    governance.people.add("Zoe Quill")
    governance.people.add("Gone Long", hours="old_pattern", from_ms=1, until_ms=2)
    with pytest.raises(ConfigError) as fault:
        publish_school(Settings(school="oakfield", school_name="Oakfield Primary"), state)
    first, advice = str(fault.value).splitlines()
    assert first == f"{ann}: hours: found 'techer'; allowed: {', '.join(sorted(load_policy().hours))}."
    assert advice.endswith("Nothing was published.")
    assert "Ann" not in str(fault.value)
    assert not state.snapshot.exists()
    governance.people.set_hours(ann, "teacher", load_policy().hours)
    assert publish_school(Settings(school="oakfield", school_name="Oakfield Primary"), state).startswith("Published")
    governance.close()


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2027, 9, 1), "The calendar reaches to 2027-12-31."),
        (date(2027, 11, 1), "Add the next year's terms and bank holidays."),
        (date(2028, 1, 1), "The calendar ended on 2027-12-31: since then it is not stated who was at work."),
    ],
)
def test_publishing_says_how_far_the_calendar_reaches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: date, says: str
) -> None:
    monkeypatch.setattr(publish, "now_ms", lambda: int(datetime.combine(today, time(12), UTC).timestamp()) * 1000)
    state = StateFolder(tmp_path / "state").prepare()
    Governance.found(state.governance, "oakfield", "Oakfield Primary").close()
    assert says in publish_school(Settings(school="oakfield", school_name="Oakfield Primary"), state)


def test_publishing_warns_while_the_calendar_is_still_the_example(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    Governance.found(state.governance, "oakfield", "Oakfield Primary").close()
    own = tmp_path / "policy"
    shutil.copytree(SHIPPED, own)
    shutil.copy(SHIPPED.parent / "lists.toml", own)
    settings = Settings(school="oakfield", school_name="Oakfield Primary", policy=own)
    assert "The calendar is still the example that comes with Fairgate" in publish_school(settings, state)
    calendar = own / "calendar.toml"
    first = load_policy().calendar.terms[0].first
    calendar.write_text(calendar.read_text("utf-8").replace(f"{first}", f"{first + timedelta(days=1)}", 1), "utf-8")
    assert "still the example" not in publish_school(settings, state)


def test_a_demonstration_is_not_warned_of_the_example(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    (state.root / DEMONSTRATION_MARK).touch()
    Governance.found(state.governance, "oakfield", "Oakfield Primary").close()
    said = publish_school(Settings(school="oakfield", school_name="Oakfield Primary"), state)
    assert "still the example" not in said


def test_a_site_stored_before_sites_were_read_is_matched_as_it_was_meant(office: Office, tmp_path: Path) -> None:
    with office.governance.database.write() as work:
        work.add(PermissionRow(
            permission_id="m-old", person_id=None, categories=[], hosts=["https://Rightmove.co.uk/"], windows=[],
            reason="moving", granted_by="system", granted_ms=1, from_ms=1, until_ms=0,
        ))  # fmt: skip
    (permission,) = publish_snapshot(office.governance, "v1", tmp_path / "s.json").permissions
    assert permission.hosts == ("rightmove.co.uk",)


def test_a_decision_is_handed_over_under_the_policy_already_in_force(office: Office, tmp_path: Path) -> None:
    place, head = tmp_path / "s.json", office.viewer(Role.HEADTEACHER)
    assert not publish_decisions(office.governance, place, by=head.account_id)
    assert not place.exists()
    publish_snapshot(office.governance, "v1", place)
    before = published(office.governance, 0)[-1] + 1
    while now_ms() < before:
        sleep(0.001)
    permission = office.governance.permissions.grant(head, None, policy=POLICY, reason="x", categories=["travel"])
    assert publish_decisions(office.governance, place, by=head.account_id)
    assert [each.permission_id for each in read_snapshot(place).permissions] == [permission]
    assert office.governance.notices.policy_in_force() == "v1"
    assert office.governance.audit.entries(limit=1)[0].who == head.account_id
    assert len(published(office.governance, before)) == 1
    assert len(published(office.governance, 0)) == 2


def test_many_who_publish_at_once_leave_one_whole_file_with_everything(
    office: Office, tmp_path: Path, run_together: Callable[[int, Callable[[], object]], None]
) -> None:
    place, head = tmp_path / "s.json", office.viewer(Role.HEADTEACHER)

    def decide() -> None:
        office.governance.permissions.grant(head, None, policy=POLICY, reason="x", categories=["travel"])
        publish_snapshot(office.governance, "v1", place)

    run_together(6, decide)
    assert len(read_snapshot(place).permissions) == 6
