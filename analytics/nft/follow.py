"""`fairgate nft follow`: the kernel kept in line with who is enrolled and which workers listen.

Owns the table while it runs. Promises: a change of the snapshot, of a sign-in, of a lease or of the workers reaches the
kernel within a second; a table that somebody else changed or removed is put right; where no worker listens the redirect
is taken away (fail open) and put back, each such stretch a gap record; where this process is killed, the kernel forgets
the enrolled by itself, so that nobody stays redirected on old knowledge. It needs no right but CAP_NET_ADMIN.
"""

import os
import signal
import time
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final

import structlog

from analytics.bindings import IdentityReader
from analytics.live_register import LiveRegister
from analytics.nft.bypass import Passage, Stretch
from analytics.nft.enrolment import enrolled
from analytics.nft.kernel import Standing, change, load, standing
from analytics.nft.owed import Owed
from analytics.nft.plan import ruleset_of
from analytics.nft.ruleset import COUNTERS, NOBODY, REMOVED, Enrolled, Hold, Ruleset, enrolling
from analytics.nft.serving import Serving, workers_coming
from config.errors import FairgateError
from config.settings import Settings
from config.state import StateFolder
from config.systemd import notify

LOOK_SECONDS: Final = 0.25
HOLD_SECONDS: Final = 30
"""For so long the kernel keeps an address without hearing of it again."""
_RENEW_SECONDS: Final = 10.0
_CHECK_SECONDS: Final = 2.0
_COUNT_SECONDS: Final = 60.0

log = structlog.get_logger("fairgate.nft")


def folder(state: StateFolder) -> Path:
    """Where what must outlive this process is kept."""
    return state.gateway / "nft"


def follow(settings: Settings, state: StateFolder, stop: Event | None = None) -> None:
    """Run until SIGTERM, Ctrl-C, or `stop` is set; then the rules are removed, unless the gateway fails closed.

    Raises:
        FairgateError: a setting cannot be meant, there is no snapshot, or the firewall may not be changed.
    """
    _refuse_other_account(state)
    stop = _stopped_by_signals() if stop is None else stop
    with state.lock("nft"):
        ready = state.root / "run" / "nft.ready"
        ready.unlink(missing_ok=True)
        follower = Follower(settings, state, ruleset_of(settings))
        follower.begin()
        notify("READY=1")
        ready.write_text("", "ascii")
        try:
            while not stop.wait(LOOK_SECONDS):
                follower.look()
                notify("WATCHDOG=1")
        finally:
            notify("STOPPING=1")
            ready.unlink(missing_ok=True)
            follower.end()


