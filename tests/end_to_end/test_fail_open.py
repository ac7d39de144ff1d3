"""Workers that die, for real: others go on, lessons go on, and what went past the gateway is a gap."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from analytics.records import GapReason
from tests.end_to_end import namespaces
from tests.end_to_end.in_line import WORKERS, Place, in_line, say
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.supervised import WAIT, all_ready, back, pid

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


def worker_of(place: Place) -> dict[str, str]:
    """Which worker each client meets."""
    host = f"whose{time.monotonic_ns()}.argos.co.uk"
    for client in place.clients[:-2]:
        assert place.curl(f"https://{host}/", client=client).returncode == 0
    assert wait_until(lambda: len(place.events(host)) == len(place.clients) - 2, WAIT)
    return {event.client_ip: event.gateway for event in place.events(host)}


def test_a_worker_is_killed_amid_load_and_nobody_of_the_other_worker_notices(place: Place) -> None:
    worker = worker_of(place)
    killed = pid(place.school, 1)
    with place.steady_load(*worker) as visits:
        time.sleep(2)
        at = time.monotonic()
        os.kill(killed, signal.SIGKILL)
        seconds = back(place.school, 1, killed)
        time.sleep(3)
    faults = {client: [each for each in made if each[2] != "ok"] for client, made in visits.items()}
    assert not [client for client in faults if worker[client] == "gate-0" and faults[client]]
    for client, made in visits.items():
        assert made[-1][2] == "ok", client
    (gap,) = place.gaps("gate-1", GapReason.CRASHED)
    assert gap.from_ms <= gap.to_ms
    say(f"kill -9 to listening: {seconds:.2f} s; longest without a page: {longest_without(visits, at):.2f} s")


def longest_without(visits: dict[str, list[tuple[float, int, str]]], since: float) -> float:
    """The longest time from one page to the next that anybody had to wait for, in seconds."""
    longest = 0.0
    for made in visits.values():
        arrived = [begun + took / 1000 for begun, took, came in made if came == "ok"]
        pairs = [(first, second) for first, second in pairwise(arrived) if second >= since]
        longest = max([longest, *(second - first for first, second in pairs)])
    return longest


@contextmanager
def no_worker(place: Place) -> Iterator[None]:
    """Both workers are killed, and their supervisor cannot start them again for as long as this lasts."""
    place.supervisor.send_signal(signal.SIGSTOP)
    try:
        for number in range(WORKERS):
            os.kill(pid(place.school, number), signal.SIGKILL)
        yield
    finally:
        place.supervisor.send_signal(signal.SIGCONT)


def test_where_no_worker_listens_lessons_go_on_and_the_stretch_is_a_gap(place: Place) -> None:
    before = len(place.gaps("gate-identity", GapReason.BYPASSED))
    client = place.clients[0]
    with place.steady_load(client) as visits:
        time.sleep(1)
        at = time.monotonic()
        with no_worker(place):
            assert wait_until(lambda: place.issuer() == "site", WAIT)
            opened_ms = time.time_ns() // 1_000_000
            assert place.curl("https://lesson.argos.co.uk/").returncode == 0
        assert wait_until(lambda: place.issuer() == "gateway", WAIT)
        closed_ms = time.time_ns() // 1_000_000
        time.sleep(1)
    assert visits[client][-1][2] == "ok"
    say(f"fail open: longest without a page: {longest_without(visits, at):.2f} s")
    assert wait_until(lambda: len(place.gaps("gate-identity", GapReason.BYPASSED)) > before, WAIT)
    gap = place.gaps("gate-identity", GapReason.BYPASSED)[-1]
    assert gap.from_ms <= opened_ms <= gap.to_ms <= closed_ms
    assert place.owed() == []
    assert wait_until(lambda: all_ready(place.school, WORKERS), WAIT)


def test_a_gateway_that_is_stopped_is_stepped_round_at_once(tmp_path: Path) -> None:
    with in_line(tmp_path) as place:
        client = place.clients[0]
        with place.steady_load(client) as visits:
            time.sleep(1)
            at = time.monotonic()
            place.supervisor.terminate()
            assert place.supervisor.wait(60) == 0
            assert wait_until(lambda: place.issuer() == "site", WAIT)
            time.sleep(1)
        say(f"a gateway that is stopped: longest without a page {longest_without(visits, at):.2f} s")
        assert visits[client][-1][2] == "ok"


def test_a_worker_that_hangs_leaves_its_share_to_the_other_at_once(place: Place) -> None:
    worker = worker_of(place)
    client = next(client for client, gateway in worker.items() if gateway == "gate-1")
    hangs = pid(place.school, 1)
    os.kill(hangs, signal.SIGSTOP)
    begun = time.monotonic()
    assert wait_until(lambda: place.curl("https://hung.argos.co.uk/", "-m", "1", client=client).returncode == 0, WAIT)
    say(f"a worker that hangs: its devices have pages again after {time.monotonic() - begun:.1f} s")
    back(place.school, 1, hangs)


def test_failing_closed_nobody_goes_past_the_gateway(tmp_path: Path) -> None:
    with in_line(tmp_path, fail="closed") as place:
        assert place.issuer() == "gateway"
        with no_worker(place):
            until = time.monotonic() + 6
            while time.monotonic() < until:
                assert place.issuer() == ""
            assert place.issuer(place.clients[-1]) == "site"
        assert wait_until(lambda: place.issuer() == "gateway", WAIT)
        assert place.owed() == []
        place.follower.terminate()
        place.follower.wait(60)
        assert place.issuer() == "gateway"
