"""The demonstration's child processes: gateway, store and dashboard, each a `fairgate` command of its own.

Owns their starting, the wait until each says that it is ready (STATE/run/<name>.ready), and their ending in order.
Promises: a child that ends while it should run is one sentence with the last lines of its log; `stop` ends and waits
for every one of them, the gateway first, so that nothing is recorded that cannot be loaded; none outlives the parent.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from config.errors import FairgateError
from config.state import StateFolder

STOP_ORDER: Final = ("gateway", "store", "dashboard")
_READY_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 20.0
_LOG_LINES: Final = 12


class Children:
    """Processes by name. `logs` is the folder for what they print."""

    def __init__(self, state: StateFolder, logs: Path) -> None:
        self._state, self._logs = state, logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start `fairgate <name>`; returns at once."""
        self._ready_file(name).unlink(missing_ok=True)
        command = [sys.executable, "-m", "fairgate", name, "--state", str(self._state.root)]
        with self._log(name).open("wb") as log:
            # A session of its own: Ctrl-C in the terminal reaches the parent alone, which stops them in order.
            self._running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait_ready(self, name: str) -> None:
        """Wait until it says that it is ready.

        Raises:
            FairgateError: it ended, or was not ready in two minutes.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while not self._ready_file(name).exists():
            self.check()
            if time.monotonic() > deadline:
                raise FairgateError(f"The {name} was not ready after two minutes. Its log is {self._log(name)}.")
            time.sleep(0.05)

    def check(self) -> None:
        """
        Raises:
            FairgateError: a child ended that should run.
        """
        for name, child in self._running.items():
            if child.poll() is not None:
                raise FairgateError(f"The {name} ended (exit status {child.returncode}):\n{self._last_lines(name)}")

    def stop(self, name: str) -> None:
        """End one child cleanly and wait for it; it is killed where it does not end in time."""
        child = self._running.pop(name, None)
        if child is None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def stop_all(self) -> None:
        """End every child that still runs, in order."""
        for name in STOP_ORDER:
            self.stop(name)

    def _ready_file(self, name: str) -> Path:
        return self._state.root / "run" / f"{name}.ready"

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _last_lines(self, name: str) -> str:
        lines = self._log(name).read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-_LOG_LINES:]) or "it printed nothing"
