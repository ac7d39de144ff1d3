"""The transparent gateway with a filter behind it: redirected traffic, over IPv4 and IPv6, goes through the filter as a
named proxy; the client is told to the filter and to nobody on the web; what is refused stays refused."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Grade, NotInspected, WebEvent
from analytics.snapshot import DeviceClass
from tests.end_to_end import namespaces
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import CLIENT, CLIENT6, GATEWAY_PORT, SERVER, SERVER6, Namespaces
from tests.end_to_end.school_filter import BLOCKED, NOT_INSPECTED, REFUSED, Filter
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import START, School, device, stop

WHY_NOT = namespaces.unavailable()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]

CLAIMS = ("-H", "X-Forwarded-For: 10.9.9.9", "-H", "Forwarded: for=10.9.9.9")
FILTER_PORT = 3128
NO_WAY_ROUND = (
    "add table inet guard; add chain inet guard out { type filter hook output priority 0; policy accept; };"
    "add rule inet guard out oifname outside tcp dport { 80, 443 } counter reject"
)
"""In the gateway's namespace: whatever would go past the filter is counted, and refused."""


class Place:
    """A client, a transparent gateway, and behind it a filter on the server's side."""

    def __init__(self, made: Namespaces, school: School, filtering: Filter, web_ca: Path) -> None:
        self.made, self.school, self.filtering, self.web_ca = made, school, filtering, web_ca

    def curl(self, url: str, *more: str, ca: str | None = None, address: str = SERVER) -> tuple[int, str]:
        """(status, body); status 0 where there was no answer."""
        host = url.split("/")[2]
        resolve = [item for port in (80, 443) for item in ("--resolve", f"{host}:{port}:{address}")]
        command = ("curl", "-sS", "-m", "60", "--cacert", ca or self.school.ca, "-w", "\n%{http_code}", *resolve)
        done = self.made.run(self.made.client, *command, *more, url, timeout=90)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def event(self, host: str) -> WebEvent:
        def found() -> list[WebEvent]:
            return [event for event in self.school.events() if event.host == host]

        assert wait_until(found, 60), host
        return found()[-1]

    def asked(self, host: str) -> list[dict[str, Any]]:
        return [entry for entry in self.filtering.seen() if entry["host"] == host]

    def went_round(self) -> int:
        """Packets that left the gateway for the web but not for the filter."""
        said = self.made.run(self.made.gateway, "nft", "list", "table", "inet", "guard").stdout
        return int(said.split("packets ")[1].split()[0])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("filtered")
    with namespaces.three_namespaces() as made, namespaces.served_web(made, folder / "web"):
        namespaces.load_rules(made, folder)
        assert made.run(made.gateway, "nft", NO_WAY_ROUND).returncode == 0
        filtering = Filter(folder / "filter", FILTER_PORT, ("127.0.0.1", "443", "80"), folder / "web" / "web-ca.pem")
        with filtering.running(made.inside(made.server, [])):
            school = _school(folder, filtering)
            process = school.start(command=made.inside(made.gateway, [sys.executable, "-c", START, str(school.root)]))
            try:
                yield Place(made, school, filtering, folder / "web" / "web-ca.pem")
            finally:
                stop(process)


def _school(folder: Path, filtering: Filter) -> School:
    school = School(folder / "state", devices=(device(DeviceClass.STAFF, "p-anne", CLIENT, CLIENT6),))
    school.gateway = {
        "mode": "transparent",
        "listen_host": "",
        "listen_port": GATEWAY_PORT,
        "upstream_ca": str(filtering.certificate),
        "upstream.proxy": f"http://{SERVER}:{FILTER_PORT}",
        "upstream.forward": "x_forwarded_for",
    }
    school.prepare()
    return school


def test_redirected_https_reaches_the_filter_by_name_with_the_client(place: Place) -> None:
    assert place.curl("https://www.amazon.co.uk/gp", *PAGE, *CLAIMS) == (200, "<p>/gp</p>")
    event = place.event("www.amazon.co.uk")
    assert (event.person_id, event.attribution_grade, event.client_ip) == ("p-anne", Grade.B, CLIENT)
    connect, request = place.asked("www.amazon.co.uk")
    assert (connect["method"], connect["asked"]) == ("CONNECT", "www.amazon.co.uk:443")
    assert (connect["peer"], connect["forwarded_for"], connect["claims"]) == ("10.77.2.1", [CLIENT], [])
    assert (request["forwarded_for"], request["claims"]) == ([], [])
    assert place.went_round() == 0


