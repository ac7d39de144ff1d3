"""A day at a school whose gateway stands in line: enrolled by the commands of the read-me, with everything real.

Leases of a real dnsmasq, accounting of a real RADIUS client, a real browser, nftables, two workers, `fairgate
identity`, `fairgate nft follow`; and no store until the evening.
"""

import json
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from analytics.sources.source import now_ms
from config.state import StateFolder
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import INTERFACE, SERVER, fairgate, running
from tests.end_to_end.school_network import SchoolNetwork
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY
from tests.proxy_addons.supervised import alive

HAND_OVER_MS = 5_000
"""A hand-over takes up to a second and a quarter; the rest is for a machine that is busy with its tests."""
SECRET = "testing-123"
FIRST_PORT = 18080
WORKERS = (":18080", ":18081")
MACS = {"laptop": "02:00:00:00:0b:01", "new": "02:00:00:00:0b:02", "shared": "02:00:00:00:0b:03"}
PUPILS = "02:00:00:00:0b:04"
SETTINGS = f"""
[gateway]
mode = "transparent"
listen_host = ""
listen_port = 18080
workers = 2
upstream_ca = "{{web_ca}}"

[transparent]
interfaces = ["{INTERFACE}"]
gateway_user = "root"

[[identity.leases]]
kind = "dnsmasq"
path = "{{leases}}"

[[identity.radius.nas]]
name = "wifi"
address = "127.0.0.1"
secret_file = "{{secret}}"
"""


