"""A clock for tests of what happens when it is set, or when much time goes by."""

import time
from dataclasses import dataclass

from analytics.bindings import Clock


@dataclass
class Hands:
    """Both in milliseconds from now; `clock` shows what they show."""

    wall_off: int = 0
    steady_off: int = 0

    def passes(self, ms: int) -> None:
        """Time goes by."""
        self.wall_off += ms
        self.steady_off += ms

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.wall_off

    @property
    def clock(self) -> Clock:
        return Clock(self.wall_ms, lambda: time.monotonic_ns() // 1_000_000 + self.steady_off)
