"""Which of the gateway's workers listen at this moment.

Owns how that is known from outside a worker: the file it leaves while it serves (STATE/run/gateway*.ready), its
process, and the kernel's own list of listening ports. Promises: asking disturbs nothing, no port is opened; what a
killed worker left behind is never taken for a running one's.
"""

import contextlib
import json
import os
import select
import time
from pathlib import Path
from typing import Final

STOPPING: Final = "gateway.stopping"
"""A gateway that is about to stop says so by this file, while its workers still listen (proxy_addons.supervise)."""
_TABLES: Final = ("tcp", "tcp6")
_LISTENING: Final = "0A"
HANGS_SECONDS: Final = 6.0
"""A worker touches its file every second (proxy_addons.run); one that did not for so long hangs, though its port is
open."""


type _Worker = tuple[int, int]
"""Process and port."""


class Serving:
    """The workers of the state folder whose `run` this is; `sockets` is where the kernel lists its sockets."""

    def __init__(self, run: Path, sockets: Path = Path("/proc/self/net")) -> None:
        self._run, self._sockets = run, sockets
        self._seen: set[_Worker] = set()
        """Those that the kernel said listen. It is asked once a worker: its answer takes a walk through all sockets,
        and a live worker that goes on touching its file keeps its port."""

    def ports(self) -> frozenset[int]:
        """Ports at which a live worker listens, and will go on to."""
        told = {worker for file in self._run.glob("gateway*.ready") if (worker := _worker(file)) is not None}
        self._seen &= told
        if fresh := told - self._seen:
            listening = listening_ports(self._sockets)
            self._seen |= {worker for worker in fresh if worker[1] in listening}
        if (self._run / STOPPING).exists():
            return frozenset()
        return frozenset(port for _, port in self._seen)


def workers_coming(run: Path) -> bool:
    """Whether the gateway's process runs, and would start workers that ended; it would not where it stops."""
    if (run / STOPPING).exists():
        return False
    try:
        return _alive(int((run / "gateway.lock").read_text("ascii")))
    except (OSError, ValueError):
        return False


def listening_ports(sockets: Path = Path("/proc/self/net")) -> set[int]:
    """TCP ports on which anything listens in this process's network, IPv4 and IPv6."""
    found: set[int] = set()
    for table in _TABLES:
        # A machine without IPv6 has no such table.
        with contextlib.suppress(OSError), (sockets / table).open(encoding="ascii") as lines:
            next(lines, None)
            for line in lines:
                _, local, _, state, *_ = line.split(maxsplit=4)
                # Linux lists those that listen first; a busy gateway has thousands of others.
                if state != _LISTENING:
                    break
                found.add(int(local.rpartition(":")[2], 16))
    return found


def _worker(file: Path) -> _Worker | None:
    """The worker that wrote `file`; None where it is gone or hangs, or the file is the supervisor's."""
    try:
        if time.time() - file.stat().st_mtime > HANGS_SECONDS:
            return None
        told = json.loads(file.read_bytes())
        owner, port = int(told["pid"]), int(told["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (owner, port) if "workers" not in told and _alive(owner) else None


def _alive(process_id: int) -> bool:
    """Whether it runs; one that ended does not, though whoever started it has not taken note yet."""
    try:
        handle = os.pidfd_open(process_id)
    except OSError:
        return False
    try:
        return not select.select([handle], [], [], 0)[0]
    finally:
        os.close(handle)
