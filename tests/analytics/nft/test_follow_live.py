"""`fairgate nft follow` with the identity table: sign-ins and leases reach the real kernel, and leave it again."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.bindings import Binding, Heart, IdentityTable
from analytics.snapshot import DeviceClass
from tests.analytics.nft.one_namespace import one_namespace
from tests.analytics.nft.test_enrolment_live import ANNE_THERE, AT_TROLLEY, LAPTOP, LEASE, MAC, TROLLEY
from tests.analytics.nft.test_follow import WHY_NOT, Kept
from tests.proxy_addons.local_web import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]
WAIT: float = 60


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Held:
    """Rules that are kept in line, and the table that says who is where."""

    def __init__(self, kept: Kept, table: IdentityTable) -> None:
        self.kept, self._table = kept, table

    def begins(self, binding: Binding) -> None:
        with self._table.change():
            self._table.insert(binding)

    def changes(self, binding: Binding) -> None:
        with self._table.change():
            self._table.replace(binding)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Identity lives, by its pulse."""
        heart, over = Heart(self.kept.school.state.identity), threading.Event()

        def beats() -> None:
            while not over.wait(0.5):
                heart.beat()

        beating = threading.Thread(target=beats)
        beating.start()
        try:
            yield
        finally:
            over.set()
            beating.join()

    def enrolled(self, address: str) -> bool:
        return f"{address} " in self.kept.table().replace(",", " ")

    def comes(self, address: str) -> bool:
        return wait_until(lambda: self.enrolled(address), WAIT)

    def goes(self, address: str) -> bool:
        return wait_until(lambda: not self.enrolled(address), WAIT)


@pytest.fixture
def held(still: Held) -> Iterator[Held]:
    """The same, and identity lives."""
    with still.beating():
        yield still


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Held]:
    """A staff laptop and a shared trolley, both known by their hardware addresses alone; nothing beats yet."""
    with one_namespace() as namespace:
        kept = Kept(namespace, tmp_path / "state")
        trolley = replace(TROLLEY, macs=("02:00:00:00:00:07",))
        pupils = replace(TROLLEY, device_id="tablet", device_class=DeviceClass.PUPIL, macs=("02:00:00:00:00:08",))
        kept.school.devices = (replace(LAPTOP, macs=(MAC,)), trolley, pupils)
        kept.school.publish()
        table = IdentityTable(kept.school.state.identity)
        try:
            with kept.worker(0), kept.following():
                assert kept.becomes("redirect to")
                yield Held(kept, table)
        finally:
            table.close()


AT_TROLLEY_7 = replace(AT_TROLLEY, binding_id="dhcp:7", session="l-7", client_ip="10.0.0.7", mac="02:00:00:00:00:07")
ANNE_AT_7 = replace(ANNE_THERE, client_ip="10.0.0.7", mac="02:00:00:00:00:07")


def test_a_lease_brings_a_staff_device_in_and_its_end_takes_it_out(held: Held) -> None:
    held.begins(LEASE)
    assert held.comes("10.0.0.5")
    held.changes(replace(LEASE, until_ms=now_ms()))
    held.begins(replace(LEASE, binding_id="dhcp:2", session="l-2", client_ip="10.0.0.6", from_ms=now_ms()))
    assert held.comes("10.0.0.6")
    assert held.goes("10.0.0.5")


def test_a_lease_is_believed_only_while_identity_lives(still: Held) -> None:
    with still.beating():
        still.begins(LEASE)
        assert still.comes("10.0.0.5")
    assert still.goes("10.0.0.5")
    with still.beating():
        assert still.comes("10.0.0.5")


def test_a_shared_device_is_in_only_while_somebody_is_signed_in(held: Held) -> None:
    held.begins(AT_TROLLEY_7)
    held.begins(LEASE)
    assert held.comes("10.0.0.5")
    assert not held.enrolled("10.0.0.7")
    held.begins(ANNE_AT_7)
    assert held.comes("10.0.0.7")
    held.changes(replace(ANNE_AT_7, until_ms=now_ms()))
    assert held.goes("10.0.0.7")


def test_a_sign_in_that_runs_out_by_itself_leaves_without_any_change_of_the_table(held: Held) -> None:
    held.begins(AT_TROLLEY_7)
    held.begins(replace(ANNE_AT_7, expires_ms=now_ms() + 4_000))
    assert held.comes("10.0.0.7")
    assert held.goes("10.0.0.7")


def test_a_pupil_after_a_teacher_who_did_not_sign_out(held: Held) -> None:
    held.begins(AT_TROLLEY_7)
    held.begins(ANNE_AT_7)
    assert held.comes("10.0.0.7")
    held.begins(replace(ANNE_AT_7, binding_id="radius:2", session="r-2", person_id="", from_ms=now_ms()))
    assert held.goes("10.0.0.7")


def test_a_pupils_device_that_takes_over_an_address_takes_it_out(held: Held) -> None:
    held.begins(LEASE)
    assert held.comes("10.0.0.5")
    taken = replace(LEASE, binding_id="dhcp:2", session="l-2", device_id="tablet", mac="02:00:00:00:00:08")
    held.begins(replace(taken, from_ms=now_ms()))
    assert held.goes("10.0.0.5")
