"""The transparent gateway with apps that pin, and with tunnels on the web's own port."""

import sys
import time
from collections.abc import Iterator

import pytest

from analytics.event import Kind, NotInspected
from analytics.pin_learning import APART_MS, ATTEMPTS
from analytics.snapshot import DeviceClass
from tests.analytics.test_identifying import start, stop
from tests.end_to_end import namespaces
from tests.end_to_end.namespaces import CLIENT, CLIENT6, GATEWAY_PORT, SERVER
from tests.end_to_end.test_namespaces import Place
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import START, School, device
from tests.proxy_addons.running_gateway import stop as stop_gateway

WHY_NOT = namespaces.unavailable()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]

RAW = (
    "import socket, sys, time; s = socket.create_connection((sys.argv[1], 443), 10)\n"
    "s.sendall(bytes.fromhex('0038010000000000') + b'\\x00' * 92); time.sleep(1); s.close()\n"
)
INSIDE_TLS = (
    "import socket, ssl, sys, time; s = socket.create_connection((sys.argv[1], 443), 10)\n"
    "t = ssl.create_default_context(cafile=sys.argv[2]).wrap_socket(s, server_hostname='vpn.example')\n"
    "t.sendall(b'\\x00\\x01\\x02\\x03' * 50); time.sleep(1); t.close()\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("namespaces")
    with namespaces.three_namespaces() as made, namespaces.served_web(made, folder / "web"):
        namespaces.load_rules(made, folder)
        school = School(folder / "state", devices=(device(DeviceClass.STAFF, "p-anne", CLIENT, CLIENT6),))
        ca = folder / "web" / "web-ca.pem"
        school.gateway = {"mode": "transparent", "listen_host": "", "listen_port": GATEWAY_PORT, "upstream_ca": str(ca)}
        school.prepare()
        gateway = school.start(command=made.inside(made.gateway, [sys.executable, "-c", START, str(school.root)]))
        identity = start(school.state)
        try:
            yield Place(made, school, ca)
        finally:
            stop(identity)
            stop_gateway(gateway)


def works(place: Place, host: str) -> bool:
    """Whether an app that trusts nothing but the site's own authority reaches it."""
    done = place.made.run(
        place.made.client,
        *("curl", "-sS", "-m", "10", "--cacert", str(place.web_ca), "--resolve", f"{host}:443:{SERVER}"),
        f"https://{host}/",
    )
    return done.returncode == 0


def test_a_pinned_app_is_let_through_and_other_hosts_at_its_address_are_not(place: Place) -> None:
    for attempt in range(ATTEMPTS):
        time.sleep(APART_MS / 1000 + 0.3 if attempt else 0)
        assert not works(place, "api.pinned.example")
        place.curl("https://www.amazon.co.uk/")
    assert wait_until(lambda: works(place, "api.pinned.example"), 60)
    assert not works(place, "www.pinned.example")
    place.curl("https://www.pinned.example/")
    assert place.events("api.pinned.example")[-1].not_inspected is NotInspected.PINNED
    assert {event.not_inspected for event in place.events("www.pinned.example")} == {NotInspected.INSPECTED}


def test_a_tunnel_on_the_webs_port_is_one_opaque_event_that_accuses_nobody(place: Place) -> None:
    place.made.run(place.made.client, sys.executable, "-c", RAW, SERVER)
    (event,) = place.events(SERVER)
    assert (event.not_inspected, event.scheme, event.port) == (NotInspected.OPAQUE, "tcp", 443)
    assert (event.kind, event.kind_confidence, event.gravity, event.bytes_up) == (Kind.BACKGROUND, 0, 0, 100)


def test_a_tunnel_inside_tls_is_one_too_by_the_name_it_gave(place: Place) -> None:
    place.made.run(place.made.client, sys.executable, "-c", INSIDE_TLS, SERVER, place.school.ca)
    (event,) = place.events("vpn.example")
    assert (event.not_inspected, event.kind, event.bytes_up) == (NotInspected.OPAQUE, Kind.BACKGROUND, 200)
