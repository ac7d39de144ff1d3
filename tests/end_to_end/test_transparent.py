"""Who meets the gateway and who does not, for real: `fairgate nft follow`, two workers, a client and a server."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.records import Attempts, GapReason
from analytics.snapshot import DeviceClass
from tests.end_to_end import namespaces
from tests.end_to_end.in_line import Place, in_line, say
from tests.end_to_end.namespaces import CLIENT, CLIENT6, SERVER, SERVER6, chromium
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, device
from tests.proxy_addons.supervised import WAIT

WHY_NOT = namespaces.unavailable()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with in_line(tmp_path_factory.mktemp("line"), identity=True) as place:
        yield place


def test_enrolled_devices_meet_the_gateway_and_others_do_not(place: Place) -> None:
    assert place.issuer() == "gateway"
    assert place.issuer(place.clients[-1]) == "site"


def test_the_devices_are_shared_among_the_workers_and_each_keeps_its_own(place: Place) -> None:
    for number in range(2):
        for client in place.clients[:-2]:
            assert place.curl(f"https://share{number}.argos.co.uk/", client=client).returncode == 0
    assert wait_until(lambda: all(len(place.events(f"share{number}.argos.co.uk")) == 8 for number in range(2)), WAIT)
    worker = [
        {event.client_ip: event.gateway for event in place.events(f"share{number}.argos.co.uk")} for number in (0, 1)
    ]
    assert worker[0] == worker[1]
    assert set(worker[0].values()) == {"gate-0", "gate-1"}


RESOLVER, RESOLVER6 = "1.1.1.1", "2606:4700:4700::1111"
"""A listed resolver that hides names; here it is the server that has its addresses."""


@pytest.fixture(scope="module")
def resolver(place: Place) -> None:
    """The listed resolver stands behind the gateway."""
    made = place.made
    for namespace, *command in (
        (made.server, "ip", "addr", "add", f"{RESOLVER}/32", "dev", "lo"),
        (made.server, "ip", "addr", "add", f"{RESOLVER6}/128", "dev", "lo"),
        (made.gateway, "ip", "route", "add", RESOLVER, "via", SERVER),
        (made.gateway, "ip", "-6", "route", "add", RESOLVER6, "via", SERVER6),
    ):
        done = made.run(namespace, *command)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("kind", "address", "port", "counter"),
    [
        ("udp", SERVER, 443, "quic"),
        ("udp", SERVER6, 443, "quic"),
        ("tcp", SERVER, 853, "dot"),
        ("udp", SERVER, 853, "dot"),
        ("tcp", SERVER6, 853, "dot"),
        ("tcp", RESOLVER, 443, "doh"),
        ("udp", RESOLVER, 443, "doh"),
        ("tcp", RESOLVER6, 443, "doh"),
        ("udp", RESOLVER6, 443, "doh"),
    ],
)
def test_a_way_round_is_refused_at_once_and_counted(
    place: Place, resolver: None, kind: str, address: str, port: int, counter: str
) -> None:
    before = counts(place)
    came, _ = way_round(place, kind, address, port, CLIENT6 if ":" in address else CLIENT)
    assert came == "refused"
    after = counts(place)
    assert after[counter] > before[counter]
    assert {name for name in after if after[name] != before[name]} == {counter}


def test_a_device_that_is_not_enrolled_is_refused_nothing(place: Place, resolver: None) -> None:
    before = counts(place)
    assert way_round(place, "tcp", RESOLVER, 443, place.clients[-1])[0] == "answered"
    assert way_round(place, "udp", SERVER, 443, place.clients[-1])[0] == "refused", "by the server: it has no HTTP/3"
    assert counts(place) == before


def test_a_client_that_tries_http3_first_has_its_page_at_once(place: Place) -> None:
    came, milliseconds = way_round(place, "udp", SERVER, 443, CLIENT)
    assert came == "refused"
    done = place.curl("https://afterquic.argos.co.uk/")
    assert done.returncode == 0
    assert wait_until(lambda: len(place.events("afterquic.argos.co.uk")) == 1, WAIT)
    say(f"HTTP/3 refused after {milliseconds} ms")


@namespaces.needs_chromium
def test_a_browser_that_was_offered_http3_tries_it_and_goes_on_without_a_wait(place: Place, tmp_path: Path) -> None:
    before = counts(place)["quic"]
    done = chromium(place.made, tmp_path, place.school.ca, "https://http3.argos.co.uk/offers-http3", "--enable-quic")
    assert "Everything came" in done.stdout, done.stderr[-2000:]
    assert counts(place)["quic"] > before, "it did try"
    assert wait_until(lambda: len(place.events("http3.argos.co.uk")) >= 5, WAIT)
    slowest = max(event.duration_ms for event in place.events("http3.argos.co.uk"))
    say(f"a browser that tried HTTP/3: {counts(place)['quic'] - before} packets refused, slowest answer {slowest} ms")


def test_what_was_refused_becomes_a_record_of_counts(place: Place, resolver: None) -> None:
    def attempts() -> list[Attempts]:
        return [each for each in place.records("gate-identity") if isinstance(each, Attempts)]

    def reported() -> dict[str, int]:
        return {name: sum(getattr(each, name) for each in attempts()) for name in ("quic", "dot", "doh")}

    way_round(place, "tcp", SERVER, 853, CLIENT)
    assert wait_until(lambda: reported() == counts(place), WAIT)
    assert all(each.since_ms <= each.ts_ms for each in attempts())


def way_round(place: Place, kind: str, address: str, port: int, source: str) -> tuple[str, int]:
    command = [sys.executable, "-m", "tests.end_to_end.ways_round", kind, address, str(port), source]
    done = subprocess.run(
        place.made.inside(place.made.client, command), cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    came, milliseconds = done.stdout.split()
    return came, int(milliseconds)


def counts(place: Place) -> dict[str, int]:
    objects = json.loads(place.nft("-j", "list", "counters", "table", "inet", "fairgate"))["nftables"]
    return {each["counter"]["name"]: each["counter"]["packets"] for each in objects if "counter" in each}


def test_this_machines_own_pages_are_reached_as_they_are(place: Place) -> None:
    page = place.school.root / "page"
    page.mkdir()
    (page / "index.html").write_text("the portal")
    command = [sys.executable, "-m", "http.server", "80", "--directory", str(page)]
    with subprocess.Popen(place.made.inside(place.made.gateway, command), stdout=-3, stderr=-3) as portal:
        try:
            ask = ("curl", "-sS", "-m", "10", "--retry-connrefused", "--retry", "20", "http://10.77.1.1/")
            assert place.made.run(place.made.client, *ask).stdout == "the portal"
        finally:
            portal.terminate()


def enrol(place: Place, *addresses: str) -> None:
    """Publish a snapshot in which Anne's device has these addresses."""
    place.school.devices = (device(DeviceClass.STAFF, "p-anne", *addresses),)
    place.school.publish()


