"""Apps that accept no certificate but their own, through a real gateway and a real `fairgate identity`.

Refusals of one site count five seconds apart (analytics.pin_learning), so these tests wait.
"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import ProxySettings, sync_playwright

from analytics.bindings import IdentityReader, IdentityTable
from analytics.event import NotInspected, WebEvent
from analytics.pin_learning import APART_MS, ATTEMPTS, CAP_CLIENT, SILENT_ATTEMPTS
from analytics.records import PinChange, PinStep
from analytics.snapshot import Device, DeviceClass
from analytics.spool import read_records, segments
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import ANNES_LAPTOP, REPOSITORY, School, stop

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium")

APP, SITE = "https://api.pinned.example/", "https://www.amazon.co.uk/"
BENS = Device(device_id="d-2", device_class=DeviceClass.STAFF, addresses=("127.0.0.2",), person_id="p-ben", from_ms=1)
AS_BEN = ("--interface", "127.0.0.2")


@dataclass
class Place:
    """A school with a gateway and, while wanted, `fairgate identity`."""

    school: School
    web: LocalWeb
    identity: subprocess.Popen[str] | None = field(default=None)

    def refuse(self, url: str = APP, *more: str) -> None:
        """What an app does that trusts nothing but its own authority: it is shown ours, and leaves."""
        assert fetch(self.school, url, *more, ca=self.own).status == 0

    def insist(self, url: str, times: int, *more: str) -> None:
        """`times` attempts far enough apart to count, while the same device uses the web otherwise."""
        for attempt in range(times):
            if attempt:
                time.sleep(APART_MS / 1000 + 0.3)
            self.refuse(url, *more)
            assert page(self.school, SITE, *more).status == 200

    def works(self, url: str = APP, *more: str) -> bool:
        return fetch(self.school, url, *more, ca=self.own).status == 200

    @property
    def own(self) -> str:
        return str(self.web.authority.certificate)

    def start_identity(self) -> None:
        self.identity = subprocess.Popen(
            [sys.executable, "fairgate.py", "identity", "--state", str(self.school.root)],
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        assert wait_until((self.school.root / "run" / "identity.ready").exists, 60)

    def stop_identity(self) -> str:
        assert self.identity is not None
        said = stop(self.identity)
        self.identity = None
        return said

    def changes(self) -> list[PinChange]:
        folder = self.school.state.spool / "gate-identity"
        kept = [line.record for segment in segments(folder) for line in read_records(segment.path)]
        return [record for record in kept if isinstance(record, PinChange)]

    def events(self, host: str) -> list[WebEvent]:
        return [event for event in self.school.events() if event.host == host]

    def pins(self) -> set[tuple[str, str]]:
        reader = IdentityReader(self.school.state.identity)
        reader.close()
        return set(reader.now.pins)


@contextmanager
def standing(tmp_path: Path, *, identity: bool = True) -> Iterator[Place]:
    web = LocalWeb(tmp_path / "web")
    school = School(tmp_path / "state", web, devices=(ANNES_LAPTOP, BENS))
    place = Place(school, web)
    with web, school.running():
        try:
            if identity:
                place.start_identity()
            yield place
        finally:
            if place.identity is not None:
                place.stop_identity()


def test_a_pinned_app_works_after_three_attempts_and_nothing_else_changes(tmp_path: Path) -> None:
    with standing(tmp_path) as place:
        place.insist(APP, ATTEMPTS - 1)
        assert not place.works()
        time.sleep(APART_MS / 1000)
        assert wait_until(place.works, 60)
        assert place.pins() == {("d-1", "api.pinned.example")}
        # Everybody else, and every other host of the same server, is opened as before.
        assert page(place.school, APP, *AS_BEN).status == 200
        assert page(place.school, "https://www.pinned.example/").status == 200
        place.refuse(APP, *AS_BEN)
        place.refuse("https://www.pinned.example/")
        said = place.stop_identity()
    assert "pinned.example" not in said
    found = place.events("api.pinned.example")
    own, bens = ([event for event in found if event.device_id == device] for device in ("d-1", "d-2"))
    assert {(event.not_inspected, event.person_id) for event in own} == {(NotInspected.PINNED, "p-anne")}
    assert min(event.bytes_down for event in own) > 500, "with TLS's own bytes"
    assert {(event.not_inspected, event.person_id) for event in bens} == {(NotInspected.INSPECTED, "p-ben")}
    (www,) = place.events("www.pinned.example")
    assert www.not_inspected is NotInspected.INSPECTED
    (learnt,) = place.changes()
    assert (learnt.step, learnt.device_id, learnt.host) == (PinStep.LEARNT, "d-1", "api.pinned.example")
    assert learnt.refusals == ATTEMPTS


def test_an_app_that_leaves_without_a_word_needs_five_attempts(tmp_path: Path) -> None:
    wrong = "sha256//" + "A" * 43 + "="
    with standing(tmp_path) as place:
        for attempt in range(SILENT_ATTEMPTS):
            assert place.pins() == set()
            time.sleep(APART_MS / 1000 if attempt else 0)
            assert fetch(place.school, APP, "--pinnedpubkey", wrong).status == 0
            assert page(place.school, SITE).status == 200
        # Learnt with the first refusal after it was seen to accept another site's certificate.
        assert wait_until(lambda: _tried(place, wrong) and place.pins() == {("d-1", "api.pinned.example")}, 60)
        assert wait_until(place.works, 30)


def _tried(place: Place, wrong: str) -> bool:
    time.sleep(1)
    return fetch(place.school, APP, "--pinnedpubkey", wrong).status == 0


def test_a_device_without_the_certificate_opens_no_door_and_is_named_to_the_technician(tmp_path: Path) -> None:
    with standing(tmp_path) as place:
        for attempt in range(ATTEMPTS + 1):
            time.sleep(APART_MS / 1000 if attempt else 0)
            for host in ("a", "b", "c", "d"):
                place.refuse(f"https://{host}.example/")
        assert wait_until(lambda: [change.step for change in place.changes()] == [PinStep.DISTRUSTS])
        assert place.pins() == set()
        (found,) = place.changes()
        assert (found.device_id, found.host) == ("d-1", "")
        assert page(place.school, SITE).status == 200
        assert wait_until(lambda: [change.step for change in place.changes()] == [PinStep.DISTRUSTS, PinStep.TRUSTS])


def test_what_was_learnt_ends_at_its_time_and_a_full_device_learns_no_more(tmp_path: Path) -> None:
    with standing(tmp_path, identity=False) as place:
        ends_ms = time.time_ns() // 1_000_000 + 12_000
        table = IdentityTable(place.school.state.identity)
        with table.change():
            table.put_pin("d-1", "api.pinned.example", 1, ends_ms)
            for number in range(CAP_CLIENT):
                table.put_pin("d-1", f"{number}.example", 1, ends_ms + 3_600_000)
        table.close()
        place.start_identity()
        assert wait_until(place.works, 10)
        assert wait_until(lambda: not place.works(), 60)
        assert time.time_ns() // 1_000_000 >= ends_ms
        place.insist("https://one.more.example/", ATTEMPTS)
        steps = [PinStep.ENDED, PinStep.CAPPED]
        assert wait_until(lambda: [change.step for change in place.changes()] == steps)
        assert not place.works("https://one.more.example/")
    assert [change.host for change in place.changes()] == ["api.pinned.example", ""]


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_reloading_past_a_warning_in_a_browser_opens_no_door(tmp_path: Path) -> None:
    site = "https://www.reloaded.example/"
    with standing(tmp_path) as place, sync_playwright() as play:
        proxy = ProxySettings(server=place.school.proxy, bypass="<-loopback>")
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], proxy=proxy)
        opened = browser.new_page()
        for _ in range(ATTEMPTS + 2):
            with pytest.raises(PlaywrightError, match="ERR_CERT_AUTHORITY_INVALID"):
                opened.goto(site)
            assert page(place.school, SITE).status == 200
            time.sleep(APART_MS / 1000)
        assert place.pins() == set()
        # Somebody who clicks the warning away is looked into like everybody.
        unworried = browser.new_page(ignore_https_errors=True)
        unworried.goto(site)
        browser.close()
        assert wait_until(lambda: len(place.events("www.reloaded.example")) > 0)
        assert place.pins() == set()
    assert {event.not_inspected for event in place.events("www.reloaded.example")} == {NotInspected.INSPECTED}
    assert PinStep.LEARNT not in {change.step for change in place.changes()}


def test_what_still_goes_through_at_a_stop_is_recorded(tmp_path: Path) -> None:
    with standing(tmp_path, identity=False) as place:
        bank = "www.barclays.co.uk"
        raw = socket.create_connection(("127.0.0.1", place.school.port))
        raw.sendall(f"CONNECT {bank}:443 HTTP/1.1\r\nHost: {bank}:443\r\n\r\n".encode())
        assert b"200" in raw.recv(4096)
        trusted = ssl.create_default_context(cafile=place.own)
        trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT  # the tests' authority says too little for it
        held = trusted.wrap_socket(raw, server_hostname=bank)
        held.sendall(b"GET / HTTP/1.1\r\nHost: www.barclays.co.uk\r\n\r\n")
        assert held.recv(4096)
    held.close()
    (event,) = place.events(bank)
    assert event.not_inspected is NotInspected.BANKING
    assert min(event.bytes_up, event.bytes_down) > 200


def test_without_identity_traffic_goes_on_and_nothing_is_learnt_and_what_was_learnt_outlasts_restarts(
    tmp_path: Path,
) -> None:
    with standing(tmp_path) as place:
        place.insist(APP, ATTEMPTS)
        assert wait_until(place.works, 30)
        place.stop_identity()
        place.insist("https://other.pinned.example/", ATTEMPTS)
        assert place.works(), "what was learnt holds without it"
        assert not place.works("https://other.pinned.example/")
    with standing_again(place):
        assert place.works(), "and in a worker that was just started"
        place.start_identity()
        assert place.works()
        assert place.pins() == {("d-1", "api.pinned.example")}
        place.stop_identity()
    assert [change.step for change in place.changes()] == [PinStep.LEARNT]


@contextmanager
def standing_again(place: Place) -> Iterator[None]:
    """The same school's gateway, started anew, before the same sites."""
    place.web = LocalWeb(place.school.root.parent / "web")
    place.school.web = place.web
    with place.web, place.school.running():
        yield
