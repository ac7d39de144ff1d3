"""Apps that accept no certificate but their own, through a real gateway and a real `fairgate identity`.

Refusals of one site count five seconds apart (analytics.pin_learning), so these tests wait.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analytics.bindings import IdentityReader
from analytics.event import NotInspected, WebEvent
from analytics.pin_learning import APART_MS, ATTEMPTS, SILENT_ATTEMPTS
from analytics.records import PinChange, PinStep
from analytics.snapshot import Device, DeviceClass
from analytics.spool import read_records, segments
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import ANNES_LAPTOP, REPOSITORY, School, stop

pytestmark = pytest.mark.slow

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
