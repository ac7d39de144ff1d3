"""The gateway in line, for real: `fairgate nft follow`, two workers, a client, a server, each in its own namespace."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from analytics.event import WebEvent
from analytics.records import Gap, GapReason, Record
from analytics.snapshot import DeviceClass
from analytics.spool import read_records, segments
from tests.end_to_end import namespaces
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import CLIENT, CLIENT6, INTERFACE, SERVER, Namespaces, running
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School, device
from tests.proxy_addons.supervised import WAIT, all_ready, back, pid, supervised

WHY_NOT = namespaces.unavailable()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available"),
]
WORKERS = 2


@dataclass
class Place:
    """A school whose gateway stands in line."""

    made: Namespaces
    school: School
    web_ca: Path
    clients: list[str]
    supervisor: subprocess.Popen[str]
    follower: subprocess.Popen[bytes]

    def curl(self, url: str, *more: str, client: str = CLIENT) -> subprocess.CompletedProcess[str]:
        """What a page visit from one of the client's addresses gets; it trusts the school and the site itself."""
        host = url.split("/")[2]
        resolve = [item for port in (80, 443) for item in ("--resolve", f"{host}:{port}:{SERVER}")]
        return self.made.run(
            self.made.client,
            *(
                "curl",
                "-sS",
                "-m",
                "20",
                "--interface",
                client,
                "--cacert",
                str(self.both),
                *PAGE,
                *resolve,
                *more,
                url,
            ),
        )

    @property
    def both(self) -> Path:
        """Both authorities: the client is content whether it meets the gateway or the site itself."""
        both = self.school.root / "both.pem"
        if not both.exists():
            both.write_text(Path(self.school.ca).read_text() + self.web_ca.read_text())
        return both

    def issuer(self, client: str = CLIENT) -> str:
        """Who answers this client's HTTPS: "gateway", "site", or "" for nobody."""
        done = self.curl(f"https://probe{time.monotonic_ns()}.argos.co.uk/", "-v", "-o", "/dev/null", client=client)
        if done.returncode:
            return ""
        return "gateway" if "Fairgate web gateway" in done.stderr else "site"

    def records(self, spool: str) -> list[Record]:
        lines = [line for each in segments(self.school.state.spool / spool) for line in read_records(each.path)]
        return [line.record for line in lines if line.record is not None]

    def gaps(self, spool: str, reason: GapReason) -> list[Gap]:
        return [each for each in self.records(spool) if isinstance(each, Gap) and each.reason is reason]

    def events(self, host: str) -> list[WebEvent]:
        found = [record for number in range(WORKERS) for record in self.records(f"gate-{number}")]
        return [record for record in found if isinstance(record, WebEvent) and record.host == host]

    @contextmanager
    def steady_load(self, *clients: str) -> Iterator[dict[str, list[tuple[float, int, str]]]]:
        """Visits from these addresses all the while; what came of them stands in what is given, at the end."""
        command = [sys.executable, "-m", "tests.end_to_end.steady_load", str(self.both), SERVER, *clients]
        load = subprocess.Popen(
            self.made.inside(self.made.client, command), cwd=REPOSITORY, text=True, stdin=-1, stdout=-1
        )
        assert load.stdout is not None
        assert load.stdout.readline() == "started\n"
        found: dict[str, list[tuple[float, int, str]]] = {}
        try:
            yield found
        finally:
            found |= json.loads(load.communicate(timeout=60)[0])

    def nft(self, *arguments: str) -> str:
        done = self.made.run(self.made.gateway, "nft", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def owed(self) -> list[dict[str, Any]]:
        """What waits for `fairgate identity`."""
        file = self.school.state.gateway / "nft" / "owed.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def laid(folder: Path) -> Iterator[tuple[Namespaces, Path, list[str]]]:
    """The three namespaces with a web behind them, ten devices before them, and no gateway yet."""
    with namespaces.three_namespaces() as made:
        clients = namespaces.more_clients(made, 10)
        command = [sys.executable, "-m", "tests.proxy_addons.local_web", str(folder), "::"]
        web = subprocess.Popen(
            made.inside(made.server, command), cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert web.stdout is not None
        assert web.stdout.readline() == "ready\n"
        try:
            yield made, folder / "web-ca.pem", clients
        finally:
            web.communicate(timeout=20)


@contextmanager
def in_line(root: Path, *, fail: str = "open", identity: bool = False) -> Iterator[Place]:
    """A gateway of two workers that `nft follow` keeps in line, for every address of the client but the last two."""
    with (
        laid(root) as (made, web_ca, clients),
        _standing(root, made, web_ca, clients, fail, identity=identity) as place,
    ):
        yield place


@contextmanager
def _standing(
    root: Path, made: Namespaces, web_ca: Path, clients: list[str], fail: str, *, identity: bool
) -> Iterator[Place]:
    school = School(root / "s", devices=(device(DeviceClass.STAFF, "p-anne", CLIENT, CLIENT6, *clients[:-2]),))
    school.gateway = {
        **{"mode": "transparent", "listen_host": "", "listen_port": namespaces.GATEWAY_PORT, "workers": WORKERS},
        **{"upstream_ca": str(web_ca), "fail": fail},
    }
    school.transparent = {"interfaces": [INTERFACE], "gateway_user": "root"}
    school.prepare()
    with ExitStack() as stack:
        if identity:
            stack.enter_context(running(made, school.root, "identity"))
        supervisor = stack.enter_context(supervised(school, WORKERS, inside=made.inside(made.gateway, [])))
        follower = stack.enter_context(running(made, school.root, "nft", "follow"))
        yield Place(made, school, web_ca, clients, supervisor, follower)


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


def say(figure: str) -> None:
    sys.stdout.write(f"{figure}\n")


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
