"""A supervised gateway for tests: the real command, its workers, and what they said when they became ready."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School

WAIT: float = 120
"""Seconds that a start may take on a busy machine."""


def command(root: Path, before: str = "") -> list[str]:
    """`fairgate gateway`; `before` is Python that runs first, in the supervisor alone."""
    if not before:
        return [sys.executable, "-W", "ignore", "-m", "fairgate", "gateway", "--state", str(root)]
    code = (
        f"{before}\nimport sys; sys.argv = ['fairgate', 'gateway', '--state', {str(root)!r}]\n"
        "import fairgate; fairgate.main()"
    )
    return [sys.executable, "-W", "ignore", "-c", code]


def told(school: School, worker: int) -> dict[str, Any] | None:
    """What the worker said when it became ready; None while it is not."""
    try:
        found: dict[str, Any] = json.loads((school.root / "run" / f"gateway-{worker}.ready").read_text())
    except (OSError, ValueError):
        return None
    return found if alive(found["pid"]) else None


def worker_of(state: Path) -> int:
    """The process of worker 0; 0 while it does not listen."""
    try:
        return int(json.loads((state / "run" / "gateway-0.ready").read_text())["pid"])
    except (OSError, ValueError):
        return 0


def pid(school: School, worker: int) -> int:
    found = told(school, worker)
    assert found is not None
    return int(found["pid"])


def alive(process_id: int) -> bool:
    """Whether it runs; a process that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def all_ready(school: School, workers: int) -> bool:
    return all(told(school, number) is not None for number in range(workers))


def back(school: School, worker: int, former: int) -> float:
    """Wait until the worker serves again as another process than `former`; after how many seconds."""
    begun = time.monotonic()
    assert wait_until(lambda: (found := told(school, worker)) is not None and found["pid"] != former, WAIT)
    return time.monotonic() - begun


@contextmanager
def supervised(
    school: School,
    workers: int,
    *,
    before: str = "",
    inside: list[str] | None = None,
    env: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """`fairgate gateway` with all its workers serving; `inside` is put before the command. Ended at the end."""
    log = school.root / "gateway.log"
    with log.open("a") as said:
        process = subprocess.Popen(
            [*(inside or []), *command(school.root, before)],
            cwd=REPOSITORY,
            stdout=said,
            stderr=said,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore", **(env or {})},
        )
    try:
        assert wait_until(lambda: all_ready(school, workers) or process.poll() is not None, WAIT), log.read_text()
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
