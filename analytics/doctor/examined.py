"""What is examined: one school's state folder and the machine it stands on, read once and never changed.

Owns how settings, policy and snapshot are read for the checks: what cannot be read is absent here and a finding there.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analytics.snapshot import Snapshot, read_snapshot
from config.errors import ConfigError, FairgateError
from config.policy import Policy, load_policy
from config.settings import Settings, load_settings
from config.state import StateFolder

DAY_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Absent is None: settings, policy or snapshot that cannot be read. `faults` says why, by "settings" and so on."""

    state: StateFolder
    settings: Settings | None
    policy: Policy | None
    snapshot: Snapshot | None
    faults: dict[str, str]
    now_ms: int
    proc: Path = Path("/proc")
    """Where the kernel tells of itself."""

    @property
    def open_to_us(self) -> bool:
        """Whether this account may look into the state folder at all: if not, whatever is there would look absent."""
        return self.state.root.is_dir() and os.access(self.state.root, os.R_OK | os.X_OK)

    @property
    def transparent(self) -> bool:
        """Whether devices are redirected here without knowing."""
        return self.settings is not None and self.settings.gateway.mode == "transparent"

    def process_id(self, process: str) -> int | None:
        """The running process that holds this lock; None where none does."""
        try:
            number = int((self.state.root / "run" / f"{process}.lock").read_text("ascii"))
        except (OSError, ValueError):
            return None
        return number if (self.proc / str(number)).is_dir() else None

    def since_ms(self, process: str) -> int:
        """When the process that holds this lock took it (UTC ms); 0 where that is not known."""
        try:
            return (self.state.root / "run" / f"{process}.lock").stat().st_mtime_ns // 1_000_000
        except OSError:
            return 0


def examined(state: StateFolder) -> Examined:
    """`state` as it is now."""
    faults: dict[str, str] = {}
    settings = policy = snapshot = None
    try:
        settings = load_settings(state.settings)
    except (FairgateError, OSError) as fault:
        faults["settings"] = _without_values(fault)
    if settings is not None:
        try:
            policy = load_policy(settings.policy)
        except (FairgateError, OSError) as fault:
            faults["policy"] = _without_values(fault)
    try:
        snapshot = read_snapshot(state.snapshot)
    except (ConfigError, OSError) as fault:
        absent = isinstance(fault.__cause__ or fault, FileNotFoundError)
        faults["snapshot"] = "there is none" if absent else "it is damaged, or may not be read"
    return Examined(
        state=state, settings=settings, policy=policy, snapshot=snapshot, faults=faults, now_ms=time.time_ns() // 10**6
    )


def _without_values(fault: Exception) -> str:
    """File, line and key of the first mistake: what stands there may be a site's name, or somebody's."""
    return str(fault).splitlines()[0].partition(": found")[0] if ": found" in str(fault) else "it cannot be read"
