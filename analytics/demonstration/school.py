"""The demonstration school: its state folder, governance and settings, made once and found again.

Owns STATE/demonstration (who the cast became, and their made-up passwords) and the DEMONSTRATION mark.
Promises: a folder that is a real school's, or anything else's, is refused; a set-up that was broken off is made
again from the start; passwords are random per folder and stay the same at every later start.
"""

import json
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from analytics.demonstration.cast import (
    BY_KEY,
    CAST,
    CHAIR,
    HEADTEACHER,
    REQUESTS,
    SCHOOL,
    SCHOOL_NAME,
    SHARED_ADDRESS,
    TECHNICIAN,
)
from analytics.demonstration.decisions import decide_permissions
from analytics.demonstration.member import Member
from analytics.durable import write_whole
from analytics.governance.governance import Governance
from analytics.governance.publish import publish_snapshot, refuse_unknown_hours
from analytics.governance.roles import PersonType, Role, Told
from analytics.snapshot import DeviceClass
from config.errors import FairgateError
from config.policy import Policy
from config.state import DEMONSTRATION_MARK, StateFolder

BEFORE_HISTORY_MS: Final = 35 * 24 * 3_600_000
"""Everybody was told, and every device given out, before the oldest history begins."""
SIGN_INS: Final = {Role.HEADTEACHER: HEADTEACHER, Role.CHAIR: CHAIR, Role.TECHNICIAN: TECHNICIAN}
STAFF_SIGN_INS: Final = tuple(dict.fromkeys(each.member for each in REQUESTS if each.member not in SIGN_INS.values()))
"""Members who see their own permissions, and ask for more."""
MARK_TEXT: Final = "This folder holds a demonstration school. Everybody and everything in it is invented.\n"
_WORDS: Final = (
    "acorn",
    "badger",
    "birch",
    "brook",
    "clover",
    "copper",
    "daisy",
    "elder",
    "falcon",
    "fern",
    "finch",
    "hazel",
    "heron",
    "ivy",
    "juniper",
    "kestrel",
    "larch",
    "linnet",
    "maple",
    "meadow",
    "moss",
    "nettle",
    "otter",
    "pebble",
    "plover",
    "quill",
    "robin",
    "rowan",
    "sorrel",
    "swift",
    "thistle",
    "willow",
    "wren",
    "yarrow",
)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What one member of the cast became in governance. `password` is for the proxy and, for viewers, the pages."""

    person_id: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoSchool:
    """The school as it was set up."""

    state: StateFolder
    people: Mapping[str, Enrolled]
    """By the cast's keys."""


def found_school(root: Path, policy: Policy) -> DemoSchool:
    """The demonstration school in `root`, set up now where there is none, its decisions published.

    Raises:
        FairgateError: the folder is not a demonstration's, or cannot be written.
    """
    state = StateFolder(root)
    refuse_other(state)
    people = _read(state) or _set_up(state, policy)
    school = DemoSchool(state, people)
    _publish(school, policy)
    return school


def own_folder(state: StateFolder) -> Path:
    """Where the demonstration keeps its own things."""
    return state.root / "demonstration"


def refuse_other(state: StateFolder) -> None:
    """Raise `FairgateError` where the folder is neither empty nor a demonstration's."""
    root = state.root
    if state.demonstration or not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return
    raise FairgateError(
        f"{root} exists and is not a demonstration's folder. Name another one for the demonstration with --state."
    )


def _read(state: StateFolder) -> dict[str, Enrolled] | None:
    try:
        plain = json.loads((own_folder(state) / "people.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    return {key: Enrolled(**values) for key, values in plain.items()}


def _set_up(state: StateFolder, policy: Policy) -> dict[str, Enrolled]:
    _clear(state)
    state.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    (state.root / DEMONSTRATION_MARK).write_text(MARK_TEXT, "utf-8")
    state.prepare()
    governance = Governance.found(state.governance, SCHOOL, SCHOOL_NAME)
    try:
        people = {member.key: _enrol(governance, member) for member in CAST}
        _tell(governance, people, policy)
        _open_accounts(governance, people)
        _give_devices(governance, people)
        decide_permissions(governance, people, policy, _before_history())
    finally:
        governance.close()
    own_folder(state).mkdir(mode=0o700, exist_ok=True)
    plain = {key: asdict(enrolled) for key, enrolled in people.items()}
    write_whole(own_folder(state) / "people.json", json.dumps(plain, indent=1).encode())
    return people


def _clear(state: StateFolder) -> None:
    """Take away what a broken-off set-up left; the folder is a demonstration's or empty."""
    for folder in (state.governance.parent, state.gateway, state.store, state.snapshot.parent, own_folder(state)):
        shutil.rmtree(folder, ignore_errors=True)


def _enrol(governance: Governance, member: Member) -> Enrolled:
    password = "-".join(secrets.choice(_WORDS) for _ in range(4))
    person_id = governance.people.add(
        member.name,
        PersonType(member.person_type),
        hours=member.hours,
        from_ms=_before_history(),
        proxy_username=member.username,
        proxy_password=password,
    )
    return Enrolled(person_id, password)


def _tell(governance: Governance, people: Mapping[str, Enrolled], policy: Policy) -> None:
    """Enter that everybody but the newcomer was told, on the training day before term, of this policy."""
    known = governance.notices.told(policy.notice_version)
    for member in CAST:
        person_id = people[member.key].person_id
        if member.told and person_id not in known:
            governance.notices.record_told(
                person_id, policy.notice_version, Told.TRAINING_DAY, told_ms=_before_history()
            )


def _open_accounts(governance: Governance, people: Mapping[str, Enrolled]) -> None:
    for role, key in (*SIGN_INS.items(), *((Role.STAFF, key) for key in STAFF_SIGN_INS)):
        member, enrolled = BY_KEY[key], people[key]
        account_id = governance.accounts.add(
            member.username, member.name, enrolled.password, person_id=enrolled.person_id
        )
        governance.holdings.grant(account_id, role, from_ms=_before_history())


def _give_devices(governance: Governance, people: Mapping[str, Enrolled]) -> None:
    for member in CAST:
        if member.address is not None:
            label = f"Laptop of {member.name}"
            device_id = governance.devices.add(DeviceClass.STAFF, [member.address], label=label)
            governance.devices.assign(device_id, people[member.key].person_id, from_ms=_before_history())
    governance.devices.add(DeviceClass.SHARED, [SHARED_ADDRESS], label="Library laptop")


def _publish(school: DemoSchool, policy: Policy) -> None:
    governance = Governance(school.state.governance)
    try:
        governance.notices.put_in_force(policy.notice_version, from_ms=_before_history())
        _tell(governance, school.people, policy)
        refuse_unknown_hours(governance, policy.hours)
        publish_snapshot(governance, policy.notice_version, school.state.snapshot)
    finally:
        governance.close()


def _before_history() -> int:
    return time.time_ns() // 1_000_000 - BEFORE_HISTORY_MS
