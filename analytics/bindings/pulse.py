"""The pulse of `fairgate identity`: whether what its table says may be believed at this moment.

Owns the file `pulse` beside the table. Promises: a pulse is younger than `STALE_SECONDS` only where its writer went
through a whole turn of its work that recently; its age is told by a clock that nobody can set and that stands still
while the machine sleeps; a pulse of an earlier start of the machine is old.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

STALE_SECONDS: Final = 10
"""Ten turns of its writer: a slow disk or a busy machine holds one up for a few seconds, and a restart takes two or
three; for longer than this nobody may be named by what is perhaps no longer so."""
FORGET_MS: Final = 5_000
"""A clock set back by no more than this is waited out: nobody need sign in anew. One set back further is not, since
it may be years before it shows that moment again."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Clock:
    """Both in milliseconds: UTC, and one that nobody can set, the same for every process of this machine."""

    wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    steady_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """As its writer left it."""

    boot: str
    steady_ms: int
    mark_ms: int
    """The latest that the clock (UTC) ever showed it, since it last forgot what it knew of later times."""
    forgot: int
    """How often it did."""

    def fresh(self, steady_ms: int) -> bool:
        """Whether its writer lives and works."""
        return self.boot == _boot() and 0 <= steady_ms - self.steady_ms <= STALE_SECONDS * 1000


class Heart:
    """Writes the pulse beside `table`; what an earlier process left there counts."""

    def __init__(self, table: Path, clock: Clock | None = None) -> None:
        self._file, self._clock = _beside(table), clock or Clock()
        self._last = read_pulse(table)

    def set_back(self) -> int:
        """The latest that the clock ever showed, where it was set back too far to wait; else 0."""
        last = self._last
        return last.mark_ms if last is not None and last.mark_ms - self._clock.wall_ms() > FORGET_MS else 0

    def away(self) -> tuple[int, int] | None:
        """From when to when (UTC ms) no pulse was fresh, until this moment; None where there was no such time."""
        last, now = self._last, self._clock.wall_ms()
        if last is None or last.fresh(self._clock.steady_ms()):
            return None
        if last.boot != _boot() and 0 <= now - last.mark_ms <= STALE_SECONDS * 1000:
            return None
        return min(last.mark_ms, now), now

    def beat(self, *, forgot: bool = False) -> None:
        """A whole turn is done; `forgot` where all that was known of later times than now is forgotten.

        Raises:
            OSError: it cannot be written; the pulse grows old.
        """
        last, now = self._last, self._clock.wall_ms()
        mark = now if last is None or forgot else max(now, last.mark_ms)
        pulse = Pulse(_boot(), self._clock.steady_ms(), mark, (last.forgot if last else 0) + forgot)
        fresh = self._file.with_name(self._file.name + ".new")
        # Not fsynced, since it is worth nothing after a power cut; whole, since others read it at any moment.
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            json.dump([pulse.boot, pulse.steady_ms, pulse.mark_ms, pulse.forgot], out)
        fresh.replace(self._file)
        self._last = pulse


class Belief:
    """A reader's: whether the table beside which the pulse stands may be believed."""

    def __init__(self, table: Path, clock: Clock | None = None) -> None:
        self._table, self._clock = table, clock or Clock()
        self._mark_ms, self._forgot = 0, -1

    def holds(self) -> bool:
        """Asked before the table is read: what the pulse promises stands in the table already."""
        pulse, now = read_pulse(self._table), self._clock.wall_ms()
        if pulse is None:
            return False
        if pulse.forgot != self._forgot:
            self._forgot, self._mark_ms = pulse.forgot, 0
        # While the clock shows times that were over already, bindings that ended would hold again.
        forward = now >= max(self._mark_ms, pulse.mark_ms)
        self._mark_ms = max(self._mark_ms, now)
        return forward and pulse.fresh(self._clock.steady_ms())


def read_pulse(table: Path) -> Pulse | None:
    """The pulse beside that table; None where there is none that can be read."""
    try:
        boot, steady_ms, mark_ms, forgot = json.loads(_beside(table).read_bytes())
        return Pulse(str(boot), int(steady_ms), int(mark_ms), int(forgot))
    except (OSError, ValueError, TypeError):
        return None


def _beside(table: Path) -> Path:
    return table.with_name("pulse")


@cache
def _boot() -> str:
    """What tells this start of the machine from every other; "" where the system does not say."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""
