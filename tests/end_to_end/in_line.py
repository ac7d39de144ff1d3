"""A school whose gateway stands in line, for tests: workers, `nft follow`, a client with ten addresses, a web."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.event import WebEvent
from analytics.records import Gap, GapReason, Record
from analytics.snapshot import DeviceClass
from analytics.spool import read_records, segments
from tests.end_to_end import namespaces
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import CLIENT, CLIENT6, INTERFACE, SERVER, Namespaces, running
from tests.proxy_addons.running_gateway import REPOSITORY, School, device
from tests.proxy_addons.supervised import supervised

WORKERS = 2
FIRST_PORT = 18080


@dataclass
class Connection:
    """One connection of a client, in its namespace."""

    process: subprocess.Popen[str]

    def asks(self) -> str:
        """A page over it: "site" or "gateway", by whom it is answered, or "cut"."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


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
    def steady_load(self, *clients: str, authority: str = "") -> Iterator[dict[str, list[tuple[float, int, str]]]]:
        """Visits from these addresses all the while; what came of them stands in what is given, at the end."""
        trusted = authority or str(self.both)
        command = [sys.executable, "-m", "tests.end_to_end.steady_load", trusted, SERVER, *clients]
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

    @contextmanager
    def keeping_open(self, client: str) -> "Iterator[Connection]":
        """One connection from that address to the site, kept alive."""
        command = [sys.executable, "-m", "tests.end_to_end.kept_open", str(self.both), SERVER, client]
        with subprocess.Popen(
            self.made.inside(self.made.client, command), cwd=REPOSITORY, text=True, stdin=-1, stdout=-1
        ) as process:
            try:
                yield Connection(process)
            finally:
                process.kill()

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
    with namespaces.three_namespaces() as made, namespaces.served_web(made, folder):
        yield made, folder / "web-ca.pem", namespaces.more_clients(made, 10)


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
        **{"mode": "transparent", "listen_host": "", "listen_port": FIRST_PORT, "workers": WORKERS},
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


def say(figure: str) -> None:
    """What was measured, to whoever runs the test with -s."""
    sys.stdout.write(f"{figure}\n")