class Follower:
    """What is in the kernel, and what ought to be."""

    def __init__(self, settings: Settings, state: StateFolder, ruleset: Ruleset) -> None:
        self._ruleset, self._run = ruleset, state.root / "run"
        self._serving = Serving(self._run)
        self._fail_open = settings.gateway.fail == "open"
        self._hold = Hold(HOLD_SECONDS if self._fail_open else None, HOLD_SECONDS)
        self._register = LiveRegister(state.snapshot, settings.school)
        self._identity = IdentityReader(state.identity)
        self._owed = Owed(folder(state) / "owed.jsonl", state.identity_socket)
        self._stretch = Stretch.read(folder(state) / "bypass.json")
        self._enrolled, self._ports = NOBODY, frozenset[int]()
        self._passage = Passage(ruleset.ports, fail_open=self._fail_open)
        self._renewed = self._checked = self._counted = self._enrolled_at = 0.0
        self._counts, self._counted_ms = dict.fromkeys(COUNTERS, 0), now_ms()

    def begin(self) -> None:
        """Load the whole table, with whatever stands there already taken into account."""
        found = standing()
        if found is not None:
            self._counts = found.counts
        held = found is not None and found.redirecting and bool(found.addresses)
        if self._stretch.seen_ms and not held:
            self._stretch.begin(self._stretch.seen_ms)
        self._passage = Passage(
            self._ruleset.ports,
            fail_open=self._fail_open,
            now=frozenset(self._ruleset.ports) if held else frozenset(),
        )
        self._enrolled = self._now_enrolled()
        self._load(self._share(time.monotonic()))
        log.info("following", enrolled=self._enrolled.size, workers=len(self._ports))

    def look(self) -> None:
        """Bring the kernel in line; called a few times a second."""
        steady = time.monotonic()
        ports = self._share(steady)
        fresh = self._fresh(steady)
        if ports != self._ports or fresh != self._enrolled or steady - self._renewed >= _RENEW_SECONDS:
            self._enrolled = fresh
            self._bring(ports)
        if steady - self._checked >= _CHECK_SECONDS:
            self._check(steady)
        self._owed.tell()

    def end(self) -> None:
        """The rules go, so that lessons go on; failing closed, they stay."""
        if self._fail_open:
            self._count(standing())
            self._stretch.begin(now_ms())
            load(REMOVED)
        self._owed.tell()
        self._identity.close()
        log.info("followed", rules="removed" if self._fail_open else "left")

    def _share(self, steady: float) -> frozenset[int]:
        """The ports among which the traffic is to be shared now."""
        return self._passage.decide(self._serving.ports(), steady, coming=workers_coming(self._run))

    def _fresh(self, steady: float) -> Enrolled:
        """Who is enrolled now; asked anew where something changed, and every second, since sign-ins run out."""
        changed = self._register.look() | self._identity.look()
        if not changed and steady - self._enrolled_at < 1.0:
            return self._enrolled
        self._enrolled_at = steady
        return self._now_enrolled()

    def _now_enrolled(self) -> Enrolled:
        return enrolled(self._register.now, self._identity.now, now_ms())

    def _bring(self, ports: frozenset[int]) -> None:
        """Change what stands; where it is gone, load the whole."""
        script = enrolling(self._enrolled, self._hold)
        if ports != self._ports:
            script += self._ruleset.sharing(ports)
        self._before(ports)
        if change(script):
            self._after(ports)
        else:
            self._load(ports)

    def _load(self, ports: frozenset[int]) -> None:
        self._before(ports)
        load(self._ruleset.table(self._enrolled, ports, self._hold))
        self._counts = dict.fromkeys(COUNTERS, 0)
        self._after(ports)

    def _before(self, ports: frozenset[int]) -> None:
        """What is about to happen is on disk before it does."""
        if self._ports and not ports:
            self._stretch.begin(now_ms())
            log.error("bypassed", why="no worker listens", does="devices go past the gateway; this becomes a gap")

    def _after(self, ports: frozenset[int]) -> None:
        self._renewed, was, self._ports = time.monotonic(), self._ports, ports
        if not ports:
            return
        now = now_ms()
        if stretch := self._stretch.end(now):
            self._owed.owe({"say": "bypassed", "from_ms": stretch[0], "to_ms": stretch[1]})
            log.warning("redirecting_again", workers=len(ports))
        elif was != ports:
            log.info("workers_share", workers=len(ports))
        self._stretch.seen(now)

    def _check(self, steady: float) -> None:
        """Put right what somebody else changed, and count."""
        self._checked = steady
        found = standing()
        if found is None or found.addresses != self._enrolled.all or found.redirecting != bool(self._ports):
            log.error("table_was_changed", by="somebody else", does="loaded again")
            self._count(found)
            went_past = found is None or not found.redirecting or not self._enrolled.all <= found.addresses
            if self._ports and went_past:
                self._stretch.begin(self._stretch.seen_ms or now_ms())
            self._load(self._ports)
            return
        if self._ports:
            self._stretch.seen_ms = now_ms()
        if steady - self._counted >= _COUNT_SECONDS:
            self._counted = steady
            self._count(found)

    def _count(self, found: Standing | None) -> None:
        """Have identity told what was refused since the last time."""
        if found is None:
            return
        # Lower than before: the table was loaded anew, and counts from 0.
        more = {
            name: count - self._counts[name] if count >= self._counts[name] else count
            for name, count in found.counts.items()
        }
        since, self._counts, self._counted_ms = self._counted_ms, found.counts, now_ms()
        if any(more.values()):
            self._owed.owe({"say": "attempts", "since_ms": since, **more})


def _refuse_other_account(state: StateFolder) -> None:
    """What root would leave in the state folder, the service could not write any more."""
    owner = state.root.stat().st_uid if state.root.exists() else os.geteuid()
    if owner != os.geteuid():
        raise FairgateError(
            f"The state folder {state.root} belongs to the account {owner}, and this one is {os.geteuid()}. Start it "
            "as the service does: systemctl start fairgate-nft."
        )


def now_ms() -> int:
    """UTC, milliseconds."""
    return time.time_ns() // 1_000_000


def _stopped_by_signals() -> Event:
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop
