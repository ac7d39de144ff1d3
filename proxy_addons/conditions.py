"""Conditions: every few minutes, why connections stayed closed, and how old what the gateway goes by is.

Owns the condition records. Promises: whatever was counted reaches the spool, at the latest when the gateway stops;
nothing shielded is in any count, so that none, set beside the events, tells when something shielded was asked for.
"""

from collections.abc import Callable
from typing import Final

from analytics.event import NotInspected
from analytics.records import Condition
from proxy_addons.event_writer import Recording
from proxy_addons.tally import HOUR_MS, Tally

BEATS: Final = 5
"""One condition to so many heartbeats."""
NONE_IN_FORCE: Final = -1


class ConditionWriter:
    """Counts beats. `oldest_list_ms` says when the oldest imported list in force was taken; None: there is none."""

    def __init__(
        self, recording: Recording, tally: Tally, since_ms: int, oldest_list_ms: Callable[[], int | None]
    ) -> None:
        self._recording, self._tally, self._since, self._oldest = recording, tally, since_ms, oldest_list_ms
        self._beats = 0

    def beat(self, now: int) -> None:
        """One heartbeat went by, at `now` (UTC ms)."""
        self._beats += 1
        # The first one soon, so that a gateway that was just started says how it stands.
        if self._beats % BEATS == 1:
            self.write(now)

    def finish(self, now: int) -> None:
        """The gateway stops: what was counted since last time is written, unless the beat just now did that."""
        if self._beats % BEATS != 1:
            self.write(now)

    def write(self, now: int) -> None:
        """How the gateway stands at `now` (UTC ms), with the counts since last time."""
        recording, closed, oldest = self._recording, self._tally.take_closed(), self._oldest()
        recording.spool.put(
            Condition(
                school=recording.school,
                gateway=recording.gateway,
                ts_ms=now,
                since_ms=self._since,
                banking=closed[NotInspected.BANKING],
                pinned=closed[NotInspected.PINNED],
                not_enrolled=closed[NotInspected.NOT_ENROLLED],
                not_told=closed[NotInspected.NOT_TOLD],
                no_sni=closed[NotInspected.NO_SNI],
                opaque=closed[NotInspected.OPAQUE],
                filter_silent=self._tally.take_filter_silent(),
                lists_age_hours=NONE_IN_FORCE if oldest is None else _hours(oldest, now),
                snapshot_age_hours=_hours(recording.register.snapshot.made_ms, now),
                policy_version=recording.judge.policy_version,
            )
        )
        self._since = now


def _hours(then_ms: int, now: int) -> int:
    return max(0, now - then_ms) // HOUR_MS
