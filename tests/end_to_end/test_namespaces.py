"""The transparent gateway for real: nftables sends a client's web traffic to it, and the visits stand in the store."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Grade, Kind, NotInspected, WebEvent
from analytics.snapshot import DeviceClass
from tests.end_to_end import namespaces
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import CLIENT, CLIENT6, GATEWAY_PORT, SERVER, SERVER6, Namespaces, chromium
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, START, School, device, stop

WHY_NOT = namespaces.unavailable()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]

LOAD = (
    "import json, sys; from pathlib import Path\n"
    "from analytics.loader import Loader; from analytics.store.embedded import EmbeddedStore\n"
    "from analytics.store.migrate import migrate\n"
    "store = EmbeddedStore(Path(sys.argv[2])); migrate(store)\n"
    "Loader(Path(sys.argv[1]), store, 'oak').run_until_idle()\n"
    "visits = store.query('SELECT person_id, host, category, pulled_in FROM visits')\n"
    "print(json.dumps(visits.to_dict('records'), default=str)); store.close()\n"
)


class Place:
    """A school whose transparent gateway stands between a client and a server."""

    def __init__(self, made: Namespaces, school: School, web_ca: Path) -> None:
        self.made, self.school, self.web_ca = made, school, web_ca

    def curl(self, url: str, *more: str, ca: str | None = None, address: str = SERVER) -> str:
        """What the client gets; fails where curl does."""
        host = url.split("/")[2]
        resolve = [item for port in (80, 443) for item in ("--resolve", f"{host}:{port}:{address}")]
        done = self.made.run(
            self.made.client, "curl", "-sS", "-m", "15", "--cacert", ca or self.school.ca, *resolve, *more, url
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def events(self, host: str, count: int = 1) -> list[WebEvent]:
        def found() -> list[WebEvent]:
            return [event for event in self.school.events() if event.host == host]

        assert wait_until(lambda: len(found()) >= count)
        return found()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("namespaces")
    with namespaces.three_namespaces() as made, namespaces.served_web(made, folder / "web"):
        namespaces.load_rules(made, folder)
        school = _school(folder, folder / "web" / "web-ca.pem")
        process = school.start(command=made.inside(made.gateway, [sys.executable, "-c", START, str(school.root)]))
        try:
            yield Place(made, school, folder / "web" / "web-ca.pem")
        finally:
            stop(process)


def _school(folder: Path, web_ca: Path) -> School:
    school = School(folder / "state", devices=(device(DeviceClass.STAFF, "p-anne", CLIENT, CLIENT6),))
    school.gateway = {
        "mode": "transparent",
        "listen_host": "",
        "listen_port": GATEWAY_PORT,
        "upstream_ca": str(web_ca),
    }
    school.prepare()
    return school


def test_https_goes_through_the_gateway_without_the_client_knowing(place: Place) -> None:
    assert place.curl("https://www.amazon.co.uk/gp", *PAGE) == "<p>/gp</p>"
    (event,) = place.events("www.amazon.co.uk")
    assert (event.person_id, event.attribution_grade, event.client_ip) == ("p-anne", Grade.B, CLIENT)
    assert (event.kind, event.scheme, event.port, event.status) == (Kind.NAVIGATION, "https", 443, 200)


def test_plain_http_goes_through_the_gateway(place: Place) -> None:
    place.curl("http://www.argos.co.uk/", *PAGE)
    (event,) = place.events("www.argos.co.uk")
    assert (event.scheme, event.port, event.person_id) == ("http", 80, "p-anne")


def test_ipv6_is_no_way_round(place: Place) -> None:
    place.curl("https://six.amazon.co.uk/", *PAGE, address=f"[{SERVER6}]")
    (event,) = place.events("six.amazon.co.uk")
    assert (event.client_ip, event.person_id) == (CLIENT6, "p-anne")


def test_banking_reaches_the_client_under_its_own_certificate(place: Place) -> None:
    place.curl("https://www.barclays.co.uk/", ca=str(place.web_ca))
    (event,) = place.events("www.barclays.co.uk")
    assert (event.not_inspected, event.path) == (NotInspected.BANKING, "")


def test_shielded_sites_reach_the_client_and_leave_no_word(place: Place) -> None:
    place.curl("https://www.samaritans.org/", ca=str(place.web_ca))
    place.curl("https://last.argos.co.uk/")
    place.events("last.argos.co.uk")
    spooled = b"".join(path.read_bytes() for path in place.school.spool.glob("0*"))
    assert b"samaritans" not in spooled


def test_a_connection_that_names_no_site_is_passed_through_and_known_by_its_address(place: Place) -> None:
    # curl sends no server name for an address.
    place.made.run(place.made.client, "curl", "-sS", "-k", "-m", "10", f"https://{SERVER}/")
    (event,) = place.events(SERVER)
    assert event.not_inspected is NotInspected.NO_SNI


def test_the_gateways_port_is_no_open_proxy(place: Place) -> None:
    done = place.made.run(
        place.made.client, "curl", "-sS", "-m", "3", "-x", f"http://10.77.1.1:{GATEWAY_PORT}", "http://www.argos.co.uk/"
    )
    assert done.returncode != 0


def test_http3_is_refused_at_once(place: Place) -> None:
    probe = (
        "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)\n"
        f"s.connect(('{SERVER}', 443)); s.send(b'x' * 1200)\n"
        "try:\n    s.recv(1)\nexcept ConnectionRefusedError:\n    print('refused')\n"
    )
    assert place.made.run(place.made.client, sys.executable, "-c", probe).stdout == "refused\n"


@namespaces.needs_chromium
def test_chromium_browses_through_the_gateway(place: Place, tmp_path: Path) -> None:
    done = chromium(place.made, tmp_path, place.school.ca, "https://www.johnlewis.com/page", "--disable-quic")
    assert "Arrived" in done.stdout, done.stderr[-2000:]
    opened = next(
        event for event in place.events("www.johnlewis.com") if event.path == "" and event.kind is Kind.NAVIGATION
    )
    assert (opened.category, opened.person_id, opened.status) == ("shopping", "p-anne", 200)
    (script,) = place.events("static.widgets.example")
    assert (script.kind, script.initiator_host, script.category) == (Kind.SUBRESOURCE, "www.johnlewis.com", "shopping")


@namespaces.needs_chromium
def test_the_visits_of_curl_and_chromium_stand_in_the_store(place: Place, tmp_path: Path) -> None:
    place.curl("https://www.ebay.co.uk/", *PAGE)
    chromium(place.made, tmp_path, place.school.ca, "https://www.etsy.com/page", "--disable-quic")
    place.events("www.ebay.co.uk")
    place.events("www.etsy.com", 2)
    visits = load(place.school.state.spool, tmp_path / "store")
    found = {visit["host"]: visit for visit in visits}
    assert {"www.ebay.co.uk", "www.etsy.com"} <= found.keys()
    assert {visit["person_id"] for visit in visits} == {"p-anne"}
    assert len([visit for visit in visits if visit["host"] == "www.etsy.com"]) == 1
    assert int(found["www.etsy.com"]["pulled_in"]) >= 2


def load(spool: Path, store: Path) -> list[dict[str, Any]]:
    """The visits, after the real loader put the spool into a real store, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD, str(spool), str(store)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    loaded: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return loaded
