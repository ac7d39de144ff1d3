"""How fast the gateway is: against stock mitmdump with the same addons, and what our own hooks cost.

Both gateways run side by side and are loaded in turn, so that a busy machine slows both alike; medians of the rounds.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mitmproxy.connection import Client, Server
from mitmproxy.http import HTTPFlow, Request, Response

from analytics.categorise import Judge
from analytics.live_register import LiveRegister
from analytics.records import Record
from config.policy import load_policy
from proxy_addons.attribution import Attributor
from proxy_addons.event_writer import EventWriter, Recording
from proxy_addons.kinds import Kinds
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.passed_through import PassedThrough
from proxy_addons.pins import Pins
from proxy_addons.recorder import Recorder
from proxy_addons.shield import Shield
from proxy_addons.sign_in import SignIn
from proxy_addons.streams import Streams
from proxy_addons.tally import Tally
from proxy_addons.tell_identity import TellIdentity
from proxy_addons.verdict import Verdicts
from tests.benchmarks.proxy_load import HEADERS
from tests.proxy_addons.local_web import Authority, free_port, wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School, stop

ROUNDS = 3
SECONDS = 6.0
CONNECTIONS = 8
SITE = "www.amazon.co.uk"
HOOKED = 4000


def measure() -> dict[str, float]:
    """Figures by name: ratios over stock mitmdump, exchanges a second, and microseconds of CPU an exchange."""
    with tempfile.TemporaryDirectory() as folder:
        return {**_against_stock(Path(folder)), "hook_us": hook_us(Path(folder))}


def _against_stock(folder: Path) -> dict[str, float]:
    authority, port = Authority(folder / "web"), free_port()
    web = _start("tests.benchmarks.tiny_web", str(authority.leaf(SITE)), str(port))
    lean, stock = (_school(folder / name, authority, port) for name in ("lean", "stock"))
    mitmdump = [str(Path(sys.executable).with_name("mitmdump")), "-q", "-s", "proxy_addons/gateway.py"]
    running = [lean.start(), stock.start(ready=False, command=[*mitmdump, "-p", str(stock.port)])]
    try:
        assert wait_until(lambda: _answers(stock), 60)
        return _ratios(lean, stock)
    finally:
        for process in running:
            stop(process)
        web.communicate(timeout=20)


def _ratios(lean: School, stock: School) -> dict[str, float]:
    figures: dict[str, float] = {}
    for scheme in ("http", "https"):
        rates: dict[str, list[float]] = {"lean": [], "stock": []}
        for _ in range(ROUNDS):
            rates["lean"].append(_rate(lean, f"{scheme}://{SITE}/logo.png"))
            rates["stock"].append(_rate(stock, f"{scheme}://{SITE}/logo.png"))
        ours, theirs = statistics.median(rates["lean"]), statistics.median(rates["stock"])
        figures[f"gateway_vs_stock_mitmdump_{scheme}"] = round(ours / theirs, 2)
        figures[f"gateway_{scheme}_per_s"] = round(ours)
        figures[f"stock_mitmdump_{scheme}_per_s"] = round(theirs)
    return figures


def _rate(school: School, url: str) -> float:
    command = [*("-m", "tests.benchmarks.proxy_load"), str(school.port), url, school.ca, str(SECONDS), str(CONNECTIONS)]
    done = subprocess.run([sys.executable, *command], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _school(root: Path, authority: Authority, port: int) -> School:
    school = School(root)
    school.prepare()
    (root / "DEMONSTRATION").touch()
    school.gateway = {"stand_in": f"127.0.0.1:{port}", "upstream_ca": str(authority.certificate)}
    school.prepare()
    return school


def _start(*module: str) -> subprocess.Popen[str]:
    """A module of ours that says "ready" and ends when its input closes."""
    command = [sys.executable, "-m", *module]
    process = subprocess.Popen(command, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _answers(school: School) -> bool:
    try:
        return _probe(school)
    except subprocess.CalledProcessError:
        return False


def _probe(school: School) -> bool:
    """Whether it decrypts under the school's own authority: only then are our addons loaded."""
    command = ["curl", "-sf", "-m", "5", "-x", school.proxy, "--cacert", school.ca, f"https://{SITE}/"]
    return subprocess.run(command, capture_output=True, check=True).returncode == 0


class Nowhere:
    """A spool that keeps nothing: what happens after the queue is measured elsewhere."""

    dropped = 0

    def put(self, _record: Record) -> bool:
        return True


def hook_us(folder: Path) -> float:
    """CPU microseconds of our hooks for one exchange: the median over batches."""
    school = School(folder / "hooks")
    school.prepare()
    calls = _hooks(school)
    return asyncio.run(_timed(calls))


async def _timed(calls: list[tuple[str, Callable[[HTTPFlow], Any]]]) -> float:
    taken = []
    for _ in range(7):
        flows = [_flow() for _ in range(HOOKED)]
        for hook in ("requestheaders", "responseheaders", "response"):
            handlers = [call for name, call in calls if name == hook]
            if hook == "responseheaders":
                for flow in flows:
                    flow.response = Response.make(200, b"<p>Hello.</p>", {"Content-Type": "text/html"})
            begun = time.thread_time()
            for flow in flows:
                for handler in handlers:
                    handler(flow)
            taken.append((hook, time.thread_time() - begun))
    sums = [sum(seconds for _, seconds in taken[at : at + 3]) for at in range(0, len(taken), 3)]
    return round(statistics.median(sums) / HOOKED * 1e6, 1)


def _hooks(school: School) -> list[tuple[str, Callable[[HTTPFlow], Any]]]:
    policy, tally = load_policy(), Tally()
    judge, register = Judge(policy), LiveRegister(school.state.snapshot, "oak")
    recording = Recording(
        school="oak", gateway="gate-0", policy=policy, judge=judge, register=register, spool=Nowhere()
    )
    sign_in = SignIn(register, tally, explicit=True)
    identity, tell = LiveIdentity(school.state.identity), TellIdentity(school.state.identity_socket)
    attributor = Attributor(register, identity, sign_in, tally)
    writer, pins = EventWriter(recording, tell, attributor.attended), Pins(identity, tell, tally)
    passed = PassedThrough(judge, attributor, writer)
    kinds, verdicts = Kinds(judge, tally), Verdicts(judge, tally)
    recorder = Recorder(attributor, judge, passed, writer, (kinds, verdicts))
    shield = Shield(judge, attributor, passed, kinds, pins)
    addons = (sign_in, attributor, shield, pins, Streams(tally), kinds, verdicts, recorder)
    hooks = ("requestheaders", "responseheaders", "response")
    return [(hook, getattr(addon, hook)) for hook in hooks for addon in addons if hasattr(addon, hook)]


def _flow() -> HTTPFlow:
    client = Client(peername=("127.0.0.1", 50_000), sockname=("127.0.0.1", 8080), sni=SITE)
    client.tls = True
    flow = HTTPFlow(client, Server(address=(SITE, 443)))
    lines = HEADERS.format(host=SITE).strip().split("\r\n")
    headers = tuple((name.encode(), value.encode()) for name, _, value in (line.partition(": ") for line in lines))
    now = time.time()
    flow.request = Request(SITE, 443, b"GET", b"https", b"", b"/logo.png", b"HTTP/1.1", headers, b"", None, now, now)
    return flow
