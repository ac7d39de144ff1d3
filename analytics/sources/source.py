"""What a source is, and what each is given.

Owns the small Protocol by which `fairgate identity` runs its sources (analytics.identifying joins them).
"""

import time
from dataclasses import dataclass
from typing import Protocol

from analytics.live_register import LiveRegister
from analytics.registrar import Registrar
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


def now_ms() -> int:
    """UTC, milliseconds."""
    return time.time_ns() // 1_000_000
