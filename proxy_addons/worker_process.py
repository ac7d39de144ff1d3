"""One worker of the gateway, seen from its supervisor: a process of its own, started anew whenever it ends.

Owns the process, the pipe on which it beats, and how long to wait before the next start. Promises: a worker is a fresh
Python, never a fork of the supervisor; what it has to say it says on the supervisor's own standard error; the first
restart is at once, and one that keeps ending is started less and less often.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import structlog

SILENT_SECONDS: Final = 30.0
"""An event loop that is silent for so long hangs."""
STARTING_SECONDS: Final = 120.0
"""A worker that does not listen after so long hangs: a slow machine with large lists needs its time."""
STEADY_SECONDS: Final = 60.0
"""After serving for so long, an end is an accident and no longer a loop."""
PAUSES: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before the next start, by how often in a row it ended early."""

log = structlog.get_logger("fairgate.gateway")


class WorkerProcess:
    """Worker `number` of the gateway whose state folder is `root`. Not started yet."""

    def __init__(self, root: Path, number: int) -> None:
        self.number = number
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._early, self._next_start = 0, 0.0
        self._heard, self._serving_since = 0.0, 0.0
        self.pipe = -1
        """File descriptor on which it beats; -1 while it does not run."""

    @property
    def alive(self) -> bool:
        """Whether its process runs, and does not hang as far as is known."""
        return self._process is not None and time.monotonic() < self._silent_at()

    @property
    def serving(self) -> bool:
        """Whether it said that it listens, and still runs."""
        return self._process is not None and self._serving_since > 0

    def due(self) -> bool:
        """Whether it is to be started now."""
        return self._process is None and time.monotonic() >= self._next_start

    def start(self) -> None:
        """Start it; returns at once. Where the system has no room for a process, it is tried again later."""
        self.pipe, writing = os.pipe()
        os.set_blocking(self.pipe, False)
        self._heard, self._serving_since = time.monotonic(), 0.0
        try:
            self._process = self._begun(writing)
        except OSError as fault:
            log.error("worker_not_started", worker=self.number, errno=fault.errno)
            self._later()
            self._let_go()
        finally:
            os.close(writing)

    def _begun(self, writing: int) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in a terminal reaches the supervisor alone, which stops the workers in order.
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "fairgate", "gateway", "--state", str(self._root)),
                *("--worker", str(self.number), "--beat", str(writing)),
            ],
            stdin=subprocess.DEVNULL,
            pass_fds=(writing,),
            start_new_session=True,
        )

    def listen(self) -> int | None:
        """Take in what it beat; its exit status once it has ended (negative: the signal), else None."""
        beaten = None
        with contextlib.suppress(BlockingIOError):
            beaten = os.read(self.pipe, 65536)
        if beaten:
            self._heard = time.monotonic()
            self._serving_since = self._serving_since or self._heard
        return self._ended() if beaten == b"" else None

    def kill_if_silent(self) -> None:
        """End it where it hangs; `listen` then tells."""
        if self._process is not None and not self.alive:
            log.error("worker_hangs", worker=self.number, silent_s=round(time.monotonic() - self._heard))
            self._process.kill()

    def ask_to_stop(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end, at most until the monotonic time `until`; then it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("worker_killed", worker=self.number, why="did not stop in time")
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _silent_at(self) -> float:
        return self._heard + (SILENT_SECONDS if self._serving_since else STARTING_SECONDS)

    def _ended(self) -> int:
        """The pipe is closed: the process is gone, or as good as."""
        assert self._process is not None  # noqa: S101 - for the type checker; it had a pipe
        try:
            status = self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        served = time.monotonic() - self._serving_since if self._serving_since else 0.0
        self._let_go()
        if served >= STEADY_SECONDS:
            self._early = 0
        pause = self._later()
        tell = log.error if self._early > 1 else log.warning
        tell(
            "worker_ended",
            worker=self.number,
            how=_how(status),
            served_s=round(served),
            in_a_row=self._early,
            again_in_s=pause,
        )
        return status

    def _later(self) -> float:
        """Set the time of the next start, in how many seconds: none after the first end."""
        pause = PAUSES[min(self._early, len(PAUSES) - 1)]
        self._early += 1
        self._next_start = time.monotonic() + pause
        return pause

    def _let_go(self) -> None:
        os.close(self.pipe)
        self.pipe, self._process, self._serving_since = -1, None, 0.0


def _how(status: int) -> str:
    if status >= 0:
        return f"exit {status}"
    return signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
