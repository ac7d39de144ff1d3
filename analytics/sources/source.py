"""What a source is, and what each is given.

Owns the small Protocol by which `fairgate identity` runs its sources (analytics.identifying joins them).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from analytics.live_register import LiveRegister
from analytics.registrar import Registrar, Rules
from analytics.snapshot import DeviceClass
from config.policy import Policy
from config.settings import Settings
from config.state import StateFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What every source is given."""

    settings: Settings
    state: StateFolder
    policy: Policy
    register: LiveRegister
    registrar: Registrar


class Source(Protocol):
    """Something that finds out who is where; runs until it is cancelled."""

    async def run(self) -> None: ...


def rules_of(settings: Settings, register: LiveRegister, told_here: Callable[[str], bool]) -> Rules:
    """What the registrar must know, by the register in force; `told_here` says of a person whether they
    acknowledged a notice at this gateway."""

    def one_persons(device_id: str) -> bool:
        device = register.now.by_id(device_id)
        return device is not None and device.device_class is DeviceClass.STAFF

    def told(person_id: str) -> bool:
        person = register.now.person(person_id)
        told_ms = 0 if person is None else person.told_ms or person.told_earlier_ms
        return 0 < told_ms <= now_ms() or told_here(person_id)

    return Rules(
        one_persons=one_persons,
        told=told,
        idle_ms=settings.identity.shared_idle_minutes * 60_000,
        most_ms=settings.identity.shared_most_hours * 3_600_000,
    )


def now_ms() -> int:
    """UTC, milliseconds."""
    return time.time_ns() // 1_000_000
