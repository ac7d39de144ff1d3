"""One network namespace for tests of the kernel's rules, with an interface named "school" that leads nowhere."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tracked import ROOT

_NUMBERS = itertools.count()
INTERFACE = "school"


@contextmanager
def one_namespace() -> Iterator[str]:
    """Its name."""
    name = f"fgk{os.getpid() % 100_000}x{next(_NUMBERS)}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        for command in (
            ("link", "add", INTERFACE, "type", "veth", "peer", "name", "far"),
            ("link", "set", "lo", "up"),
            ("link", "set", INTERFACE, "up"),
        ):
            subprocess.run(["ip", "-n", name, *command], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)


def inside(namespace: str, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """What a command says in the namespace."""
    return subprocess.run(
        ["ip", "netns", "exec", namespace, *command],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )


def fairgate(namespace: str, state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`fairgate ARGUMENTS` in the namespace."""
    command = [sys.executable, "-W", "ignore", "-m", "fairgate", *arguments, "--state", str(state)]
    return inside(namespace, *command)


def rules(namespace: str) -> str:
    """Everything that stands in the kernel, as nft lists it; without how long an address still holds."""
    return inside(namespace, "nft", "--stateless", "list", "ruleset").stdout
