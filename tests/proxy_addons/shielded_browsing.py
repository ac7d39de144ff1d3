"""Browsing of several people, ordinary and shielded, as the gateway's hooks see it; each shielded thing has a canary.

What they do is in shielded_shapes. The same acts can be played without what is shielded: `Browsing(..., bare=True)`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import HTTPFlow
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context
from mitmproxy.tls import ClientHelloData

from analytics.records import Record
from analytics.snapshot import DeviceClass
from analytics.spool.writer import encoded
from proxy_addons.conditions import ConditionWriter
from proxy_addons.heartbeat import HeartbeatWriter
from proxy_addons.tally import HOUR_MS
from tests.proxy_addons.pipeline import (
    NOW,
    OPENED,
    PULLED_IN,
    Greeting,
    Pipeline,
    answer,
    client_at,
    request,
)
from tests.proxy_addons.running_gateway import ANNE, device

START_MS: Final = int(NOW * 1000)
FRAMED: Final = {**OPENED, "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": ""}
CLICKED: Final = {**OPENED, "Sec-Fetch-Site": "cross-site"}
SCRIPTED: Final = {**PULLED_IN, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}
HIDDEN_PERSON, HIDDEN_DEVICE, HIDDEN_ADDRESS = "p-zqonlyshielded", "d-zqonlyshielded", "10.99.98.97"
ADDRESSES: Final = ("10.0.0.1", "10.0.0.2", "10.0.0.3", HIDDEN_ADDRESS)
_PEOPLE: Final = ("p-anne", "p-ben", "p-cora", HIDDEN_PERSON)
_DEVICES: Final = ("d-1", "d-2", "d-3", HIDDEN_DEVICE)


@dataclass(frozen=True)
class Act:
    """One thing that somebody does: how, and what it is varied by."""

    shape: "Callable[[Browsing, Act], None]"
    who: int
    """Who of `ADDRESSES`; ordinary acts are never the last one's."""
    after_ms: int
    vary: int


@dataclass
class Browsing:
    """Plays acts on a pipeline of its own. `expected` are ordinary hosts, once for each event they must leave."""

    folder: Path
    bare: bool = False
    now: int = START_MS
    canaries: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    hours: Counter[int] = field(default_factory=Counter)
    number: int = 0

    def __post_init__(self) -> None:
        people, devices = [], []
        for person, name, address in zip(_PEOPLE, _DEVICES, ADDRESSES, strict=True):
            people.append(type(ANNE)(**{**_plain(ANNE), "person_id": person, "username": person}))
            made = device(DeviceClass.STAFF, person, address)
            devices.append(type(made)(**{**_plain(made), "device_id": name}))
        self.pipeline = Pipeline(self.folder, people=tuple(people), devices=tuple(devices))
        recording, tally = self.pipeline.recording, self.pipeline.tally
        conditions = ConditionWriter(recording, tally, START_MS, lambda: None)
        self.heart = HeartbeatWriter(recording, tally, 60, "fairgate test", conditions)
        self.steady = self.heart._steady

    @property
    def records(self) -> list[Record]:
        return self.pipeline.spool.records

    def spooled(self) -> bytes:
        """The records' bytes, as they would reach the disk."""
        return b"\n".join(encoded(record, "gate-0", 1, number) for number, record in enumerate(self.records))

    def play(self, acts: list[Act]) -> None:
        for act in acts:
            self.now += act.after_ms
            self.number += 1
            if act.after_ms % 5 == 0:
                self.beat()
            act.shape(self, act)
        self.now += 2 * HOUR_MS
        self.beat()

    def beat(self) -> None:
        self.heart.beat(self.now, self.steady + (self.now - START_MS) * 1_000_000)

    # -- what happens on the wire

    def canary(self) -> str:
        self.canaries.append(f"zq{self.number:04d}x{len(self.canaries):04d}")
        return self.canaries[-1]

    def client(self, act: Act, *, sni: str | None = None, mode: str = "regular") -> Client:
        made = client_at(ADDRESSES[act.who % len(ADDRESSES)], tls=sni is not None, mode=mode)
        made.sni = sni
        return made

    def ask(self, act: Act, url: str, headers: dict[str, str], answered: Any = "page", **names: str) -> None:
        """One exchange; `names` change what the request and its connection call the site."""
        scheme, _, rest = url.partition("://")
        host = rest.partition("/")[0]
        sni = names.get("sni", host) if scheme == "https" else None
        flow = request(url, headers, client=self.client(act, sni=sni), at=self.now / 1000)
        if "host" in names:
            flow.request.headers["Host"] = names["host"]
        if "authority" in names:
            flow.request.data.authority = names["authority"].encode()
            del flow.request.headers["Host"]
        self.live(flow, answer() if answered == "page" else answered)

    def live(self, flow: HTTPFlow, answered: Any) -> None:
        self.call("requestheaders", flow)
        if answered is None:
            flow.error = Error("no such name")
            self.call("error", flow)
            return
        flow.response = answered
        self.call("responseheaders", flow)
        self.call("response", flow)

    def call(self, hook: str, data: Any) -> None:
        for handler in self.pipeline.handlers(hook):
            assert handler(data) is None

    def greet(self, act: Act, sni: str | None, asked: tuple[str, int], mode: str = "regular") -> bool:
        """A TLS connection; whether it was passed through."""
        context = Context(self.client(act, sni=sni, mode=mode), Options())
        context.server = Server(address=asked)
        data = ClientHelloData(context, Greeting(sni))  # type: ignore[arg-type]
        self.call("tls_clienthello", data)
        if data.ignore_connection:
            self.call("client_disconnected", context.client)
        return data.ignore_connection

    def shielded(self) -> bool:
        """Whether to play what is shielded; it is then expected to be counted in this hour."""
        if not self.bare:
            self.hours[self.now - self.now % HOUR_MS] += 1
        return not self.bare

    def ordinary(self) -> str:
        """A host of nobody's interest, of which one event is expected."""
        self.expected.append(f"plain{self.number:04d}n{len(self.expected):04d}.example")
        return self.expected[-1]


def _plain(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in type(made).__dataclass_fields__}
