"""Accounting, from packets to bindings: the right person at the right device, and nobody where it is not sure."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.event import Grade, Method
from analytics.records import BindingStep
from analytics.sources.radius import RadiusAccounting
from analytics.sources.sightings import Sighting, Sightings
from analytics.sources.source import now_ms
from config.errors import ConfigError
from tests.analytics.an_identity import Desk, an_identity
from tests.analytics.sources.radius_packets import INTERIM, OFF, ON, SECRET, START, STOP, packet
from tests.analytics.sources.seen_devices import LAPTOP, LAPTOP_MAC, TROLLEY, TROLLEY_MAC

NAS = "10.9.9.9"


class Server:
    """A server that hears accounting of one access server."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.radius, self._number = desk, RadiusAccounting(desk.identity), 0

    def hears(self, status: int = START, *, calling: str | None = TROLLEY_MAC, user: str = "anne", **said: Any) -> bool:
        """Whether a new packet was answered."""
        self._number += 1
        data = packet(status, number=self._number % 256, calling=calling, user=user, **said)
        return bool(self.radius.answer(data, NAS))

    def bound(self) -> list[tuple[str, str]]:
        return [(item.person_id, item.device_id) for item in self.desk.bound if item.signed_in]

    def steps(self) -> list[tuple[str, BindingStep]]:
        return [(change.person_id, change.step) for change in self.desk.kept.changes]

    def named(self, device_mac: str = TROLLEY_MAC) -> tuple[str | None, Grade]:
        """Who traffic of a device is put down to, now."""
        Sightings(self.desk.identity, Method.DHCP).seen(
            Sighting(client_ip="10.0.0.77", mac=device_mac, expires_ms=2**52)
        )
        identity = self.desk.identity
        found = identity.register.now.attribute("10.0.0.77", None, now_ms(), identity.registrar.view)
        return found.person_id, found.grade


def secret_file(folder: Path, content: bytes = SECRET, mode: int = 0o600) -> str:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def nas(folder: Path, **more: Any) -> dict[str, Any]:
    return {"nas": [{"name": "wifi", "address": NAS, "secret_file": secret_file(folder)}], **more}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with an_identity(tmp_path, LAPTOP, TROLLEY, radius=nas(tmp_path), domains=["oak"]) as desk:
        yield Server(desk)


def test_a_session_is_its_persons_from_start_to_stop(server: Server) -> None:
    assert server.hears(framed="10.0.0.5")
    (bound,) = server.desk.bound
    assert (bound.source, bound.person_id, bound.device_id, bound.client_ip) == (
        Method.DOT1X,
        "p-anne",
        "d-2",
        "10.0.0.5",
    )
    assert server.named() == ("p-anne", Grade.A)
    assert server.hears(INTERIM)
    assert server.hears(STOP)
    assert server.named() == (None, Grade.NONE)
    assert [step for step in server.steps() if step[0]] == [
        ("p-anne", BindingStep.OPENED),
        ("p-anne", BindingStep.CLOSED),
    ]


def test_a_doubled_packet_is_answered_alike_and_applied_once(server: Server) -> None:
    data = packet(calling=TROLLEY_MAC, user="anne")
    first = server.radius.answer(data, NAS)
    assert first
    server.hears(STOP)
    assert server.radius.answer(data, NAS) == first
    assert server.bound() == []


@pytest.mark.parametrize("late", [START, INTERIM])
def test_what_comes_after_the_stop_begins_nothing_again(server: Server, late: int) -> None:
    server.hears()
    server.hears(STOP)
    assert server.hears(late)
    assert server.bound() == []


def test_a_stop_that_overtakes_its_start_wins(server: Server) -> None:
    server.hears(STOP)
    server.hears(START, delay=5)
    assert server.bound() == []


def test_after_a_restart_of_ours_an_old_start_begins_nothing_again(server: Server) -> None:
    server.hears()
    server.hears(STOP)
    again = Server(server.desk)
    again._number = 100
    again.hears(START)
    assert again.bound() == []


def test_a_missed_start_is_made_good_by_the_next_word(server: Server) -> None:
    server.hears(INTERIM)
    assert server.bound() == [("p-anne", "d-2")]


def test_the_next_person_at_a_shared_device_takes_it_over(server: Server) -> None:
    server.hears()
    server.hears(session="s-2", user="ben")
    assert server.named() == ("p-ben", Grade.A)
    server.hears(INTERIM)  # the first session goes on as the access server thinks
    assert server.named() == ("p-ben", Grade.A)


def test_a_pupil_after_a_teacher_is_nobody(server: Server) -> None:
    server.hears()
    server.hears(session="s-2", user="kid.7@oak")
    assert server.named() == (None, Grade.NONE)
    assert server.bound() == [("", "d-2")]
    assert "kid.7" not in repr(server.desk.kept.records)


def test_a_visitor_of_another_school_with_the_same_name_is_nobody(server: Server) -> None:
    server.hears(user="anne@elm.example")
    assert server.named() == (None, Grade.NONE)


