"""Three network namespaces for tests: a client, a gateway between, and a server. No packet leaves them."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENT, CLIENT6 = "10.77.1.2", "fd77:1::2"
SERVER, SERVER6 = "10.77.2.2", "fd77:2::2"
GATEWAY_PORT = 8080
SHIPPED_RULES = Path(__file__).parents[2] / "config" / "deploy" / "nftables" / "fairgate.nft"
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
def three_namespaces() -> Iterator[Namespaces]:
    """Client 10.77.1.2 - gateway - server 10.77.2.2, and the same over IPv6, with the shipped rules for that client."""
    tail = str(os.getpid() % 100_000)
    made = Namespaces(f"fgc{tail}", f"fgg{tail}", f"fgs{tail}")
    names = (made.client, made.gateway, made.server)
    try:
        for name in names:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
            made.run(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        _cable(made.client, made.gateway, "school", 1)
        _cable(made.server, made.gateway, "outside", 2)
        made.run(made.gateway, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def load_rules(made: Namespaces, folder: Path) -> None:
    """The ruleset we ship, for the interface and the client of these namespaces."""
    rules = SHIPPED_RULES.read_text("utf-8").replace('"eth1"', '"school"')
    file = folder / "fairgate.nft"
    file.write_text(rules.replace("define gateway_port = 8080", f"define gateway_port = {GATEWAY_PORT}"), "utf-8")
    for command in (
        ("nft", "-f", str(file)),
        ("nft", "add", "element", "inet", "fairgate", "staff4", f"{{ {CLIENT} }}"),
        ("nft", "add", "element", "inet", "fairgate", "staff6", f"{{ {CLIENT6} }}"),
    ):
        done = made.run(made.gateway, *command)
        assert done.returncode == 0, done.stderr


def _cable(end: str, gateway: str, interface: str, number: int) -> None:
    """A veth pair between `end` (address 2) and `gateway` (address 1, as `interface`)."""
    _ip("link", "add", "eth0", "netns", end, "type", "veth", "peer", "name", interface, "netns", gateway)
    for name, device, last in ((end, "eth0", 2), (gateway, interface, 1)):
        _ip("-n", name, "addr", "add", f"10.77.{number}.{last}/24", "dev", device)
        _ip("-n", name, "addr", "add", f"fd77:{number}::{last}/64", "dev", device, "nodad")
        _ip("-n", name, "link", "set", device, "up")
    _ip("-n", end, "route", "add", "default", "via", f"10.77.{number}.1")
    _ip("-n", end, "-6", "route", "add", "default", "via", f"fd77:{number}::1")


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