@dataclass
class SchoolDay:
    """One school, from enrolment to evening."""

    network: SchoolNetwork
    root: Path
    web_ca: Path
    stack: ExitStack
    people: dict[str, str] = field(default_factory=dict)
    """First name to id."""
    taken_over_ms: dict[str, int] = field(default_factory=dict)
    """Host to when (UTC ms) somebody else's traffic to it began to come from where a member of staff had been."""
    killed: tuple[str, int] = ("", 0)
    """The gateway name of the worker that was killed, and when."""

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.root)

    @property
    def ca(self) -> Path:
        return self.state.ca / "mitmproxy-ca-cert.pem"

    def fairgate(self, *arguments: str) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(
            fairgate(*arguments, "--state", str(self.root)),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def enrol(self) -> None:
        """Anne and Ben were told; Una was not. A laptop each for Anne and Una, one shared computer, one pupil's."""
        heads = ("--headteacher", "Mary Oak", "--chair", "Jo Hill", "--technician", "Sam Ash")
        self.fairgate("init", "--school", "oak", "--school-name", "Oak Primary", *heads)
        secret = self.network.folder / "radius-secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        with self.state.settings.open("a") as settings:
            settings.write(SETTINGS.format(web_ca=self.web_ca, leases=self.network.leases, secret=secret))
        for name in ("Anne", "Ben", "Una"):
            said = self.fairgate("people", "add", f"{name} Bell", "--type", "teacher", "--proxy-username", name.lower())
            self.people[name] = said.split()[0]
        for device, owner in (("laptop", "Anne"), ("new", "Una")):
            owned = ("--class", "staff", "--mac", MACS[device], "--person", self.people[owner])
            self.fairgate("devices", "add", "--label", device, *owned)
        self.fairgate("devices", "add", "--class", "shared", "--mac", MACS["shared"], "--label", "Hall computer")
        self.fairgate("devices", "add", "--class", "pupil", "--mac", PUPILS)
        self.fairgate("told", self.people["Anne"], self.people["Ben"], "--how", "training_day")
        self.fairgate("publish")

    def open(self) -> None:
        """Start what stands in line: identity, the gateway, the firewall's part."""
        for arguments in (("identity",), ("gateway",), ("nft", "follow")):
            self.stack.enter_context(running(self.network.made, self.root, *arguments))

    def curl(self, device: str, url: str, authority: Path, *more: str) -> subprocess.CompletedProcess[str]:
        """A page visit from a device that trusts one authority alone."""
        host = url.split("/")[2]
        resolve = [item for port in (80, 443) for item in ("--resolve", f"{host}:{port}:{SERVER}")]
        command = ("curl", "-sS", "-m", "20", "--cacert", str(authority), *PAGE, *resolve, *more, url)
        return self.network.made.run(self.network.devices[device], *command)

    def opened(self, device: str, url: str) -> bool:
        """Whether a visit goes through the gateway, decrypted."""
        return self.curl(device, url, self.ca).returncode == 0

    def past(self, device: str, url: str) -> bool:
        """Whether a visit meets the site itself, under its own certificate."""
        return self.curl(device, url, self.web_ca).returncode == 0

    @contextmanager
    def browsing(self, device: str, host: str) -> Iterator[None]:
        """A page of `host` by plain HTTP every 50 ms or so, whoever answers; in the end some seconds longer than any
        hand-over takes."""
        one = ("curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}\\n", *PAGE)
        page = shlex.join([*one, "--resolve", f"{host}:80:{SERVER}", f"http://{host}/news"])
        seen = self.network.folder / f"browsed-{host}"
        command = ["sh", "-c", f"while :; do {page}; sleep 0.05; done >{shlex.quote(str(seen))}"]
        self.taken_over_ms[host] = now_ms()
        with subprocess.Popen(self.network.made.inside(self.network.devices[device], command)) as browser:
            try:
                yield
                time.sleep(HAND_OVER_MS / 1000 + 2)
            finally:
                browser.kill()
        assert seen.read_text().split().count("200") >= 10, seen.read_text()[:200]

    def until_opened(self, device: str) -> None:
        """Wait until the device's traffic is redirected and somebody answers for it."""
        assert wait_until(lambda: self.opened(device, f"https://wait-{device}.gov.uk/"), 60), self.said()

    def until_past(self, device: str) -> None:
        assert wait_until(lambda: self.past(device, f"https://wait-{device}.gov.uk/"), 60), self.said()

    def accounting(self, status: str, user: str, session: str) -> None:
        """What the access point says of the shared computer."""
        station = MACS["shared"].upper().replace(":", "-")
        said = (
            f'Acct-Status-Type = {status}, User-Name = "{user}", Acct-Session-Id = "{session}", '
            f'Calling-Station-Id = "{station}", NAS-Port-Type = Wireless-802.11'
        )
        command = self.network.made.inside(
            self.network.made.gateway, ["radclient", "-x", "127.0.0.1:1813", "acct", SECRET]
        )
        done = subprocess.run(command, input=said, capture_output=True, text=True, check=False, timeout=60)
        assert "Received Accounting-Response" in done.stdout, done.stdout + done.stderr

    def probe(self, device: str) -> str:
        """Where the computer is sent when it asks by itself whether the network wants something."""
        done = self.curl(device, "http://connectivitycheck.gstatic.com/generate_204", self.web_ca, "-i")
        found = re.search(r"^location: (\S+)", done.stdout, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    def workers_of(self, device: str) -> list[int]:
        """The ports of the workers that have a connection of this device now."""
        address = self.network.address(device)
        shown = self.network.made.run(self.network.made.gateway, "ss", "-Htn", "state", "established").stdout
        ends = [line.split()[2:4] for line in shown.splitlines()]
        return [
            int(here.rpartition(":")[2])
            for here, there in ends
            if f"{address}:" in there.replace("]", "") and here.endswith(WORKERS)
        ]

    def worker(self, port: int) -> int:
        """The process that listens on that port; 0 while none does."""
        file = self.root / "run" / f"gateway-{port - FIRST_PORT}.ready"
        try:
            found = int(json.loads(file.read_text())["pid"])
        except (OSError, ValueError):
            return 0
        return found if alive(found) else 0

    def listed(self, person_id: str) -> str:
        """What `fairgate people list` says of somebody."""
        return next(line for line in self.fairgate("people", "list").splitlines() if line.startswith(person_id))

    def said(self) -> str:
        """What the processes wrote, for a test that failed."""
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.root.glob("*.log")))


def browser_in(namespace: str, folder: Path) -> Path:
    """A program that is Chromium, in a network namespace."""
    chromium = shutil.which("chromium")
    assert chromium
    path = folder / f"chromium-in-{namespace}"
    path.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {chromium} "$@"\n', "ascii")
    path.chmod(0o755)
    return path
