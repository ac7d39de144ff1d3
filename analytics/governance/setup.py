"""Setting a school up: what `fairgate init` calls.

Owns fairgate.toml's first writing and the three accounts without which there is no school. Promises: Headteacher,
Chair and Technician are three people, or nothing is made; fairgate.toml is written last, so that where it stands the
set-up was finished; the passwords are returned once, to be printed, and must be changed at the first sign-in.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from analytics.governance.governance import Governance
from analytics.governance.passwords import Passwords, one_time_password
from analytics.governance.roles import PersonType, Role, Told
from analytics.snapshot import DeviceClass
from config.errors import ConfigError, FairgateError
from config.settings import Settings
from config.state import StateFolder

_PERSON_TYPES: Final = {Role.HEADTEACHER: PersonType.TEACHER, Role.CHAIR: PersonType.GOVERNOR}
"""Those of the first three whom the policy covers as a person, by their role alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAccount:
    """An account made at set-up. `password` is known only here: print it, and let it go."""

    role: Role
    name: str
    username: str
    password: str
    account_id: str
    person_id: str | None

    def __str__(self) -> str:
        return f"{self.role.label}: {self.name} signs in as {self.username} with the one-time password {self.password}"


def init_school(
    state: StateFolder,
    school: str,
    school_name: str,
    *,
    headteacher: str,
    chair: str,
    technician: str,
    passwords: Passwords | None = None,
) -> tuple[FirstAccount, ...]:
    """Make `state` the folder of this school, with its Headteacher, Chair and Technician, given by their full names.

    Raises:
        ConfigError: the school's key or name cannot be used, or there is a school here already.
        FairgateError: two of the three are one person, or the folder cannot be written.
    """
    holders = {Role.HEADTEACHER: headteacher, Role.CHAIR: chair, Role.TECHNICIAN: technician}
    _refuse_same(holders)
    text = _settings_text(school, school_name)
    _refuse_existing(state)
    state.prepare()
    governance = Governance.found(state.governance, school, school_name, passwords=passwords)
    try:
        accounts = tuple(_account(governance, role, holder) for role, holder in holders.items())
    finally:
        governance.close()
    _write_settings(state, text)
    return accounts


def add_person(
    governance: Governance, name: str, person_type: PersonType, *, hours: str = "", proxy_username: str | None = None
) -> tuple[str, str | None]:
    """Enter a person; with a proxy username they get a one-time proxy password. Returns their id and that password."""
    password = one_time_password() if proxy_username else None
    person_id = governance.people.add(
        name, person_type, hours=hours, proxy_username=proxy_username, proxy_password=password
    )
    return person_id, password


def open_staff_sign_in(governance: Governance, person_id: str, username: str) -> str:
    """Let a member of staff sign in to see what they are permitted, and to ask. Returns their one-time password.

    Raises:
        FairgateError: there is no such person, they have a sign-in, or the username is taken.
    """
    person = governance.people.get(person_id)
    if person is None:
        raise FairgateError(f"There is no person {person_id}. “fairgate people list” shows the ids.")
    if any(account.person_id == person_id and account.active for account in governance.accounts.all()):
        raise FairgateError("This person has a sign-in already. It opens their own permissions too.")
    password = one_time_password()
    account_id = governance.accounts.add(username, person.name, password, person_id=person_id, must_change=True)
    governance.holdings.grant(account_id, Role.STAFF)
    return password


def add_device(
    governance: Governance, device_class: DeviceClass, addresses: Sequence[str], *, person_id: str | None = None
) -> str:
    """Enter a device, and assign it where `person_id` is given. Returns its id."""
    return governance.devices.add(device_class, addresses, person_id=person_id)


def record_told(governance: Governance, person_id: str, policy_version: str, how: Told = Told.PAPER) -> None:
    """Enter that somebody was told of this policy version, on paper unless said otherwise, now."""
    governance.notices.record_told(person_id, policy_version, how)


def _refuse_same(holders: dict[Role, str]) -> None:
    seen: dict[str, Role] = {}
    for role, name in holders.items():
        username = _username(name)
        if not username:
            raise FairgateError(f"The {role.label} needs a name with letters in it. Give it.")
        if username in seen:
            raise FairgateError(
                f"{seen[username].label} and {role.label} must be different people, and both are {name!r}. "
                "Name another; for two people of one name, add something that tells them apart."
            )
        seen[username] = role


def _username(name: str) -> str:
    """ "Mary O'Neill" signs in as "mary.oneill"."""
    words = ("".join(letter for letter in word if letter.isalnum()) for word in name.casefold().split())
    return ".".join(word for word in words if word)


def _settings_text(school: str, school_name: str) -> str:
    try:
        Settings(school=school, school_name=school_name)
    except ValidationError as fault:
        first = fault.errors()[0]
        raise ConfigError(f"{first['loc'][0]}: found {first['input']!r}; allowed: {first['msg']}.") from fault
    if not school_name.isprintable():
        raise ConfigError("school_name: found a character that cannot be printed; allowed: plain text in one line.")
    # A JSON string of printable characters is a TOML basic string.
    return (
        "# This school's Fairgate. The key of the school stands on every record: it can never be changed.\n"
        f"school = {json.dumps(school)}\n"
        f"school_name = {json.dumps(school_name, ensure_ascii=False)}\n"
    )


def _refuse_existing(state: StateFolder) -> None:
    if state.settings.exists():
        raise ConfigError(f"{state.settings} exists: this school is set up. Choose another folder with --state.")
    if state.governance.exists():
        raise ConfigError(
            f"{state.governance} is left from an unfinished set-up. Move it away, then run fairgate init again."
        )


def _account(governance: Governance, role: Role, name: str) -> FirstAccount:
    kind = _PERSON_TYPES.get(role)
    person_id = governance.people.add(name, kind) if kind else None
    username, password = _username(name), one_time_password()
    account_id = governance.accounts.add(username, name, password, person_id=person_id, must_change=True)
    governance.holdings.grant(account_id, role)
    return FirstAccount(
        role=role, name=name, username=username, password=password, account_id=account_id, person_id=person_id
    )


def _write_settings(state: StateFolder, text: str) -> None:
    fresh = state.settings.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(state.settings)
