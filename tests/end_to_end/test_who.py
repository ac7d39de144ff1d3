"""Who it was, for real: leases of a real dnsmasq, accounting of a real RADIUS client, the logon hook, the neighbour
table, in network namespaces; and what the real gateway then puts traffic down to."""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from analytics.bindings import Binding, IdentityReader
from analytics.event import Grade, Method, WebEvent
from analytics.records import BindingChange
from analytics.snapshot import Device, DeviceClass
from analytics.spool import read_records, segments
from tests.end_to_end import namespaces
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import CLIENT6, GATEWAY_PORT, SERVER, SERVER6, Namespaces
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, START, School, stop

MISSING = [tool for tool in ("dnsmasq", "udhcpc", "radclient") if shutil.which(tool) is None]
WHY_NOT = namespaces.unavailable() or (f"not installed: {', '.join(MISSING)}" if MISSING else "")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]

ADDRESS = "10.77.1.100"
"""The only one that the DHCP server has to give."""
ANNES, BENS, TROLLEY = "02:00:00:00:0a:01", "02:00:00:00:0a:02", "02:00:00:00:0a:03"
TOKEN, SECRET = "the-trolleys-token", "testing-123"
RULES = f"""
table inet who {{
    chain there {{
        type nat hook prerouting priority dstnat;
        iifname "school" tcp dport {{ 80, 443 }} redirect to :{GATEWAY_PORT}
    }}
}}
"""
LEASED = """#!/bin/sh
case "$1" in
    deconfig) ip -4 address flush dev "$interface" ;;
    bound | renew)
        ip -4 address flush dev "$interface"
        ip address add "$ip/24" dev "$interface"
        ip route replace default via "$router"
        ;;
esac
"""


def device(number: int, mac: str, person: str | None, token: str = "") -> Device:
    return Device(
        device_id=f"d-{number}",
        device_class=DeviceClass.SHARED if person is None else DeviceClass.STAFF,
        addresses=(),
        person_id=person,
        from_ms=1,
        macs=(mac,),
        token_hash=hashlib.sha256(token.encode()).hexdigest() if token else "",
    )


DEVICES = (device(1, ANNES, "p-anne"), device(2, BENS, "p-ben"), device(3, TROLLEY, None, TOKEN))