def test_a_pupil_at_a_teachers_own_laptop_is_nobody_until_they_go(server: Server) -> None:
    assert server.named(LAPTOP_MAC) == ("p-anne", Grade.B)
    server.hears(calling=LAPTOP_MAC, user="kid.7")
    assert server.named(LAPTOP_MAC) == (None, Grade.NONE)
    server.hears(STOP, calling=LAPTOP_MAC, user="kid.7")
    assert server.named(LAPTOP_MAC) == ("p-anne", Grade.B)


def test_a_machines_own_sign_in_is_nobodys_and_ends_its_users(server: Server) -> None:
    server.hears()
    server.hears(session="s-2", user="host/trolley-1.oak")
    assert server.bound() == []
    server.hears(session="s-3", calling=LAPTOP_MAC, user="LAPTOP$")
    assert server.named(LAPTOP_MAC) == ("p-anne", Grade.B)


def test_one_persons_sign_in_at_two_shared_devices_is_unsure(server: Server) -> None:
    other = replace(TROLLEY, device_id="d-9", macs=("02:00:00:00:00:09",))
    server.desk.publish(LAPTOP, TROLLEY, other)
    server.hears()
    server.hears(session="s-2", calling="02:00:00:00:00:09")
    # within one source the person may be at both: what one signed in at, another may use
    assert server.named() == ("p-anne", Grade.C)


def test_a_session_without_hardware_is_found_by_the_address_it_was_given(server: Server) -> None:
    server.named()
    server.hears(calling=None, framed="10.0.0.77")
    assert server.bound() == [("p-anne", "d-2")]


@pytest.mark.parametrize("status", [ON, OFF])
def test_an_access_server_that_restarts_ends_its_sessions(server: Server, status: int) -> None:
    server.hears()
    assert server.hears(status, session=None)
    assert server.bound() == []
    server.hears()  # it counts its sessions from the beginning again
    assert server.bound() == [("p-anne", "d-2")]


def test_a_session_that_goes_silent_ends_and_is_not_revived_where_others_may_be_at_it(server: Server) -> None:
    registrar = server.desk.identity.registrar
    for calling, expected in ((TROLLEY_MAC, []), (LAPTOP_MAC, [("p-anne", "d-1")])):
        server.hears(session=calling, calling=calling)
        (bound,) = server.desk.bound
        registrar.end(bound.binding_id, bound.expires_ms, BindingStep.EXPIRED)
        server.hears(INTERIM, session=calling, calling=calling)
        assert server.bound() == expected


def test_it_dates_a_session_within_reason(server: Server) -> None:
    now = now_ms()
    late, said_so, ahead = (
        ({"delay": 90}, 90_000),
        ({"event": now // 1000 - 200}, 200_000),
        ({"event": now // 1000 + 200}, 0),
    )
    cases: list[tuple[dict[str, Any], int]] = [said_so, late, ahead]
    for at, (said, back) in enumerate(cases):
        server.hears(session=f"t-{at}", **said)
        (bound,) = server.desk.bound
        assert abs(bound.from_ms - (now - back)) < 45_000


def test_strangers_and_garbage_are_not_answered_and_counted(server: Server) -> None:
    assert not server.radius.answer(packet(), "10.9.9.10")
    assert not server.radius.answer(packet(secret=b"wrong"), NAS)
    assert not server.radius.answer(b"", NAS)
    assert server.radius.answer(packet(user="anne"), f"::ffff:{NAS}")
    assert server.radius.dropped == {"stranger": 1, "malformed": 2}


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([START, STOP, INTERIM, ON]),
            st.sampled_from(["s-1", "s-2", "s-3"]),
            st.sampled_from(["anne", "ben", "kid", "host/pc"]),
            st.sampled_from([TROLLEY_MAC, LAPTOP_MAC, "02:00:00:00:00:77"]),
        ),
        max_size=12,
    )
)
def test_whatever_comes_in_whatever_order_a_device_has_one_sign_in(
    tmp_path_factory: pytest.TempPathFactory, packets: list[tuple[int, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("radius")
    with an_identity(folder, LAPTOP, TROLLEY, radius=nas(folder)) as desk:
        server = Server(desk)
        stopped: set[str] = set()
        for status, session, user, calling in packets:
            assert server.hears(status, session=session, user=user, calling=calling)
            stopped = {*stopped, session} if status == STOP else set() if status == ON else stopped
            at = [item.device_id for item in desk.bound if item.device_id]
            assert len(at) == len(set(at))
            assert not {item.session.partition(":")[2] for item in desk.bound} & stopped


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [(SECRET, 0o644, "others can read"), (b" \n", 0o600, "is empty")],
)
def test_a_secret_that_is_none_or_that_others_can_read_is_refused(
    tmp_path: Path, content: bytes, mode: int, why: str
) -> None:
    named = {"name": "wifi", "address": "10.9.0.0/16", "secret_file": secret_file(tmp_path, content, mode)}
    with an_identity(tmp_path, radius={"nas": [named]}) as desk, pytest.raises(ConfigError, match=why):
        RadiusAccounting(desk.identity)
    os.unlink(tmp_path / "secret")  # noqa: PTH108
    with an_identity(tmp_path, radius={"nas": [named]}) as desk, pytest.raises(ConfigError, match="cannot be read"):
        RadiusAccounting(desk.identity)
