"""Three network namespaces for tests: a client, a gateway between, and a server. No packet leaves them."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from analytics.nft.ruleset import FOR_GOOD, Enrolled, Ruleset
from tests.proxy_addons.local_web import wait_until

CLIENT, CLIENT6 = "10.77.1.2", "fd77:1::2"
SERVER, SERVER6 = "10.77.2.2", "fd77:2::2"
GATEWAY_PORT = 8080
INTERFACE = "school"
"""The gateway's, towards the client."""
REPOSITORY = Path(__file__).parents[2]
_TRIOS = itertools.count()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or shutil.which("certutil") is None, reason="needs chromium and certutil"
)
_NEEDED = ("ip", "nft", "curl")


def unavailable() -> str:
    """Why namespaces cannot be used here; "" where they can."""
    if missing := [tool for tool in _NEEDED if shutil.which(tool) is None]:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    probe = f"fg-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return f"network namespaces are not allowed here: {made.stderr.strip()}" if made.returncode else ""


@dataclass(frozen=True)
class Namespaces:
    """Their names. `run` waits for a command inside one; `start` does not."""

    client: str
    gateway: str
    server: str

    @staticmethod
    def inside(namespace: str, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", namespace, *command]

    def run(
        self, namespace: str, *command: str, env: dict[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.inside(namespace, command), capture_output=True, text=True, check=False, timeout=timeout, env=env
        )


@contextmanager
def three_namespaces(*, switched: bool = False) -> Iterator[Namespaces]:
    """Client 10.77.1.2 - gateway - server 10.77.2.2, and the same over IPv6. No rules yet.

    Where it is `switched`, the gateway's side of the school is a switch, into which more devices can be plugged."""
    tail = f"{os.getpid() % 100_000}{chr(ord('a') + next(_TRIOS) % 26)}"
    made = Namespaces(f"fgc{tail}", f"fgg{tail}", f"fgs{tail}")
    names = (made.client, made.gateway, made.server)
    try:
        for name in names:
            ip_command("netns", "add", name)
            ip_command("-n", name, "link", "set", "lo", "up")
            made.run(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        cable(made.client, made.gateway, INTERFACE, 1, switched=switched)
        cable(made.server, made.gateway, "outside", 2)
        made.run(made.gateway, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def load_rules(made: Namespaces, folder: Path) -> None:
    """The ruleset of one worker on GATEWAY_PORT, for the client alone, and nobody to keep it in line."""
    ruleset = Ruleset(interfaces=(INTERFACE,), ports=(GATEWAY_PORT,), gateway_uid=os.geteuid(), resolvers=())
    file = folder / "rules.nft"
    file.write_text(ruleset.table(Enrolled(frozenset({CLIENT, CLIENT6})), ruleset.ports, FOR_GOOD), "utf-8")
    done = made.run(made.gateway, "nft", "-f", str(file))
    assert done.returncode == 0, done.stderr


def more_clients(made: Namespaces, count: int) -> list[str]:
    """Give the client `count` more addresses, as if it were as many devices: curl --interface takes one of them."""
    addresses = [f"10.77.1.{number}" for number in range(20, 20 + count)]
    for address in addresses:
        ip_command("-n", made.client, "addr", "add", f"{address}/24", "dev", "eth0")
    return addresses


def fairgate(*arguments: str) -> list[str]:
    """The command line, as a command."""
    return [sys.executable, "-W", "ignore", "-m", "fairgate", *arguments]


@contextmanager
def running(made: Namespaces, state: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`fairgate ARGUMENTS`, such as "nft follow", in the gateway's namespace, once it is ready; ended at the end."""
    name = arguments[0]
    log, ready = state / f"{name}.log", state / "run" / f"{name}.ready"
    ready.unlink(missing_ok=True)
    with log.open("a") as said:
        child = subprocess.Popen(
            made.inside(made.gateway, fairgate(*arguments, "--state", str(state))),
            cwd=REPOSITORY,
            stdout=said,
            stderr=said,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    try:
        assert wait_until(lambda: ready.exists() or child.poll() is not None, 120), log.read_text()
        assert child.poll() is None, log.read_text()
        yield child
    finally:
        child.terminate()
        child.wait(60)


def chromium(made: Namespaces, folder: Path, authority: str, url: str, *more: str) -> subprocess.CompletedProcess[str]:
    """A headless browser in the client namespace, which trusts `authority` and finds every site at the server."""
    trust = folder / ".pki" / "nssdb"
    trust.mkdir(parents=True)
    for command in (
        ("-N", "--empty-password"),
        ("-A", "-n", "school", "-t", "C,,", "-i", authority),
    ):
        subprocess.run(["certutil", "-d", f"sql:{trust}", *command], check=True, capture_output=True)
    assert CHROMIUM is not None
    return made.run(
        made.client,
        *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
        *(f"--user-data-dir={folder / 'profile'}", f"--host-resolver-rules=MAP * {SERVER}"),
        *("--virtual-time-budget=8000", *more, "--dump-dom", url),
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        timeout=90,
    )


@contextmanager
def served_web(made: Namespaces, folder: Path) -> Iterator[None]:
    """The server namespace's web: any site, on 443 and 80, under an authority of its own."""
    command = [sys.executable, "-m", "tests.proxy_addons.local_web", str(folder), "::"]
    web = subprocess.Popen(made.inside(made.server, command), cwd=REPOSITORY, text=True, stdin=-1, stdout=-1)
    assert web.stdout is not None
    assert web.stdout.readline() == "ready\n"
    try:
        yield
    finally:
        web.communicate(timeout=20)


def cable(end: str, gateway: str, interface: str, number: int, *, switched: bool = False) -> None:
    """A veth pair between `end` (address 2) and `gateway` (address 1, as `interface`)."""
    plug = f"plug{number}" if switched else interface
    ip_command("link", "add", "eth0", "netns", end, "type", "veth", "peer", "name", plug, "netns", gateway)
    if switched:
        ip_command("-n", gateway, "link", "add", interface, "type", "bridge")
        ip_command("-n", gateway, "link", "set", plug, "master", interface, "up")
    for name, device, last in ((end, "eth0", 2), (gateway, interface, 1)):
        ip_command("-n", name, "addr", "add", f"10.77.{number}.{last}/24", "dev", device)
        ip_command("-n", name, "addr", "add", f"fd77:{number}::{last}/64", "dev", device, "nodad")
        ip_command("-n", name, "link", "set", device, "up")
    ip_command("-n", end, "route", "add", "default", "via", f"10.77.{number}.1")
    ip_command("-n", end, "-6", "route", "add", "default", "via", f"fd77:{number}::1")


def ip_command(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
