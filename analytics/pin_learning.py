"""When an app's refusals are believed: the rules by which a site is let through unopened for one client.

Owns the rules and the short memory they need; knows neither table nor socket. Promises: nothing is learnt from a
browser, from a single attempt, from a client that accepts the gateway's certificate nowhere, or beyond the caps; what
is learnt is for one client and one host. The rules are the program's: no setting widens what is never opened.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
LATELY_MS: Final = 240 * MINUTE_MS
"""A morning's work: what a client refused and accepted in it says whether it has the school's certificate."""
WITHIN_MS: Final = 10 * MINUTE_MS
"""Attempts further apart than this are not one app that keeps trying."""
APART_MS: Final = 5_000
"""Refusals closer together are one attempt: a page or an app opens several connections at once and tries each twice."""
ATTEMPTS: Final = 3
"""Enough where the client says in so many words that it does not accept the certificate."""
SILENT_ATTEMPTS: Final = 5
"""Where it only hangs up, which a poor network may look like."""
OPENED_ATTEMPTS: Final = 10
"""Where this client opened the same site within the day: an app may share it, or somebody may want it unseen."""
DEVICE_MS: Final = 7 * DAY_MS
ADDRESS_MS: Final = DAY_MS
"""Where no device is known: the address may be another's tomorrow."""
CAP_CLIENT: Final = 20
"""More hosts than any one device's pinned apps were seen to need; beyond it somebody should look."""
CAP_ALL: Final = 500
"""80 staff devices with half a dozen each."""
LACKING: Final = 3
"""Sites refused lately, and none accepted: the device lacks the school's certificate."""
NEARLY: Final = 10
"""So many refused for each one accepted is nearly every site."""
CLIENTS: Final = 2_000
HOSTS: Final = 200
"""Remembered for each client; the oldest give way."""


class Outcome(StrEnum):
    """What one refusal leads to."""

    NOTED = "noted"
    LEARNT = "learnt"
    DISTRUSTS = "distrusts"
    """The client refuses every site, or nearly: it lacks the certificate, and nothing is learnt for it."""
    CAPPED_CLIENT = "capped_client"
    CAPPED_ALL = "capped_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One client's refusal of the gateway's certificate for one host."""

    client: str
    """Device id, or the address where no device is known."""
    host: str
    ts_ms: int
    browser: bool = False
    silent: bool = False
    """It hung up without saying why."""
    opened: bool = False
    """Whether this client opened the same site within the day before."""
    accepted: int = 0
    """For how many other sites it accepted the certificate lately."""
    accepted_ms: int = 0
    """When it last did; 0: not lately."""


@dataclass(slots=True)
class _Site:
    last_ms: int = 0
    attempts: tuple[tuple[int, bool], ...] = ()
    """(when, whether silent), apart from each other and recent."""


class PinLearning:
    """What was refused lately, and what follows. Times are UTC milliseconds; they need not come in order."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, OrderedDict[str, _Site]] = OrderedDict()
        self._accepts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def accepts(self, client: str, accepted: int, ts_ms: int) -> bool:
        """The client accepted the certificate for so many sites lately; whether it may be said to have it."""
        self._accepts[client] = (accepted, ts_ms)
        self._accepts.move_to_end(client)
        if len(self._accepts) > CLIENTS:
            self._accepts.popitem(last=False)
        return not distrusts(self.refused(client, ts_ms), accepted)

    def hear(self, refusal: Refusal, *, of_client: int, in_all: int) -> Outcome:
        """What follows from one more refusal, where `of_client` hosts are learnt for this client, `in_all` for all."""
        site = self._site(refusal)
        site.last_ms = max(site.last_ms, refusal.ts_ms)
        if distrusts(self.refused(refusal.client, refusal.ts_ms), self._accepted(refusal)):
            return Outcome.DISTRUSTS
        if refusal.browser:
            return Outcome.NOTED
        site.attempts = _with_attempt(site.attempts, refusal)
        if not _enough(site.attempts, refusal):
            return Outcome.NOTED
        if in_all >= CAP_ALL:
            return Outcome.CAPPED_ALL
        if of_client >= CAP_CLIENT:
            return Outcome.CAPPED_CLIENT
        return Outcome.LEARNT

    def attempts(self, refusal: Refusal) -> int:
        """How many attempts of this client at this host are remembered."""
        return len(self._site(refusal).attempts)

    def settled(self, refusal: Refusal) -> None:
        """It was learnt: when that ends, it takes new refusals."""
        self._site(refusal).attempts = ()

    def refused(self, client: str, ts_ms: int) -> int:
        """How many sites the client refused lately, as of `ts_ms`."""
        return sum(ts_ms - site.last_ms < LATELY_MS for site in self._clients.get(client, {}).values())

    def _accepted(self, refusal: Refusal) -> int:
        """A worker that was just started knows little of what was accepted; what it said before counts too."""
        said, at = self._accepts.get(refusal.client, (0, 0))
        return max(refusal.accepted + refusal.opened, said if refusal.ts_ms - at < LATELY_MS else 0)

    def _site(self, refusal: Refusal) -> _Site:
        sites = self._clients.setdefault(refusal.client, OrderedDict())
        self._clients.move_to_end(refusal.client)
        site = sites.setdefault(refusal.host, _Site())
        sites.move_to_end(refusal.host)
        if len(sites) > HOSTS:
            sites.popitem(last=False)
        if len(self._clients) > CLIENTS:
            self._clients.popitem(last=False)
        return site


def _with_attempt(attempts: tuple[tuple[int, bool], ...], refusal: Refusal) -> tuple[tuple[int, bool], ...]:
    now = refusal.ts_ms
    recent = tuple(attempt for attempt in attempts if abs(now - attempt[0]) < WITHIN_MS)
    if all(abs(now - at) >= APART_MS for at, _ in recent):
        recent += ((now, refusal.silent),)
    return recent


def _enough(attempts: tuple[tuple[int, bool], ...], refusal: Refusal) -> bool:
    """Whether these attempts show an app that pins, on a device that has the certificate: one that accepted it for
    another site since the first of them."""
    needed = OPENED_ATTEMPTS if refusal.opened else ATTEMPTS
    if any(silent for _, silent in attempts):
        needed = max(needed, SILENT_ATTEMPTS)
    return len(attempts) >= needed and refusal.accepted_ms >= min(at for at, _ in attempts)


def distrusts(refused: int, accepted: int) -> bool:
    """Whether a client that refused and accepted so many sites lacks the gateway's certificate."""
    if accepted == 0:
        return refused >= LACKING
    return refused >= accepted * NEARLY


def let_through_ms(*, known_device: bool) -> int:
    """For how long what was learnt holds."""
    return DEVICE_MS if known_device else ADDRESS_MS
