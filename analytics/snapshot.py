"""The snapshot: the one file through which people's decisions reach the gateway.

Owns its format (JSON, version 1) and nothing else. Governance writes it (analytics.governance.publish); the gateway
only reads it. Promises: it is replaced whole, by rename after fsync, so a reader sees the old one or the new one,
never half; a damaged one is refused with the reason, and the gateway then keeps the last good one.
Holds password hashes for proxy sign-in, so it is 0600.
"""

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from config.errors import ConfigError

VERSION: Final = 1


class DeviceClass(StrEnum):
    """Whose traffic a device's is. Pupils' and guests' devices never name a person."""

    STAFF = "staff"
    SHARED = "shared"
    PUPIL = "pupil"
    GUEST = "guest"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A staff member, as far as the gateway must know them. Times are UTC milliseconds; 0 means never or open."""

    person_id: str
    username: str
    password_hash: str
    """argon2id, for proxy sign-in; "" where the person has none."""
    from_ms: int
    until_ms: int
    told_ms: int
    """When they were first told of the policy now in force; 0 until then, and nothing is recorded before it."""
    hours: str
    """Name of the contracted-hours pattern in hours.toml."""
    told_earlier_ms: int = 0
    """When they were first told of an earlier policy, where they were not yet told of the one in force; else 0. What
    is recorded of them between the two is labelled as such. Optional: a file without it holds nobody to one."""
    reminded_ms: int = 0
    """When they last acknowledged the policy now in force, where that was after `told_ms`; else 0. Optional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A school device. `person_id` is the one person it is assigned to, if it is."""

    device_id: str
    device_class: DeviceClass
    addresses: tuple[str, ...]
    person_id: str | None
    from_ms: int
    macs: tuple[str, ...] = ()
    """Hardware addresses, lower case with colons; optional, like `hostnames`."""
    hostnames: tuple[str, ...] = ()
    """Names by which the device asks for a lease, lower case."""
    token_hash: str = ""
    """SHA-256, in hex, of the token that the device's logon script shows; "" where it has none. Optional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A weekly stretch of London time: weekday 0 is Monday; minutes since midnight, end excluded."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A person whom a permission for everyone covers only from `from_ms` on; 0: not yet at all.

    So that nobody permits themselves: the Chair confirms for the Headteacher what the Headteacher gave to all.
    """

    person_id: str
    from_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Private use that was permitted: to whom (None: everyone), for what, when."""

    permission_id: str
    person_id: str | None
    categories: tuple[str, ...]
    hosts: tuple[str, ...]
    """Sites: a host ("rightmove.co.uk"), or a part of one ("bbc.co.uk/sport")."""
    windows: tuple[Window, ...]
    """Empty: at any time."""
    from_ms: int
    until_ms: int
    held_back: tuple[HeldBack, ...] = ()
    """Younger than version 1, so optional: a file without it holds nobody back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the gateway knows of people, devices and permissions at `made_ms`."""

    school: str
    made_ms: int
    people: tuple[Person, ...]
    devices: tuple[Device, ...]
    permissions: tuple[Permission, ...]
    notice_version: str = ""
    """The notice in force, which acknowledgements at the gateway are of; optional."""


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Replace the file at `path` atomically, 0600."""
    text = json.dumps({"version": VERSION, **_plain(snapshot)}, ensure_ascii=False, indent=1)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_snapshot(path: Path) -> Snapshot:
    """The snapshot at `path`.

    Raises:
        ConfigError: it is absent, unreadable, damaged, or of another version.
    """
    try:
        plain = json.loads(path.read_text("utf-8"))
        if plain.pop("version") != VERSION:
            raise ConfigError(f"{path} is of another version of Fairgate. Publish it again with this one.")
        return _build(plain)
    except FileNotFoundError as absent:
        raise ConfigError(f"{path} does not exist yet. Set the school up first: fairgate init.") from absent
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise ConfigError(
            f"{path} is damaged ({type(fault).__name__}: {fault}). Publish it again: fairgate publish."
        ) from fault


_OPTIONAL: Final = {
    "people": ("told_earlier_ms", "reminded_ms"),
    "devices": ("macs", "hostnames", "token_hash"),
    "permissions": ("held_back",),
}
"""Fields younger than version 1. An empty one is left out, so that an older gateway reads the file too."""


def _plain(snapshot: Snapshot) -> dict[str, Any]:
    """As it stands in the file."""
    plain = asdict(snapshot)
    if not plain["notice_version"]:
        del plain["notice_version"]
    for part, names in _OPTIONAL.items():
        for entry in plain[part]:
            for name in names:
                if not entry[name]:
                    del entry[name]
    return plain


def _build(plain: dict[str, Any]) -> Snapshot:
    return Snapshot(
        school=plain["school"],
        made_ms=plain["made_ms"],
        people=tuple(Person(**person) for person in plain["people"]),
        devices=tuple(_device(device) for device in plain["devices"]),
        permissions=tuple(_permission(permission) for permission in plain["permissions"]),
        notice_version=plain.get("notice_version", ""),
    )


def _device(plain: dict[str, Any]) -> Device:
    lists: dict[str, Any] = {name: tuple(plain.pop(name, ())) for name in ("macs", "hostnames")}
    device_class, addresses = DeviceClass(plain.pop("device_class")), tuple(plain.pop("addresses"))
    return Device(device_class=device_class, addresses=addresses, **lists, **plain)


def _permission(plain: dict[str, Any]) -> Permission:
    categories, hosts = tuple(plain.pop("categories")), tuple(plain.pop("hosts"))
    windows = tuple(Window(**window) for window in plain.pop("windows"))
    held_back = tuple(HeldBack(**held) for held in plain.pop("held_back", ()))
    return Permission(categories=categories, hosts=hosts, windows=windows, held_back=held_back, **plain)