def in_the_kernel(place: Place, address: str) -> bool:
    return address in place.nft("list", "set", "inet", "fairgate", "staff4")


def test_a_change_reaches_the_kernel_and_cuts_what_is_under_way(place: Place) -> None:
    """A connection from before the enrolment, and one from before its end, end at their next packet."""
    stranger, enrolled = place.clients[-1], [CLIENT, CLIENT6, *place.clients[:-2]]
    with place.keeping_open(stranger) as connection:
        assert connection.asks() == "site"
        enrol(place, *enrolled, stranger)
        assert wait_until(lambda: in_the_kernel(place, stranger), WAIT)
        assert connection.asks() == "cut"
    # The workers hear of it by themselves; until then they pass the device through unopened.
    assert wait_until(lambda: place.issuer(stranger) == "gateway", WAIT)
    with place.keeping_open(stranger) as connection:
        assert connection.asks() == "gateway"
        enrol(place, *enrolled)
        assert wait_until(lambda: not in_the_kernel(place, stranger), WAIT)
        assert connection.asks() == "cut"
    assert place.issuer(stranger) == "site"


def test_while_the_rules_change_again_and_again_nobody_slips_past(place: Place) -> None:
    """The load trusts the school's authority alone: whoever answers in its place, the visit fails."""
    enrolled = [CLIENT, CLIENT6, *place.clients[:-2]]
    with place.steady_load(*place.clients[:4], authority=place.school.ca) as visits:
        for number in range(16):
            enrol(place, *enrolled, f"10.77.9.{number + 1}")
            time.sleep(0.6)
    faults = [each for made in visits.values() for each in made if each[2] != "ok"]
    assert faults == []
    assert sum(len(made) for made in visits.values()) > 100
    enrol(place, *enrolled)


def test_a_pupils_guests_or_unknown_device_and_one_that_two_claim_are_never_enrolled(place: Place) -> None:
    enrolled, contested, pupil = [CLIENT, CLIENT6, *place.clients[:-2]], place.clients[-2], place.clients[-1]
    place.school.devices = (
        device(DeviceClass.STAFF, "p-anne", *enrolled, contested),
        replace(device(DeviceClass.STAFF, "p-ben", contested), device_id="d-2"),
        replace(device(DeviceClass.PUPIL, None, pupil), device_id="d-3"),
    )
    place.school.publish()
    time.sleep(3)
    assert not in_the_kernel(place, contested)
    assert not in_the_kernel(place, pupil)
    enrol(place, *enrolled)


def test_a_table_that_somebody_else_removed_is_put_back_and_the_stretch_is_a_gap(place: Place) -> None:
    before = len(place.gaps("gate-identity", GapReason.BYPASSED))
    place.nft("delete", "table", "inet", "fairgate")
    assert place.issuer() in ("site", "gateway")
    assert wait_until(lambda: place.issuer() == "gateway", WAIT)
    assert wait_until(lambda: len(place.gaps("gate-identity", GapReason.BYPASSED)) > before, WAIT)
