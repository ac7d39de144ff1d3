"""What `fairgate identity` does each second, and the sign of life that it gives only where that went well.

Owns the ending of what is over, what becomes of bindings when the clock is set back, and the gaps for both. Promises: a
turn that fails (a full disk, a locked table) is tried again a second later, and feeds neither the watchdog nor the
pulse; from when to when nobody was named because this process did not work is a gap, once it works again; a binding
that ended never holds again because the clock was set back, and no sign-in lasts longer for it.
"""

import asyncio
import itertools
from typing import Final

import structlog

from analytics.bindings import Heart, IdentityTable
from analytics.records import BindingStep, Gap, GapReason
from analytics.sources.source import Identity, now_ms
from config.systemd import notify

TURN_SECONDS: Final = 1.0
_TIDY_TURNS: Final = 3600

log = structlog.get_logger("fairgate.identity")


class Turns:
    """The work of each second on `table`, through the registrar; `heart` writes the pulse."""

    def __init__(self, identity: Identity, table: IdentityTable, heart: Heart) -> None:
        self._identity, self._registrar = identity, identity.registrar
        self._table, self._heart = table, heart
        self._unsaid: list[Gap] = []

    async def run(self, seconds: float = TURN_SECONDS) -> None:
        """Until cancelled; the first at once, so that nobody who signs in early is unknown."""
        for turn in itertools.count():
            try:
                self.turn()
                if turn % _TIDY_TURNS == 0:
                    self._registrar.tidy()
            except Exception as fault:
                log.error("identity_turn_failed", fault=type(fault).__name__)
            else:
                notify("WATCHDOG=1")
            await asyncio.sleep(seconds)

    def turn(self) -> None:
        """One of them.

        Raises:
            OSError, sqlite3.Error: the disk refuses.
        """
        mark_ms = self._heart.set_back()
        if mark_ms:
            self._forget_later(mark_ms)
        self._registrar.expire()
        away = self._heart.away()
        self._heart.beat(forgot=bool(mark_ms))
        if away is not None:
            log.warning("identity_was_away", does="becomes a gap")
            self._unsaid.append(self._gap(GapReason.UNNAMED, *away))
        while self._unsaid:
            self._registrar.note(self._unsaid[0])
            self._unsaid.pop(0)

    def _forget_later(self, mark_ms: int) -> None:
        """The clock shows a time that was over already: what ended since then must not hold once more, and what a
        sign-in's end was reckoned from is no longer so. Whoever signs in anew is known again; leases and the neighbour
        table go on."""
        now = now_ms()
        log.error("clock_set_back", does="who was signed in must sign in anew; becomes a gap")
        with self._table.change():
            self._table.forget_after(now)
        for binding in self._registrar.open_bindings:
            if binding.signed_in:
                self._registrar.end(binding.binding_id, now, BindingStep.EXPIRED)
        if not any(gap.to_ms == mark_ms for gap in self._unsaid):
            self._unsaid.append(self._gap(GapReason.CLOCK_STEP, now, mark_ms))

    def _gap(self, reason: GapReason, from_ms: int, to_ms: int) -> Gap:
        settings = self._identity.settings
        return Gap(
            school=settings.school,
            gateway=f"{settings.gateway.name}-identity",
            ts_ms=now_ms(),
            reason=reason,
            from_ms=from_ms,
            to_ms=to_ms,
            count=0,
        )
