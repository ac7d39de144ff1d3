"""The demonstration school's set-up."""

import shutil
import stat
from pathlib import Path

import pytest

from analytics.demonstration.cast import BY_KEY, CAST, SHARED_ADDRESS
from analytics.demonstration.school import SIGN_INS, DemoSchool, found_school, own_folder
from analytics.governance.governance import Governance
from analytics.snapshot import DeviceClass, read_snapshot
from config.errors import FairgateError
from config.policy import Policy


def test_the_snapshot_holds_the_cast_and_one_untold(school: DemoSchool) -> None:
    snapshot = read_snapshot(school.state.snapshot)
    assert {person.username for person in snapshot.people} == {member.username for member in CAST}
    assert [person.username for person in snapshot.people if not person.told_ms] == ["d.pritchard"]
    shared = [device for device in snapshot.devices if device.device_class is DeviceClass.SHARED]
    assert [device.addresses for device in shared] == [(SHARED_ADDRESS,)]


def test_headteacher_chair_and_technician_can_sign_in_with_what_is_printed(school: DemoSchool) -> None:
    governance = Governance(school.state.governance)
    try:
        accounts = {account.username: account for account in governance.accounts.all()}
        for role, key in SIGN_INS.items():
            account = accounts[BY_KEY[key].username]
            assert governance.holdings.roles(account.account_id) == (role,)
            assert account.person_id == school.people[key].person_id
            governance.sign_in(account.username, school.people[key].password)
    finally:
        governance.close()


def test_it_is_marked_as_a_demonstration_and_its_passwords_are_private(school: DemoSchool) -> None:
    assert school.state.demonstration
    people = own_folder(school.state) / "people.json"
    assert stat.S_IMODE(people.stat().st_mode) == 0o600


def test_a_later_start_finds_the_same_people_and_passwords(school: DemoSchool, policy: Policy) -> None:
    again = found_school(school.state.root, policy)
    assert again.people == school.people


@pytest.mark.slow
def test_a_set_up_that_was_broken_off_is_made_again(tmp_path: Path, policy: Policy, school: DemoSchool) -> None:
    shutil.copytree(school.state.root, tmp_path / "state", ignore=shutil.ignore_patterns("*.lock", "*.sock"))
    (tmp_path / "state" / "demonstration" / "people.json").unlink()
    again = found_school(tmp_path / "state", policy)
    assert again.people.keys() == school.people.keys()
    assert again.people != school.people


def test_a_folder_that_is_not_a_demonstrations_is_refused(tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "fairgate.toml").write_text('school = "real"\n')
    with pytest.raises(FairgateError, match="not a demonstration"):
        found_school(tmp_path, policy)
    assert [path.name for path in tmp_path.iterdir()] == ["fairgate.toml"]


def test_a_file_in_its_place_is_refused(tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(FairgateError, match="not a demonstration"):
        found_school(tmp_path / "state", policy)
