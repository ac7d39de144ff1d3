"""Counts of what the gateway saw but does not keep, and of its own faults.

Owns the numbers behind heartbeats and shield counts. Promises: nothing here names a host, a person or a device;
a count taken is a count cleared, so that none is reported twice.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from analytics.event import NotInspected

HOUR_MS: Final = 3_600_000


@dataclass(slots=True)
class Tally:
    """Counts since they were last taken. Touched by the event loop's thread alone."""

    requests: int = 0
    """Requests that were recorded, or never could be. Shielded ones are not among them: set against the events of the
    same minute they would show when somebody asked for something shielded, where only the hour may be known."""
    passed_through: int = 0
    """TLS connections that were not decrypted, whatever the reason but the shield."""
    untold: int = 0
    """Exchanges and connections of people not told yet, or of nobody known: counted, never recorded."""
    hook_errors: int = 0
    closed: Counter[NotInspected] = field(default_factory=Counter)
    """The same by the reason, and raw connections beside them; never the shield's."""
    filter_silent: int = 0
    """How often the school's filter was asked whether it is there, and did not answer."""
    _shielded: dict[int, int] = field(default_factory=dict)

    def pass_through(self, why: NotInspected) -> None:
        """One TLS connection that is not decrypted, for any reason but the shield."""
        self.passed_through += 1
        self.closed[why] += 1

    def shield(self, ts_ms: int) -> None:
        """One shielded connection or request: only its hour is remembered."""
        hour = ts_ms - ts_ms % HOUR_MS
        self._shielded[hour] = self._shielded.get(hour, 0) + 1

    def take_shielded(self, before_ms: int) -> list[tuple[int, int]]:
        """(hour, count) of every hour that began and ended before `before_ms`, and forget them."""
        done = sorted(hour for hour in self._shielded if hour + HOUR_MS <= before_ms)
        return [(hour, self._shielded.pop(hour)) for hour in done]

    def take_all_shielded(self) -> list[tuple[int, int]]:
        """(hour, count) of every hour, the unfinished one too: for a stop."""
        taken = sorted(self._shielded.items())
        self._shielded.clear()
        return taken

    def take_closed(self) -> Counter[NotInspected]:
        """The connections by their reasons; they start again from none."""
        taken, self.closed = self.closed, Counter()
        return taken

    def take_filter_silent(self) -> int:
        """How often the filter did not answer; from 0 again."""
        taken, self.filter_silent = self.filter_silent, 0
        return taken

    def take(self) -> "Tally":
        """The other counts so far; they start again from 0."""
        taken = Tally(self.requests, self.passed_through, self.untold, self.hook_errors)
        self.requests = self.passed_through = self.untold = self.hook_errors = 0
        return taken
