"""What the gateway's workers say of refused certificates, and what becomes of it.

Owns the learning, ending and forgetting of pass-throughs. Promises: each is a record; what is learnt ends by itself;
whatever was learnt before a restart still holds after it, while a count of attempts begins anew.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Any, Final

from analytics.pin_learning import DAY_MS, Outcome, PinLearning, Refusal, let_through_ms
from analytics.records import PinStep
from analytics.registrar import Registrar

LOOK_SECONDS: Final = 1.0
EVERYBODY: Final = ""
"""As the client whose pass-throughs are to be forgotten: all of them."""


class Pinning:
    """Hears workers and the technician; ends what is over. `now_ms` is UTC milliseconds."""

    def __init__(self, registrar: Registrar, now_ms: Callable[[], int]) -> None:
        self._registrar, self._now_ms = registrar, now_ms
        self._learning = PinLearning()
        self._pins = registrar.pins()
        self._distrusting = set(registrar.distrusting())
        self._capped: dict[str, int] = {}

    def messages(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        """What it hears, by what is said."""
        return {"refused": self.refused, "accepts": self.accepts, "forget_pins": self.forget}

    async def run(self) -> None:
        """End what is over, until cancelled."""
        while True:
            self.expire()
            await asyncio.sleep(LOOK_SECONDS)

    def refused(self, message: dict[str, Any]) -> None:
        """A client refused the gateway's certificate for a host."""
        refusal = _refusal(message, self._now_ms())
        if self._pins.get((refusal.client, refusal.host), 0) > self._now_ms():
            return
        of_client = sum(client == refusal.client for client, _ in self._pins)
        named = {"device_id": str(message["device_id"]), "client_ip": str(message["client_ip"])}
        match self._learning.hear(refusal, of_client=of_client, in_all=len(self._pins)):
            case Outcome.LEARNT:
                self._learnt(refusal, named)
            case Outcome.DISTRUSTS if refusal.client not in self._distrusting:
                refused = self._learning.refused(refusal.client, refusal.ts_ms)
                self._registrar.distrusts(refusal.client, **named, refused=refused)
                self._distrusting.add(refusal.client)
            case Outcome.CAPPED_CLIENT:
                self._full(refusal.client, named)
            case Outcome.CAPPED_ALL:
                self._full(EVERYBODY, {"device_id": "", "client_ip": ""})

    def accepts(self, message: dict[str, Any]) -> None:
        """A client accepted it."""
        client = str(message["client"])
        ts_ms = min(int(message["ts_ms"]), self._now_ms())
        if self._learning.accepts(client, int(message["accepted"]), ts_ms) and client in self._distrusting:
            self._registrar.trusts(client, **_named(client))
            self._distrusting.discard(client)

    def forget(self, message: dict[str, Any]) -> None:
        """The technician wants everything opened again: of one client, or of all."""
        wanted = str(message["client"])
        for client, host in list(self._pins):
            if wanted in (EVERYBODY, client):
                self._end(client, host, PinStep.FORGOTTEN)

    def expire(self) -> None:
        """End every pass-through whose time is over."""
        now = self._now_ms()
        for (client, host), until_ms in list(self._pins.items()):
            if until_ms <= now:
                self._end(client, host, PinStep.ENDED)

    def _learnt(self, refusal: Refusal, named: dict[str, str]) -> None:
        until_ms = self._now_ms() + let_through_ms(known_device=bool(named["device_id"]))
        self._registrar.pin(refusal.client, refusal.host, until_ms, **named, refusals=self._learning.attempts(refusal))
        self._learning.settled(refusal)
        self._pins[refusal.client, refusal.host] = until_ms

    def _end(self, client: str, host: str, step: PinStep) -> None:
        self._registrar.unpin(client, host, **_named(client), step=step)
        del self._pins[client, host]

    def _full(self, whose: str, named: dict[str, str]) -> None:
        """Said once a day of each."""
        now = self._now_ms()
        if now - self._capped.get(whose, now - DAY_MS) >= DAY_MS:
            self._registrar.capped(**named)
            self._capped[whose] = now


def _refusal(message: dict[str, Any], now_ms: int) -> Refusal:
    return Refusal(
        client=str(message["client"]),
        host=str(message["host"]),
        ts_ms=min(int(message["ts_ms"]), now_ms),
        browser=bool(message["browser"]),
        silent=bool(message["silent"]),
        opened=bool(message["opened"]),
        accepted=int(message["accepted"]),
        accepted_ms=int(message["accepted_ms"]),
    )


def _named(client: str) -> dict[str, str]:
    """A client as records name it."""
    try:
        ipaddress.ip_address(client)
    except ValueError:
        return {"device_id": client, "client_ip": ""}
    return {"device_id": "", "client_ip": client}
