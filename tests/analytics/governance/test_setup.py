"""A school is set up whole, by three different people, or not at all."""

import stat
from pathlib import Path
from typing import Any

import pytest

from analytics.governance import Governance, Passwords, PersonType, Role, Told
from analytics.governance.setup import (
    FirstAccount,
    add_device,
    add_person,
    init_school,
    open_staff_sign_in,
    record_told,
)
from analytics.snapshot import DeviceClass
from config.errors import FairgateError
from config.settings import load_settings
from config.state import StateFolder

HOLDERS = {"headteacher": "Mary O'Neill", "chair": "Jo Hill", "technician": "Sam Ash"}


def _init(state: StateFolder, passwords: Passwords, **changes: Any) -> tuple[FirstAccount, ...]:
    asked = {"school": "oakfield", "school_name": 'Oakfield "C of E" Primary – Éire', **HOLDERS, **changes}
    return init_school(state, passwords=passwords, **asked)


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


def test_the_first_three_sign_in_with_their_printed_passwords(state: StateFolder, passwords: Passwords) -> None:
    made = _init(state, passwords)
    governance = Governance(state.governance, passwords=passwords)
    for account in made:
        session = governance.sign_in(account.username, account.password)
        assert session.viewer.role is account.role
        assert session.must_change_password
        assert account.password in str(account)
    assert [account.username for account in made] == ["mary.oneill", "jo.hill", "sam.ash"]
    assert governance.verify_audit() == []
    governance.close()


def test_the_settings_written_are_the_settings_asked_for(state: StateFolder, passwords: Passwords) -> None:
    _init(state, passwords)
    settings = load_settings(state.settings)
    assert (settings.school, settings.school_name) == ("oakfield", 'Oakfield "C of E" Primary – Éire')
    assert stat.S_IMODE(state.settings.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "changes",
    [
        {"chair": "mary  ONEILL"},
        {"technician": "Jo Hill"},
        {"headteacher": "Sam Ash"},
        {"headteacher": "  "},
        {"school": "Oak Field"},
        {"school": "o"},
        {"school_name": ""},
        {"school_name": "two\nlines"},
    ],
)
def test_nothing_is_made_where_something_is_wrong(
    state: StateFolder, passwords: Passwords, changes: dict[str, str]
) -> None:
    with pytest.raises(FairgateError):
        _init(state, passwords, **changes)
    assert not state.root.exists()


def test_a_school_is_never_set_up_over_another(state: StateFolder, passwords: Passwords) -> None:
    _init(state, passwords)
    with pytest.raises(FairgateError, match="is set up"):
        _init(state, passwords)
    state.settings.unlink()
    with pytest.raises(FairgateError, match="unfinished"):
        _init(state, passwords)


def test_people_devices_and_notices_are_added(governance: Governance) -> None:
    ann, password = add_person(governance, "Ann Bell", PersonType.SUPPORT, proxy_username="ann")
    zoe, none = add_person(governance, "Zoe Quill", PersonType.SUPPLY)
    device = add_device(governance, DeviceClass.STAFF, ["10.0.0.5"], person_id=ann)
    shared = add_device(governance, DeviceClass.SHARED, ["10.0.0.6"])
    record_told(governance, ann, "v1", Told.TRAINING_DAY)
    assert password is not None
    assert none is None
    assert {d.device_id: d.person_id for d in governance.devices.all()} == {device: ann, shared: None}
    assert set(governance.notices.told("v1")) == {ann}
    assert zoe not in governance.notices.told("v1")


def test_a_member_of_staff_gets_a_sign_in_of_their_own_once(governance: Governance) -> None:
    ann, _ = add_person(governance, "Ann Bell", PersonType.SUPPORT)
    password = open_staff_sign_in(governance, ann, "ann")
    session = governance.sign_in("ann", password)
    assert (session.viewer.role, session.viewer.person_id) == (Role.STAFF, ann)
    assert session.must_change_password
    with pytest.raises(FairgateError, match="has a sign-in already"):
        open_staff_sign_in(governance, ann, "ann.bell")
    with pytest.raises(FairgateError, match="no person"):
        open_staff_sign_in(governance, "p-none", "nobody")
