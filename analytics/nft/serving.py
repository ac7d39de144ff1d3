"""Which of the gateway's workers listen at this moment.

Owns how that is known from outside a worker: the file it leaves while it serves (STATE/run/gateway*.ready), its
process, and the kernel's own list of listening ports. Promises: asking disturbs nothing, no port is opened; what a
killed worker left behind is never taken for a running one's.
"""

import json
import os
import time
from pathlib import Path
from typing import Final

_TABLES: Final = ("tcp", "tcp6")
_LISTENING: Final = "0A"
HANGS_SECONDS: Final = 6.0
"""A worker touches its file every second (proxy_addons.run); one that did not for so long hangs, though its port is
open."""


def serving_ports(run: Path, sockets: Path = Path("/proc/self/net")) -> frozenset[int]:
    """Ports at which a live worker of the state folder whose `run` this is listens."""
    told = {port for file in run.glob("gateway*.ready") if (port := _port(file)) is not None}
    return frozenset(told & listening_ports(sockets)) if told else frozenset()


def listening_ports(sockets: Path = Path("/proc/self/net")) -> set[int]:
    """TCP ports on which anything listens in this process's network, IPv4 and IPv6."""
    found: set[int] = set()
    for table in _TABLES:
        try:
            lines = (sockets / table).read_text("ascii").splitlines()[1:]
        except OSError:  # a machine without IPv6 has no such table
            continue
        for line in lines:
            _, local, _, state, *_ = line.split(maxsplit=4)
            if state == _LISTENING:
                found.add(int(local.rpartition(":")[2], 16))
    return found


def _port(file: Path) -> int | None:
    """Where the worker that wrote `file` listens; None where it is gone or hangs, or the file is the supervisor's."""
    try:
        if time.time() - file.stat().st_mtime > HANGS_SECONDS:
            return None
        told = json.loads(file.read_bytes())
        port, owner = int(told["port"]), int(told["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return port if "workers" not in told and _alive(owner) else None


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another account's process: alive
        return True
    return True