class Place:
    """A school with everything running, and one wire in the wall, to which one device after another is plugged."""

    def __init__(self, made: Namespaces, school: School, folder: Path) -> None:
        self.made, self.school, self.folder = made, school, folder
        self.reader = IdentityReader(school.state.identity)
        self._dhcp: subprocess.Popen[str] | None = None

    def plug_in(self, mac: str) -> None:
        """This device is at the wire and has asked for an address."""
        self.pull_out()
        for change in (("down",), ("address", mac), ("up",)):
            assert self.made.run(self.made.client, "ip", "link", "set", "eth0", *change).returncode == 0
        self.made.run(self.made.client, "ip", "address", "add", f"{CLIENT6}/64", "dev", "eth0", "nodad")
        self.made.run(self.made.client, "ip", "-6", "route", "replace", "default", "via", "fd77:1::1")
        command = ["udhcpc", "-i", "eth0", "-f", "-R", "-s", str(self.folder / "leased.sh")]
        self._dhcp = subprocess.Popen(
            self.made.inside(self.made.client, command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )
        assert wait_until(self._has_address)

    def pull_out(self) -> None:
        """It gave its lease back and went."""
        if self._dhcp is not None:
            self._dhcp.terminate()
            self._dhcp.wait(60)

    def _has_address(self) -> bool:
        return ADDRESS in self.made.run(self.made.client, "ip", "address", "show", "dev", "eth0").stdout

    def curl(self, host: str, address: str = SERVER) -> None:
        resolve = [item for port in (80, 443) for item in ("--resolve", f"{host}:{port}:{address}")]
        done = self.made.run(
            self.made.client, "curl", "-sS", "-k", "-m", "15", "-o", "/dev/null", *resolve, *PAGE, f"https://{host}/"
        )
        assert done.returncode == 0, done.stderr

    def accounting(self, status: str, user: str, session: str, mac: str = TROLLEY) -> None:
        """What the school's access point says, by a real RADIUS client."""
        said = (
            f'Acct-Status-Type = {status}, User-Name = "{user}", Acct-Session-Id = "{session}", '
            f'Calling-Station-Id = "{mac.upper().replace(":", "-")}:Staff", NAS-Port-Type = Wireless-802.11'
        )
        done = subprocess.run(
            self.made.inside(self.made.gateway, ["radclient", "-x", "127.0.0.1:1813", "acct", SECRET]),
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Received Accounting-Response" in done.stdout, done.stdout + done.stderr

    def logon(self, user: str) -> None:
        done = self.made.run(
            self.made.client,
            *("curl", "-sS", "-m", "15", "--cacert", self.school.ca, "-H", f"Authorization: Bearer {TOKEN}"),
            *("-d", f'{{"user": "{user}"}}', "-w", "%{http_code}", "https://10.77.1.1:8443/logon"),
        )
        assert done.stdout == "204", done.stdout + done.stderr

    def bound(self, wanted: Callable[[list[Binding]], bool]) -> None:
        """Wait until what holds is as wanted, and every worker has seen it."""

        def holds() -> bool:
            self.reader.look()
            now = time.time_ns() // 1_000_000
            return wanted([item for item in self.reader.now.bindings if item.holds(now)])

        assert wait_until(holds), self.reader.now.bindings
        time.sleep(1.5)

    def seen_at(self, address: str, device_id: str) -> None:
        """Wait until this device, and no other, is known to be at the address."""
        self.bound(
            lambda holding: (
                {item.device_id for item in holding if item.client_ip == address and not item.signed_in} == {device_id}
            )
        )

    def signed_in(self, *expected: tuple[Method, str]) -> None:
        """Wait until exactly these sign-ins stand at the trolley."""
        self.bound(
            lambda holding: (
                {(item.source, item.person_id) for item in holding if item.device_id == "d-3" and item.signed_in}
                == set(expected)
            )
        )

    def named(self, host: str, address: str = SERVER) -> tuple[str | None, Grade, Method, str | None]:
        """Whom a visit to this host is put down to."""
        self.curl(host, address)
        assert wait_until(lambda: bool(self.events(host)))
        event = self.events(host)[0]
        return event.person_id, event.attribution_grade, event.attribution_method, event.device_id

    def events(self, host: str) -> list[WebEvent]:
        return [event for event in self.school.events() if event.host == host]

    def changes(self) -> list[BindingChange]:
        folder = self.school.state.spool / "gate-identity"
        kept = [line.record for segment in segments(folder) for line in read_records(segment.path)]
        return [record for record in kept if isinstance(record, BindingChange)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("who")
    with ExitStack() as running, namespaces.three_namespaces() as made:
        (folder / "who.nft").write_text(RULES)
        assert made.run(made.gateway, "nft", "-f", str(folder / "who.nft")).returncode == 0
        script = folder / "leased.sh"
        script.write_text(LEASED)
        script.chmod(0o755)
        running.enter_context(namespaces.served_web(made, folder / "web"))
        school = _school(folder)
        process = school.start(command=made.inside(made.gateway, [sys.executable, "-c", START, str(school.root)]))
        running.enter_context(_dhcp_server(made, folder))
        running.enter_context(_identity(made, school))
        there = Place(made, school, folder)
        try:
            yield there
        finally:
            there.pull_out()
            there.reader.close()
            stop(process)


def _school(folder: Path) -> School:
    school = School(folder / "state", devices=DEVICES)
    school.gateway = {
        "mode": "transparent",
        "listen_host": "",
        "listen_port": GATEWAY_PORT,
        "upstream_ca": str(folder / "web" / "web-ca.pem"),
    }
    school.identity = {"listen_host": "", "portal_port": 8081, "portal_tls_port": 8443}
    school.prepare()
    secret = folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with school.state.settings.open("a") as settings:
        settings.write(
            f'[[identity.leases]]\nkind = "dnsmasq"\npath = "{folder}/dnsmasq.leases"\n'
            f'[[identity.radius.nas]]\nname = "wifi"\naddress = "127.0.0.1"\nsecret_file = "{secret}"\n'
        )
    return school


@contextmanager
def _dhcp_server(made: Namespaces, folder: Path) -> Iterator[None]:
    command = [
        *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--no-ping"),
        *("--interface=school", "--bind-interfaces", f"--dhcp-range={ADDRESS},{ADDRESS},2m", "--dhcp-authoritative"),
        *(f"--dhcp-leasefile={folder}/dnsmasq.leases", f"--pid-file={folder}/dnsmasq.pid"),
    ]
    process = subprocess.Popen(
        made.inside(made.gateway, command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _identity(made: Namespaces, school: School) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "fairgate.py", "identity", "--state", str(school.root)]
    process = subprocess.Popen(made.inside(made.gateway, command), cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
    ready = school.root / "run" / "identity.ready"
    assert wait_until(lambda: ready.exists() or process.poll() is not None)
    try:
        yield
    finally:
        process.terminate()
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0, said
        assert not any(word in said for word in ("anne", "p-ben", ADDRESS, ANNES, "kid.7")), said


def test_a_lease_that_moves_from_one_laptop_to_another(place: Place) -> None:
    place.plug_in(ANNES)
    place.seen_at(ADDRESS, "d-1")
    assert place.named("one.amazon.co.uk") == ("p-anne", Grade.B, Method.REGISTER, "d-1")
    before = place.events("one.amazon.co.uk")
    place.plug_in(BENS)
    place.seen_at(ADDRESS, "d-2")
    assert place.named("two.amazon.co.uk") == ("p-ben", Grade.B, Method.REGISTER, "d-2")
    assert place.events("one.amazon.co.uk") == before
    bindings = {change.binding_id: change for change in place.changes()}
    for host, mac in (("one.amazon.co.uk", ANNES), ("two.amazon.co.uk", BENS)):
        (event,) = place.events(host)
        assert bindings[event.binding_id or ""].mac == mac


def test_ipv6_is_found_by_the_neighbour_table(place: Place) -> None:
    place.plug_in(BENS)
    place.made.run(place.made.client, "curl", "-sS", "-m", "10", "-o", "/dev/null", "http://[fd77:1::1]:8081/")
    place.seen_at(CLIENT6, "d-2")
    assert place.named("six.amazon.co.uk", f"[{SERVER6}]") == ("p-ben", Grade.B, Method.REGISTER, "d-2")


def test_two_people_and_a_pupil_at_one_shared_device(place: Place) -> None:
    place.plug_in(TROLLEY)
    place.seen_at(ADDRESS, "d-3")
    place.curl("nobody.amazon.co.uk")
    place.logon("anne")
    place.signed_in((Method.HOOK, "p-anne"))
    assert place.named("script.amazon.co.uk") == ("p-anne", Grade.C, Method.HOOK, "d-3")
    place.accounting("Start", "anne", "s-1")
    place.signed_in((Method.HOOK, "p-anne"), (Method.DOT1X, "p-anne"))
    assert place.named("sure.amazon.co.uk") == ("p-anne", Grade.A, Method.DOT1X, "d-3")
    place.logon("kid.7")  # the pupil after the teacher, who did not sign out
    place.signed_in((Method.HOOK, ""))
    place.curl("pupil.amazon.co.uk")
    place.accounting("Interim-Update", "anne", "s-1")  # the access point still has her there
    place.curl("pupil.amazon.co.uk")
    place.logon("TROLLEY$")
    place.accounting("Start", "ben", "s-2")
    place.signed_in((Method.DOT1X, "p-ben"))
    assert place.named("later.amazon.co.uk") == ("p-ben", Grade.A, Method.DOT1X, "d-3")
    place.accounting("Stop", "ben", "s-2")
    place.signed_in()
    place.curl("after.amazon.co.uk")
    place.plug_in(ANNES)
    place.seen_at(ADDRESS, "d-1")
    place.named("last.amazon.co.uk")
    assert [place.events(f"{host}.amazon.co.uk") for host in ("nobody", "pupil", "after")] == [[], [], []]
    assert "kid.7" not in repr(place.changes())
