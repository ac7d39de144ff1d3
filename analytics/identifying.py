"""`fairgate identity`: the process that knows who is where, from start to clean stop.

Owns the joining of its sources, its socket, its table and its spool. Promises: it starts whole or not at all; SIGTERM
and Ctrl-C stop it with everything it took written; a source that fails stops neither the others nor the gateway, and
its logs name nobody.
"""

import asyncio
import signal
import time
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from analytics.bindings import Heart, IdentityTable
from analytics.event import Method
from analytics.evidence.keys import open_key
from analytics.evidence.seal import Sealer
from analytics.identity_socket import IdentitySocket, Message
from analytics.identity_turns import Turns
from analytics.live_register import LiveRegister
from analytics.pinning import Pinning
from analytics.portal import captive, hook, notice, sign_in
from analytics.portal.server import Contributor, PortalServer
from analytics.records import Attempts, Gap, GapReason
from analytics.registrar import Found, Registrar
from analytics.sources.leases import Leases
from analytics.sources.neighbours import Neighbours
from analytics.sources.radius import RadiusAccounting
from analytics.sources.source import Identity, Source, now_ms, rules_of
from analytics.spool import SpoolWriter
from config.policy import load_policy
from config.settings import Settings
from config.state import StateFolder
from config.systemd import notify

READY: Final = "identity.ready"
PROXY_MS: Final = 3_600_000
"""A proxy sign-in is checked again after this time (proxy_addons.sign_in)."""

PAGES: Final[tuple[Contributor, ...]] = (notice.routes, sign_in.routes, captive.routes, hook.routes)
"""What contributes pages to the portal: the `routes` of a module each."""

__all__ = ["PAGES", "PROXY_MS", "READY", "Identity", "Source", "messages", "now_ms", "serve", "sources"]

log = structlog.get_logger("fairgate.identity")


def serve(settings: Settings, state: StateFolder) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        FairgateError: it cannot start: says what is wrong, where, and what to do.
    """
    lock = state.lock("identity")
    try:
        asyncio.run(_serve(settings, state))
    finally:
        lock.close()


async def _serve(settings: Settings, state: StateFolder) -> None:
    name = f"{settings.gateway.name}-identity"
    policy = load_policy(settings.policy)
    register = LiveRegister(state.snapshot, settings.school)
    table, heart = IdentityTable(state.identity), Heart(state.identity)
    sealer = Sealer(open_key(state.keys, demonstration=state.demonstration))
    with SpoolWriter(state.spool / name, settings.school, name, sealer) as spool:
        rules = rules_of(settings, register, table.told_ever)
        registrar = Registrar(table, spool, settings.school, name, now_ms, rules)
        registrar.send()
        identity = Identity(settings=settings, state=state, policy=policy, register=register, registrar=registrar)
        pinning = Pinning(registrar, now_ms)
        found = [*sources(identity), pinning]
        door = IdentitySocket(state.identity_socket, messages(identity) | pinning.messages())
        await door.open()
        try:
            await _run(identity, found, Turns(identity, table, heart))
        finally:
            await door.close()
    registrar.settle()
    table.close()


async def _run(identity: Identity, found: Sequence[Source], turns: Turns) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ready = identity.state.root / "run" / READY
    tasks = [asyncio.create_task(_kept_running(source)) for source in found]
    tasks.append(asyncio.create_task(turns.run()))
    identity.register.running()
    ready.write_text("", "ascii")
    log.info("identity_ready", sources=len(found))
    notify("READY=1")
    try:
        await stop.wait()
    finally:
        notify("STOPPING=1")
        ready.unlink(missing_ok=True)
        identity.register.done()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        log.info("identity_stopped")


def sources(identity: Identity) -> list[Source]:
    """The sources that the settings name.

    Raises:
        ConfigError: a secret that one of them needs cannot be used.
    """
    settings = identity.settings.identity
    found: list[Source] = [PortalServer(identity, PAGES)]
    found += [Leases(identity, database) for database in settings.leases]
    if settings.neighbours:
        found.append(Neighbours(identity))
    if settings.radius.nas:
        found.append(RadiusAccounting(identity))
    return found


def messages(identity: Identity) -> dict[str, "_Heard"]:
    """What may be told on the socket."""
    told = _Told(identity)
    return {"signed_in": told.signed_in, "bypassed": told.bypassed, "attempts": told.attempts, "active": told.active}


class _Heard(Protocol):
    def __call__(self, message: Message, /) -> None: ...


class _Told:
    """What workers and the network's watcher tell."""

    def __init__(self, identity: Identity) -> None:
        self._identity, self._registrar = identity, identity.registrar
        self._school = identity.settings.school
        self._name = f"{identity.settings.gateway.name}-identity"

    def signed_in(self, message: Message) -> None:
        """At the proxy, with a password that was right."""
        self._registrar.open(
            Found(
                source=Method.PROXY,
                session=str(message["session"]),
                person_id=str(message["person_id"]),
                device_id=str(message.get("device_id") or ""),
                client_ip=str(message["client_ip"]),
                from_ms=int(message["from_ms"]),
                expires_ms=int(message["from_ms"]) + PROXY_MS,
                binding_id=str(message["session"]),
            )
        )

    def active(self, message: Message) -> None:
        """Something was recorded under a sign-in at a device that is not one person's."""
        self._registrar.active(str(message["binding_id"]))

    def bypassed(self, message: Message) -> None:
        self._registrar.note(
            Gap(
                school=self._school,
                gateway=self._name,
                ts_ms=now_ms(),
                reason=GapReason.BYPASSED,
                from_ms=int(message["from_ms"]),
                to_ms=int(message["to_ms"]),
                count=0,
            )
        )

    def attempts(self, message: Message) -> None:
        self._registrar.note(
            Attempts(
                school=self._school,
                gateway=self._name,
                ts_ms=now_ms(),
                since_ms=int(message["since_ms"]),
                quic=int(message["quic"]),
                dot=int(message["dot"]),
                doh=int(message["doh"]),
            )
        )


async def _kept_running(source: Source) -> None:
    """A source that fails is started again, a little later each time."""
    wait = 1.0
    while True:
        begun = time.monotonic()
        try:
            await source.run()
        except Exception as fault:
            log.error("identity_source_failed", source=type(source).__name__, fault=type(fault).__name__)
        wait = 1.0 if time.monotonic() - begun > 60 else min(wait * 2, 60.0)
        await asyncio.sleep(wait)
