"""Checks of Fairgate's own processes, and of the sockets by which they find each other."""

import socket
from pathlib import Path

from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend
from config.errors import FairgateError
from config.health import PROCESSES, check

_ALWAYS = ("gateway", "store", "dashboard")


def processes(seen: Examined) -> Findings:
    """Whether each process is up and ready. Those that only a redirecting gateway needs are asked for there."""
    for process in PROCESSES:
        if process in _ALWAYS or seen.transparent:
            try:
                fault = check(seen.state, process)
            except FairgateError as wrong:
                fault = str(wrong)
            if fault:
                yield mend(f"The {process} is not at work.", seen.state.root / "run", fault)


def sockets(seen: Examined) -> Findings:
    """Whether somebody answers at the sockets of the processes that run."""
    for process, path in (("store", seen.state.store_socket), ("identity", seen.state.identity_socket)):
        if seen.process_id(process) is not None and not _answers(path):
            yield mend(
                f"The {process} runs, and nobody answers at its socket.", path, f"Restart it: fairgate {process}."
            )


def _answers(path: Path) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_UNIX, kind) as asking:
            asking.settimeout(5)
            try:
                asking.connect(str(path))
            except OSError:
                continue
            return True
    return False
