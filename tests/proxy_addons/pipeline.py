"""Our addons on flows made by hand, with no socket: every hook in the order the gateway calls them."""

import asyncio
import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import HTTPFlow, Request, Response
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.tls import ClientHelloData

from analytics.carried import Carrier
from analytics.categorise import Judge
from analytics.event import WebEvent
from analytics.live_register import LiveRegister
from analytics.portal_place import PortalPlace
from analytics.records import Record
from analytics.snapshot import Device, Permission, Person, Snapshot, write_snapshot
from config.policy import Policy, load_policy
from config.settings import IdentitySettings
from proxy_addons.attribution import Attributor
from proxy_addons.event_writer import EventWriter, Recording
from proxy_addons.kinds import Kinds
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.notice import Notice
from proxy_addons.passed_through import PassedThrough
from proxy_addons.pins import Pins
from proxy_addons.recorder import Recorder
from proxy_addons.shield import Shield
from proxy_addons.sign_in import SignIn
from proxy_addons.streams import Streams
from proxy_addons.tally import Tally
from proxy_addons.tell_identity import TellIdentity
from proxy_addons.untold import NoticeOnly
from proxy_addons.verdict import Verdicts
from tests.proxy_addons.running_gateway import ANNE, ANNES_LAPTOP, BEN, UNTOLD

NOW = 1_800_000_000.0
AS_SHIPPED = IdentitySettings()
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
OPENED = {
    "User-Agent": CHROME,
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-User": "?1",
}
"""Headers of a page that somebody typed the address of."""
PULLED_IN = {"User-Agent": CHROME, "Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}


@functools.cache
def shipped() -> tuple[Policy, Judge]:
    """The policy that comes with Fairgate, loaded once."""
    policy = load_policy()
    return policy, Judge(policy)


class Kept:
    """A spool in memory; `full` as one that must drop."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.full = False
        self.dropped = 0

    def put(self, record: Record, /) -> bool:
        if self.full:
            self.dropped += 1
            return False
        self.records.append(record)
        return True


class Pipeline:
    """The addons of one worker over a snapshot in `folder`."""

    def __init__(
        self,
        folder: Path,
        *,
        devices: tuple[Device, ...] = (ANNES_LAPTOP,),
        people: tuple[Person, ...] = (ANNE, BEN, UNTOLD),
        permissions: tuple[Permission, ...] = (),
        explicit: bool = True,
        judged: tuple[Policy, Judge] | None = None,
        identity: IdentitySettings = AS_SHIPPED,
        notice_version: str = "",
    ) -> None:
        path = folder / "snapshot.json"
        snapshot = Snapshot(school="oak", made_ms=1, people=people, devices=devices, permissions=permissions)
        write_snapshot(replace(snapshot, notice_version=notice_version), path)
        self.policy, self.judge = judged or shipped()
        self.tally, self.spool = Tally(), Kept()
        self.register = LiveRegister(path, "oak")
        self.recording = Recording(
            school="oak",
            gateway="gate-0",
            policy=self.policy,
            judge=self.judge,
            register=self.register,
            spool=self.spool,
        )
        self.sign_in = SignIn(self.register, self.tally, explicit=explicit)
        self.identity = LiveIdentity(folder / "identity.sqlite")
        self.attributor = Attributor(self.register, self.identity, self.sign_in, self.tally)
        self.tell = TellIdentity(folder / "identity.sock")
        writer = EventWriter(self.recording, self.tell, self.attributor.attended)
        self.passed_through = PassedThrough(self.judge, self.attributor, writer)
        kinds, verdicts = Kinds(self.judge, self.tally), Verdicts(self.judge, self.tally)
        self.pins = Pins(self.identity, self.tell, self.tally)
        self.shield = Shield(self.judge, self.attributor, self.passed_through, kinds, self.pins)
        self.carrier = Carrier(folder / "notice.key")
        place = PortalPlace(identity)
        self.notice = Notice(self.recording, self.attributor, self.identity, place, self.carrier)
        self.notice_only = NoticeOnly(self.judge, self.attributor, place)
        self.recorder = Recorder(self.attributor, self.judge, self.passed_through, writer, (kinds, verdicts))
        self.addons: list[Any] = [
            *(self.sign_in, self.attributor, self.shield, self.notice, self.notice_only, self.passed_through),
            *(self.pins, Streams(self.tally)),
            *(kinds, verdicts, self.recorder),
        ]

    @property
    def events(self) -> list[WebEvent]:
        return [record for record in self.spool.records if isinstance(record, WebEvent)]

    def handlers(self, hook: str) -> list[Callable[[Any], Any]]:
        return [getattr(addon, hook) for addon in self.addons if hasattr(addon, hook)]

    def call(self, hook: str, data: Any) -> None:
        """One hook of every addon, awaited where it must be, as mitmproxy does."""
        asyncio.run(self._call(hook, data))

    async def _call(self, hook: str, data: Any) -> None:
        for handler in self.handlers(hook):
            if (waiting := handler(data)) is not None:
                await waiting

    def exchange(self, flow: HTTPFlow, answer: Response | None = None) -> HTTPFlow:
        """The whole life of `flow`: answered with `answer`, or cut off."""
        self.call("requestheaders", flow)
        if flow.response is None and answer is not None:
            flow.response = answer
            self.call("responseheaders", flow)
            self.call("response", flow)
        elif flow.response is None:
            flow.error = Error("gone")
            self.call("error", flow)
        return flow

    def hello(self, sni: str | None, asked: tuple[str, int] | None, mode: str = "regular") -> bool:
        """Whether a TLS connection is passed through undecrypted."""
        client = client_at("127.0.0.1", mode=mode)
        context = Context(client, Options())
        context.server = Server(address=asked)
        data = ClientHelloData(context, Greeting(sni))  # type: ignore[arg-type]
        self.shield.tls_clienthello(data)
        self.notice_only.tls_clienthello(data)
        self.call("client_disconnected", client)
        return data.ignore_connection


class Greeting:
    """The part of a ClientHello that is read."""

    def __init__(self, sni: str | None) -> None:
        self.sni = sni
        self.extensions: list[tuple[int, bytes]] = []


def client_at(address: str, *, tls: bool = False, mode: str = "regular") -> Client:
    client = Client(peername=(address, 50_000), sockname=("127.0.0.1", 8080), proxy_mode=ProxyMode.parse(mode))
    client.tls = tls
    return client


def request(
    url: str,
    headers: dict[str, str] | None = None,
    *,
    method: str = "GET",
    body: bytes = b"",
    client: Client | None = None,
    at: float = NOW,
) -> HTTPFlow:
    """A flow for `url`, decrypted where it is https."""
    made = Request.make(method, url, body)
    for name, value in (headers or {}).items():
        made.headers[name] = value
    made.headers.insert(0, "Host", made.host)
    made.timestamp_start = at
    if client is None:
        client = client_at("127.0.0.1", tls=made.scheme == "https")
        client.sni = made.host if client.tls else None
    flow = HTTPFlow(client, Server(address=(made.host, made.port)))
    flow.request, flow.live = made, True
    return flow


def answer(status: int = 200, body: bytes = b"<p>", kind: str = "text/html", **headers: str) -> Response:
    made = Response.make(status, body, {"Content-Type": kind, **headers})
    made.timestamp_end = NOW + 0.25
    return made


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def only[T](found: Iterable[T]) -> T:
    """The one there is."""
    (one,) = found
    return one
