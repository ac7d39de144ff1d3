"""Whether a Fairgate process is up and ready, seen from outside it: for `fairgate health`, containers and monitoring.

Reads what each process leaves in STATE/run: <process>.lock, written when it starts, and <process>.ready, written once
it serves. Promises: asking disturbs nothing (no lock is taken, no port opened), and what a process that was killed left
behind is never taken for a running one's.
"""

import json
import os
from pathlib import Path

from config.errors import FairgateError
from config.state import StateFolder

PROCESSES = ("gateway", "identity", "nft", "store", "dashboard")
_COMMANDS = {"nft": "nft follow"}


def check(state: StateFolder, process: str) -> str | None:
    """None where `process` is up and ready, else one sentence that says what is wrong.

    Raises:
        FairgateError: there is no such process.
    """
    if process not in PROCESSES:
        raise FairgateError(f"There is no process {process!r}: ask for {', '.join(PROCESSES)}.")
    lock = state.root / "run" / f"{process}.lock"
    owner = _process_id(lock)
    if owner is None or not _alive(owner):
        command = _COMMANDS.get(process, process)
        return f"fairgate {process} is not running on {state.root}. Start it with `fairgate {command}`."
    if _written(lock.with_suffix(".ready")) < _written(lock):
        return f"fairgate {process} (process {owner}) is starting on {state.root} and does not serve yet."
    return _missing_workers(lock.with_suffix(".ready"))


def _missing_workers(ready: Path) -> str | None:
    """A sentence where a gateway's supervisor runs without one of its workers."""
    try:
        count = len(json.loads(ready.read_bytes())["workers"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    missing = [number for number in range(count) if not _worker_alive(ready.with_name(f"gateway-{number}.ready"))]
    if not missing:
        return None
    return (
        f"The gateway runs, but of its {count} workers number {', '.join(map(str, missing))} (counted from 0) does not "
        "serve. It is started again by itself; if this stays, the gateway's log says why it ends."
    )


def _worker_alive(ready: Path) -> bool:
    try:
        return _alive(int(json.loads(ready.read_bytes())["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _process_id(lock: Path) -> int | None:
    try:
        return int(lock.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _written(path: Path) -> int:
    """When, in nanoseconds; -1 where the file is absent."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return -1


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another account's process: alive
        return True
    return True
