"""The kernel's neighbour table: which hardware address answers at which address on the gateway's own networks.

Owns asking the kernel. It finds what no lease names: IPv6 addresses that devices choose for themselves, and fixed ones.
Promises: only the school's own devices are named by it; a hardware address can be forged, so that it finds a device and
never a person; where the kernel cannot be asked, nothing ends before its time.
"""

import asyncio
import ipaddress
import json
from collections.abc import Iterator
from typing import Any, Final

import structlog

from analytics.event import Method
from analytics.mac import plain_mac
from analytics.sources.sightings import Sighting, Sightings
from analytics.sources.source import Identity, now_ms
from config.errors import FairgateError

LOOK_SECONDS: Final = 2.0
HOLDS_MS: Final = 60_000
"""How long a device is taken to be where it was last seen."""
RENEWED_MS: Final = 30_000
_SEEN: Final = frozenset(("REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT"))
_COMMAND: Final = ("ip", "-json", "neighbour", "show")

log = structlog.get_logger("fairgate.identity")


class Neighbours:
    """Looks at the neighbour table again and again."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._sightings = Sightings(identity, Method.NEIGHBOUR)
        self._told: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        while True:
            if any(device.macs for device in self._identity.register.snapshot.devices):
                self.take(await _asked())
            await asyncio.sleep(LOOK_SECONDS)

    def take(self, table: str) -> None:
        """What the table says, as `ip` prints it.

        Raises:
            ValueError: it is not what `ip` prints.
        """
        now = now_ms()
        pairs = set(neighbours(table))
        for client_ip, mac in pairs:
            # Told again only when needed: each time is a write to the disk.
            if now - self._told.get((client_ip, mac), 0) >= RENEWED_MS:
                self._sightings.seen(Sighting(client_ip=client_ip, mac=mac, expires_ms=now + HOLDS_MS))
                self._told[client_ip, mac] = now
        self._told = {pair: when for pair, when in self._told.items() if pair in pairs}


def neighbours(table: str) -> Iterator[tuple[str, str]]:
    """(address, hardware address) of every neighbour that answered.

    Raises:
        ValueError: it is no list of JSON objects.
    """
    entries: Any = json.loads(table or "[]")
    if not isinstance(entries, list):
        raise ValueError("not a list")
    for entry in entries:
        state = entry.get("state") if isinstance(entry, dict) else None
        if isinstance(state, list) and _SEEN & set(map(str, state)):
            address, mac = _address(str(entry.get("dst"))), plain_mac(str(entry.get("lladdr")))
            if address and mac:
                yield address, mac


def _address(text: str) -> str:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return "" if parsed.is_link_local or parsed.is_multicast else str(parsed)


async def _asked() -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError as absent:
        raise FairgateError("The command ip is not installed. Install it: apt install iproute2.") from absent
    said, _ = await process.communicate()
    return said.decode("utf-8", "replace")
