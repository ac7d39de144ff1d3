"""What was kept out of the spool since the last gap record, by reason.

Promises: `add` is safe from any thread and never blocks for longer than another `add`; nothing counted is forgotten
until it stands in a gap record that is durable.
"""

import threading
from dataclasses import dataclass

from analytics.records import Gap, GapReason


@dataclass(slots=True)
class _Stretch:
    from_ms: int
    to_ms: int
    count: int


class Losses:
    """Counts of one worker. `gaps` reads them, `settle` takes off what has been written."""

    def __init__(self, school: str, gateway: str) -> None:
        self._school = school
        self._gateway = gateway
        self._lock = threading.Lock()
        self._open: dict[GapReason, _Stretch] = {}
        self.total = 0
        """Records lost since this writer started."""

    @property
    def owed(self) -> bool:
        """Whether anything lost does not yet stand in a durable gap record."""
        return bool(self._open)

    def add(self, reason: GapReason, count: int, from_ms: int, to_ms: int) -> None:
        """Count `count` records as lost between two times (UTC ms); 0 where the number cannot be known."""
        with self._lock:
            self.total += count
            stretch = self._open.setdefault(reason, _Stretch(from_ms, to_ms, 0))
            stretch.from_ms, stretch.to_ms = min(stretch.from_ms, from_ms), max(stretch.to_ms, to_ms)
            stretch.count += count

    def gaps(self, now_ms: int) -> list[Gap]:
        """Gap records of everything not yet settled."""
        if not self._open:
            return []
        with self._lock:
            return [self._gap(reason, stretch, now_ms) for reason, stretch in self._open.items()]

    def settle(self, gaps: list[Gap]) -> None:
        """`gaps`, as `gaps()` gave them, are durable: only what was lost meanwhile is still owed."""
        with self._lock:
            for gap in gaps:
                stretch = self._open[gap.reason]
                stretch.count -= gap.count
                stretch.from_ms = gap.to_ms
                if stretch.count == 0 and stretch.to_ms == gap.to_ms:
                    del self._open[gap.reason]

    def _gap(self, reason: GapReason, stretch: _Stretch, now_ms: int) -> Gap:
        return Gap(
            school=self._school,
            gateway=self._gateway,
            ts_ms=now_ms,
            reason=reason,
            from_ms=stretch.from_ms,
            to_ms=stretch.to_ms,
            count=stretch.count,
        )
