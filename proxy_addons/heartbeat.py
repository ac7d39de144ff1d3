"""The heartbeat: proof, at regular intervals, that the gateway was alive and recording.

Owns the heartbeat records, the hourly shield counts, and the gap records for a stepped clock and for hook faults.
Promises: whatever was only counted reaches the spool, at the latest when the gateway stops.
"""

import asyncio
import time
from typing import Final

from analytics.records import Gap, GapReason, Heartbeat, ShieldCount
from proxy_addons.attribution import now_ms
from proxy_addons.conditions import ConditionWriter
from proxy_addons.event_writer import Recording
from proxy_addons.hook import report
from proxy_addons.tally import Tally

STEP_MS: Final = 2_000
"""A wall clock that moves this much against the steady one was set by somebody."""


class HeartbeatWriter:
    """Beats every `seconds`; `software` names this build."""

    def __init__(
        self,
        recording: Recording,
        tally: Tally,
        seconds: float,
        software: str,
        conditions: ConditionWriter | None = None,
    ) -> None:
        self._recording, self._tally, self._seconds, self._software = recording, tally, seconds, software
        self._conditions = conditions
        self._since, self._steady, self._dropped = now_ms(), time.monotonic_ns(), 0
        self._task: asyncio.Task[None] | None = None

    def running(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._beats())

    def done(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.beat(now_ms(), time.monotonic_ns())
        self._shield_counts(self._tally.take_all_shielded(), now_ms())
        if self._conditions is not None:
            self._conditions.finish(now_ms())

    def beat(self, now: int, steady_ns: int) -> None:
        """Write one heartbeat and what belongs with it; `now` is UTC ms, `steady_ns` a clock nobody can set."""
        taken, recording = self._tally.take(), self._recording
        dropped = recording.spool.dropped
        recording.spool.put(
            Heartbeat(
                school=recording.school,
                gateway=recording.gateway,
                ts_ms=now,
                since_ms=self._since,
                requests=taken.requests,
                passed_through=taken.passed_through,
                untold=taken.untold,
                dropped=max(0, dropped - self._dropped),
                hook_errors=taken.hook_errors,
                policy_version=recording.judge.policy_version,
                software=self._software,
            )
        )
        self._gaps(now, steady_ns, taken.hook_errors)
        self._shield_counts(self._tally.take_shielded(now), now)
        if self._conditions is not None:
            self._conditions.beat(now)
        self._since, self._steady, self._dropped = now, steady_ns, dropped

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                self.beat(now_ms(), time.monotonic_ns())
            except Exception as fault:
                report(self._tally, "heartbeat", fault)

    def _gaps(self, now: int, steady_ns: int, hook_errors: int) -> None:
        if hook_errors:
            self._gap(GapReason.HOOK_ERROR, now, hook_errors)
        step = (now - self._since) - (steady_ns - self._steady) // 1_000_000
        if abs(step) > STEP_MS:
            self._gap(GapReason.CLOCK_STEP, now, 0)

    def _gap(self, reason: GapReason, now: int, count: int) -> None:
        recording = self._recording
        recording.spool.put(
            Gap(
                school=recording.school,
                gateway=recording.gateway,
                ts_ms=now,
                reason=reason,
                # After a step back the earlier time is the one now shown.
                from_ms=min(self._since, now),
                to_ms=max(self._since, now),
                count=count,
            )
        )

    def _shield_counts(self, hours: list[tuple[int, int]], now: int) -> None:
        recording = self._recording
        for hour, count in hours:
            recording.spool.put(
                ShieldCount(school=recording.school, gateway=recording.gateway, ts_ms=now, hour_ms=hour, count=count)
            )
