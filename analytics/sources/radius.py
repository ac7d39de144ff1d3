"""RADIUS accounting: who signed in to the school's network, as its access servers tell.

Owns the UDP socket. Promises: only the servers that the settings name are heard, each with its own secret; an answer
leaves only when what the packet says is durable; a packet that comes twice is answered twice and applied once, whoever
sent it again and when; whatever else arrives is counted and dropped without an answer; a secret that others can read is
refused.
"""

import asyncio
import hashlib
import ipaddress
import itertools
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from analytics.bindings.binding import UNPROVED
from analytics.sources.accounting import NotAccounting, read_accounting
from analytics.sources.accounting_sessions import AccountingSessions
from analytics.sources.source import Identity
from config.errors import ConfigError
from config.settings import NasSettings

LOOK_SECONDS: Final = 1.0
TELL_TURNS: Final = 60

log = structlog.get_logger("fairgate.identity")


@dataclass(frozen=True, slots=True)
class Nas:
    """A server that is heard."""

    settings: NasSettings
    secret: bytes = field(repr=False)

    @property
    def key(self) -> str:
        """What its sessions are known by."""
        return self.settings.name if self.settings.proved_names else UNPROVED + self.settings.name


def known_servers(identity: Identity) -> list[Nas]:
    """The servers of the settings, with their secrets; the smallest subnet first.

    Raises:
        ConfigError: a secret cannot be read, is empty, or can be read by others.
    """
    found = [Nas(nas, _secret(nas.secret_file)) for nas in identity.settings.identity.radius.nas]
    return sorted(found, key=lambda nas: -nas.settings.address.prefixlen)


class RadiusAccounting(asyncio.DatagramProtocol):
    """Listens until it is cancelled."""

    def __init__(self, identity: Identity) -> None:
        self._settings = identity.settings.identity.radius
        self._sessions = AccountingSessions(identity)
        self._servers = known_servers(identity)
        self._transport: asyncio.DatagramTransport | None = None
        self.dropped: Counter[str] = Counter()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        address = (self._settings.listen_host or "0.0.0.0", self._settings.port)  # noqa: S104 - what "" means here
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=address)
        log.info("radius_ready", servers=len(self._servers))
        try:
            for turn in itertools.count(1):
                await asyncio.sleep(LOOK_SECONDS)
                self.look()
                if turn % TELL_TURNS == 0:
                    self._tell()
        finally:
            transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        answer = self.answer(data, str(addr[0]))
        if answer and self._transport is not None:
            self._transport.sendto(answer, addr)

    def answer(self, data: bytes, address: str) -> bytes:
        """The answer to a packet; empty where it has none. What it says is durable then."""
        nas = self._server(address)
        if nas is None:
            self.dropped["stranger"] += 1
            return b""
        try:
            packet, said = read_accounting(data, nas.secret)
            if not self._sessions.take(nas.key, said, _digest(nas, data)):
                self.dropped["misdated"] += 1
            return bytes(packet.CreateReply().ReplyPacket())
        except NotAccounting:
            self.dropped["malformed"] += 1
        except Exception as fault:
            # Not answered, so that it is sent again.
            self.dropped["failed"] += 1
            log.error("radius_packet_failed", fault=type(fault).__name__)
        return b""

    def look(self) -> None:
        """See whether the devices of sign-ins that wait are known by now."""
        try:
            self._sessions.look()
        except Exception as fault:
            log.error("radius_waiting_failed", fault=type(fault).__name__)

    def _server(self, address: str) -> Nas | None:
        parsed = ipaddress.ip_address(address.partition("%")[0])
        mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
        return next((nas for nas in self._servers if (mapped or parsed) in nas.settings.address), None)

    def _tell(self) -> None:
        if self.dropped:
            log.warning("radius_dropped", **self.dropped)
            self.dropped.clear()


def _digest(nas: Nas, data: bytes) -> bytes:
    """Of a genuine packet: its Request Authenticator is made from all of it and the secret."""
    return hashlib.blake2b(nas.settings.name.encode() + b":" + data[:20], digest_size=16).digest()


def _secret(path: Path) -> bytes:
    try:
        mode, secret = path.stat().st_mode, path.read_bytes().strip()
    except OSError as fault:
        raise ConfigError(
            f"identity.radius.nas: secret_file: {path} cannot be read ({fault.strerror}). Write the server's shared "
            "secret into it, and give it to the account fairgate runs as."
        ) from fault
    if mode & 0o077:
        raise ConfigError(f"identity.radius.nas: secret_file: others can read {path}. Close it: chmod 600 {path}.")
    if not secret:
        raise ConfigError(f"identity.radius.nas: secret_file: {path} is empty. Write the shared secret into it.")
    return secret
