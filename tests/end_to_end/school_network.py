"""A school's network for tests: devices on one switch, the gateway that gives them addresses, and a server outside.

Everything is real: network namespaces, a bridge, dnsmasq, DHCP clients. No packet leaves them.
"""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end import namespaces
from tests.end_to_end.namespaces import INTERFACE, Namespaces, ip_command
from tests.proxy_addons.local_web import wait_until

GATEWAY, GATEWAY6 = "10.77.1.1", "fd77:1::1"
_NEEDED = ("dnsmasq", "udhcpc", "dhcp_release", "radclient")
_TAILS = itertools.count()
_BOUND = """#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr flush dev "$interface"
ip addr add "$ip/24" dev "$interface"
ip route replace default via "$router"
"""


def unavailable() -> str:
    """Why a school's network cannot be made here; "" where it can."""
    missing = [tool for tool in _NEEDED if shutil.which(tool) is None]
    return namespaces.unavailable() or (f"not installed: {', '.join(missing)}" if missing else "")


@dataclass
class SchoolNetwork:
    """`made` holds the gateway and the server; `made.client` is a device with the fixed address 10.77.1.2."""

    made: Namespaces
    folder: Path
    stack: ExitStack
    devices: dict[str, str] = field(default_factory=dict)

    @property
    def leases(self) -> Path:
        """dnsmasq's file of leases."""
        return self.folder / "dnsmasq.leases"

    def device(self, name: str, mac: str) -> str:
        """Plug a device in, without an address; its namespace."""
        tail = f"{os.getpid() % 100_000}{next(_TAILS)}"
        namespace, plug = f"fgd{tail}", f"p{tail}"
        ip_command("netns", "add", namespace)
        self.stack.callback(subprocess.run, ["ip", "netns", "del", namespace], capture_output=True, check=False)
        ip_command("-n", namespace, "link", "set", "lo", "up")
        ip_command("link", "add", "eth0", "netns", namespace, "type", "veth", "peer", plug, "netns", self.made.gateway)
        ip_command("-n", namespace, "link", "set", "eth0", "address", mac, "up")
        ip_command("-n", self.made.gateway, "link", "set", plug, "master", INTERFACE, "up")
        self.devices[name] = namespace
        return namespace

    def lease(self, name: str, wanted: str | None = None) -> str:
        """Ask for an address, as a device that is switched on does; the address."""
        script = self.folder / "bound.sh"
        if not script.exists():
            script.write_text(_BOUND, "ascii")
            script.chmod(0o755)
        asked = ("-r", wanted) if wanted else ()
        command = ("udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "20", "-T", "1", "-s", str(script), *asked)
        done = self.made.run(self.devices[name], *command)
        assert done.returncode == 0, done.stderr
        return self.address(name)

    def address(self, name: str) -> str:
        """The IPv4 address that the device has now."""
        shown = self.made.run(self.devices[name], "ip", "-4", "-o", "addr", "show", "dev", "eth0").stdout
        return shown.split("inet ")[1].split("/")[0]

    def unplug(self, name: str) -> None:
        """It is switched off, and gives its address back."""
        namespace = self.devices[name]
        mac = self.made.run(namespace, "cat", "/sys/class/net/eth0/address").stdout.strip()
        ip_command("-n", namespace, "addr", "flush", "dev", "eth0")
        leased = [line.split()[2] for line in self.leases.read_text().splitlines() if line.split()[1] == mac]
        for address in leased:
            released = self.made.run(self.made.gateway, "dhcp_release", INTERFACE, address, mac)
            assert released.returncode == 0, released.stderr


@contextmanager
def school_network(folder: Path, *dhcp_options: str) -> Iterator[SchoolNetwork]:
    """The network, with dnsmasq giving out 10.77.1.100 to 10.77.1.103 for two minutes each."""
    with ExitStack() as stack:
        made = stack.enter_context(namespaces.three_namespaces(switched=True))
        network = SchoolNetwork(made, folder, stack)
        ranged = "--dhcp-range=10.77.1.100,10.77.1.103,255.255.255.0,2m"
        options = [f"--dhcp-option={option}" for option in dhcp_options]
        said = stack.enter_context((folder / "dnsmasq.log").open("w"))
        server = subprocess.Popen(
            made.inside(
                made.gateway,
                [
                    *("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--port=0", "--no-ping"),
                    *(f"--interface={INTERFACE}", "--bind-interfaces", f"--dhcp-leasefile={network.leases}"),
                    *(ranged, *options, "--pid-file="),
                ],
            ),
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        stack.callback(server.wait, 30)
        stack.callback(server.terminate)
        assert wait_until(lambda: "DHCP, IP range" in (folder / "dnsmasq.log").read_text()), "dnsmasq did not start"
        yield network
