"""When the redirect is taken away so that lessons go on, and the proof of how long it was.

Owns the rule (fail open, fail closed) and STATE/gateway/nft/bypass.json, where a stretch without redirect begins before
it does. Promises: a stretch is told whole, however it began (no worker, a stop, a kill, a power cut) and whatever
became of this process meanwhile; where it is in doubt whether devices went past, it is told.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from analytics.durable import write_whole

PATIENCE_SECONDS: Final = 2.0
"""How long no worker may listen before devices are let past, while one may come back; else not a moment."""

log = structlog.get_logger("fairgate.nft")


class Passage:
    """Which ports share the traffic, as workers come and go; none of them: everybody goes past."""

    def __init__(self, ports: tuple[int, ...], *, fail_open: bool, now: frozenset[int] = frozenset()) -> None:
        """`now` are the ports that share it as this begins."""
        self._ports, self._fail_open = frozenset(ports), fail_open
        self.now = now if fail_open else self._ports
        self._alone_since: float | None = None

    def decide(self, serving: frozenset[int], steady: float, *, coming: bool = True) -> frozenset[int]:
        """The ports to share among, given those that listen, and whether more are `coming`: whether anything is there
        that would start a worker again. `steady` is a clock in seconds that nobody can set."""
        here = serving & self._ports
        if here:
            self._alone_since, self.now = None, here
        elif not self._fail_open:
            self.now = self._ports
        elif not coming:
            self.now = frozenset()
        elif self._alone_since is None:
            self._alone_since = steady
        elif steady - self._alone_since >= PATIENCE_SECONDS:
            self.now = frozenset()
        return self.now


@dataclass(slots=True)
class Stretch:
    """The stretch without redirect that is under way; times are UTC milliseconds, 0 for none."""

    file: Path
    from_ms: int = 0
    seen_ms: int = 0
    """When it was last known that everybody enrolled is redirected."""

    @staticmethod
    def read(file: Path) -> "Stretch":
        """As the last process left it."""
        try:
            told = json.loads(file.read_bytes())
            return Stretch(file, int(told["from_ms"]), int(told["seen_ms"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Stretch(file)

    def begin(self, now_ms: int) -> None:
        """Devices go past from now on."""
        if not self.from_ms:
            self.from_ms = now_ms
            self._save()

    def seen(self, now_ms: int) -> None:
        """Everybody enrolled is redirected at this moment."""
        self.seen_ms = now_ms
        self._save()

    def end(self, now_ms: int) -> tuple[int, int] | None:
        """Devices are redirected again: the stretch, once; None where there was none."""
        if not self.from_ms:
            return None
        stretch = (min(self.from_ms, now_ms), now_ms)
        self.from_ms, self.seen_ms = 0, now_ms
        return stretch

    def _save(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            write_whole(self.file, json.dumps({"from_ms": self.from_ms, "seen_ms": self.seen_ms}).encode())
        except OSError as fault:
            log.error("bypass_not_kept", errno=fault.errno)
