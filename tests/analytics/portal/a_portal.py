"""A real portal for tests: its server on two free ports, asked by curl from whatever loopback address."""

import asyncio
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analytics.carried import Carried, Carrier
from analytics.live_register import LiveRegister
from analytics.portal import captive, notice, sign_in
from analytics.portal.server import PortalServer
from analytics.records import Acknowledgement
from analytics.snapshot import Device, Person, Snapshot, write_snapshot
from analytics.sources.source import Identity, now_ms
from config.policy import load_policy
from proxy_addons.authority import Authority
from tests.analytics.an_identity import Desk, an_identity
from tests.proxy_addons.local_web import free_port, wait_until

VERSION = load_policy().notice_version
SEEN = ("-H", "Sec-Fetch-Site: same-origin")


@dataclass(frozen=True)
class Answer:
    """What curl got."""

    status: int
    headers: str
    body: str

    @property
    def location(self) -> str:
        found = re.search(r"^location: (\S+)", self.headers, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.body)
        assert found, self.body
        return found[1]


@dataclass
class Portal:
    """One that stands, asked from `client` unless told otherwise."""

    desk: Desk
    identity: Identity
    plain: int
    secure: int
    folder: Path
    client: str = "127.0.0.2"
    jars: int = field(default=0)

    def ask(self, path: str, *more: str, tls: bool = True, client: str | None = None) -> Answer:
        """One request; cookies are kept."""
        where = f"https://127.0.0.1:{self.secure}" if tls else f"http://127.0.0.1:{self.plain}"
        ca, jar = self.identity.state.ca / "mitmproxy-ca-cert.pem", self.folder / "cookies"
        done = subprocess.run(
            [
                *("curl", "-sS", "-m", "20", "--cacert", str(ca), "-c", str(jar), "-b", str(jar), "-D", "-"),
                *("--interface", client or self.client, *more, f"{where}{path}"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        headers, _, body = done.stdout.replace("\r", "").partition("\n\n")
        return Answer(int(headers.split()[1]), headers, body)

    def send(self, path: str, page: Answer, tls: bool = True, client: str | None = None, **fields: str) -> Answer:
        """The form of `page`, filled in."""
        hidden = {name: page.field(name) for name in ("to", "form") if f'name="{name}"' in page.body}
        given = [part for item in (hidden | fields).items() for part in ("--data-urlencode", "=".join(item))]
        return self.ask(path, *SEEN, *given, tls=tls, client=client)

    def token(self, person: Person, url: str = "http://www.bbc.co.uk/", **changes: Any) -> str:
        """As the gateway makes one."""
        carried = Carried(
            url=url, person_id=person.person_id, device_id="", client_ip=self.client, how="page_visit", made_ms=now_ms()
        )
        return Carrier(self.identity.state.notice_key).token(replace(carried, **changes))

    @property
    def acknowledged(self) -> list[Acknowledgement]:
        return [record for record in self.desk.kept.records if isinstance(record, Acknowledgement)]


@contextmanager
def a_portal(
    folder: Path,
    *devices: Device,
    people: tuple[Person, ...],
    mode: str = "transparent",
    version: str = VERSION,
    **identity: Any,
) -> Iterator[Portal]:
    """With these people, devices and settings of the section [identity]."""
    plain, secure = free_port(), free_port()
    with an_identity(folder, listen_host="127.0.0.1", portal_port=plain, portal_tls_port=secure, **identity) as desk:
        state, settings = desk.identity.state, desk.identity.settings
        write_snapshot(
            Snapshot(school="oak", made_ms=1, people=people, devices=devices, permissions=(), notice_version=version),
            state.snapshot,
        )
        Authority(state).prepare("Oak Primary")
        gateway = settings.gateway.model_copy(update={"mode": mode})
        ours = replace(
            desk.identity,
            settings=settings.model_copy(update={"gateway": gateway}),
            register=LiveRegister(state.snapshot, "oak"),
        )
        with _served(ours):
            portal = Portal(desk, ours, plain, secure, folder)
            assert wait_until(lambda: _answers(portal))
            yield portal


@contextmanager
def _served(identity: Identity) -> Iterator[None]:
    """The server on a thread of its own."""
    loop = asyncio.new_event_loop()
    started: list[asyncio.Task[None]] = []

    async def serve() -> None:
        server = PortalServer(identity, (notice.routes, sign_in.routes, captive.routes))
        started.append(asyncio.create_task(server.run()))
        await asyncio.gather(*started, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        yield
    finally:
        assert wait_until(lambda: bool(started))
        loop.call_soon_threadsafe(started[0].cancel)
        thread.join(60)
        loop.close()


def _answers(portal: Portal) -> bool:
    try:
        return portal.ask("/about").status == 200
    except AssertionError:
        return False
