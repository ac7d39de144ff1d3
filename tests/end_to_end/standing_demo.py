"""A standing demonstration for tests: `fairgate demo` as a process of its own, on ports of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = "Ctrl-C stops everything."
SECONDS = 240


@dataclass(frozen=True)
class Demo:
    """Where it stands."""

    process: subprocess.Popen[bytes]
    state: Path
    gateway_port: int
    dashboard_port: int

    @property
    def dashboard(self) -> str:
        return f"http://127.0.0.1:{self.dashboard_port}/"

    @property
    def gateway_ca(self) -> Path:
        return self.state / "gateway" / "ca" / "mitmproxy-ca-cert.pem"

    def password(self, key: str) -> str:
        """The made-up password of the cast's member `key`."""
        people = json.loads((self.state / "demonstration" / "people.json").read_text("utf-8"))
        return str(people[key]["password"])


@contextmanager
def standing_demo(state: Path, said: Path) -> Iterator[Demo]:
    """Start it, wait until it invites visitors, and stop it by Ctrl-C; what it says goes to `said`."""
    gateway_port, dashboard_port = free_port(), free_port()
    command = [sys.executable, "-m", "fairgate", "demo", "--state", str(state)]
    command += ["--gateway-port", str(gateway_port), "--dashboard-port", str(dashboard_port)]
    with said.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        _wait_invited(process, said)
        yield Demo(process, state, gateway_port, dashboard_port)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def left_behind(state: Path) -> list[str]:
    """Command lines of processes that still run on `state`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(state) in line and int(folder.name) != os.getpid():
            found.append(line)
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_invited(process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while READY not in said.read_text("utf-8", "replace"):
        assert process.poll() is None, said.read_text("utf-8", "replace")
        assert time.monotonic() < deadline, said.read_text("utf-8", "replace")
        time.sleep(0.2)