def test_redirected_plain_http_reaches_the_filter_by_name_with_the_client(place: Place) -> None:
    assert place.curl("http://www.argos.co.uk/toys", *PAGE, *CLAIMS) == (200, "<p>/toys</p>")
    (request,) = place.asked("www.argos.co.uk")
    assert (request["asked"], request["forwarded_for"], request["claims"]) == ("www.argos.co.uk:80", [CLIENT], [])
    assert place.event("www.argos.co.uk").client_ip == CLIENT
    assert place.went_round() == 0


def test_ipv6_clients_go_through_the_filter_too(place: Place) -> None:
    assert place.curl("https://six.amazon.co.uk/", *PAGE, address=f"[{SERVER6}]")[0] == 200
    assert [entry["forwarded_for"] for entry in place.asked("six.amazon.co.uk")] == [[CLIENT6], []]
    assert place.event("six.amazon.co.uk").client_ip == CLIENT6


def test_what_is_passed_through_goes_through_the_filter(place: Place) -> None:
    assert place.curl(f"https://{NOT_INSPECTED}/", ca=str(place.web_ca))[0] == 200
    (connect,) = place.asked(NOT_INSPECTED)
    assert (connect["method"], connect["forwarded_for"]) == ("CONNECT", [CLIENT])
    assert place.event(NOT_INSPECTED).not_inspected is NotInspected.BANKING
    assert place.went_round() == 0


def test_a_connection_that_names_no_site_is_asked_for_by_its_address(place: Place) -> None:
    place.made.run(place.made.client, "curl", "-sS", "-k", "-m", "60", f"https://{SERVER}/", timeout=90)
    assert place.event(SERVER).not_inspected is NotInspected.NO_SNI
    assert place.asked(SERVER)[0]["asked"] == f"{SERVER}:443"


def test_what_is_neither_tls_nor_a_page_goes_through_the_filter_too(place: Place) -> None:
    probe = (
        f"import socket; s = socket.create_connection(('{SERVER}', 443), 30); s.settimeout(30)\n"
        "s.sendall(b'SSH-2.0-probe\\r\\n')\ntry:\n    s.recv(100)\nexcept OSError:\n    pass\n"
    )
    before = len(place.asked(SERVER))
    place.made.run(place.made.client, sys.executable, "-c", probe, timeout=90)
    assert wait_until(lambda: any(event.not_inspected is NotInspected.OPAQUE for event in place.school.events()), 60)
    assert len(place.asked(SERVER)) > before
    assert place.went_round() == 0


def test_the_filters_pages_reach_the_person(place: Place) -> None:
    for host in (BLOCKED, REFUSED):
        status, body = place.curl(f"https://{host}/", *PAGE)
        assert (status, "Oakfield's filter blocks" in body) == (403, True)
        assert (place.event(host).status, place.event(host).person_id) == (403, "p-anne")
    status, body = place.curl(f"http://{BLOCKED}/plain", *PAGE)
    assert (status, "Oakfield's filter blocks" in body) == (403, True)
    assert place.went_round() == 0


@namespaces.needs_chromium
def test_chromium_opens_a_page_and_sees_the_filters_own(place: Place, tmp_path: Path) -> None:
    for name, url, shown in (
        ("open", "https://www.johnlewis.com/page", "Arrived"),
        ("closed", f"https://{REFUSED}/", "Oakfield's filter blocks"),
    ):
        done = namespaces.chromium(place.made, tmp_path / name, place.school.ca, url)
        assert shown in done.stdout, done.stderr[-2000:]
    assert place.event("www.johnlewis.com").person_id == "p-anne"
    assert place.asked("www.johnlewis.com")[0]["forwarded_for"] == [CLIENT]


def test_the_guard_of_these_tests_does_count(place: Place) -> None:
    before = place.went_round()
    place.made.run(place.made.gateway, "curl", "-sS", "-m", "5", f"http://{SERVER}/")
    assert place.went_round() > before
