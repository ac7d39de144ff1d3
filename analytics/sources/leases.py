"""Leases: which device has which address, as the school's DHCP server says.

Owns the watch on one lease database. Promises: it is looked at every second and read where it changed; a database that
disappears, cannot be read or is being written changes nothing, and what it said before holds until each lease's own
end; a lease that moves begins a binding and ends another, and re-labels nothing that was recorded.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

import structlog

from analytics.event import Method
from analytics.identity import Register
from analytics.sources.lease_files import Lease, LeaseFile, read_dnsmasq, read_kea
from analytics.sources.sightings import Sighting, Sightings
from analytics.sources.source import Identity, now_ms
from config.settings import LeaseSettings

LOOK_SECONDS: Final = 1.0
_LARGEST: Final = 256 * 2**20

log = structlog.get_logger("fairgate.identity")

type _Mark = tuple[tuple[int, int, int], ...]


class Leases:
    """Watches the lease database that `settings` names."""

    def __init__(self, identity: Identity, settings: LeaseSettings) -> None:
        self._identity, self._settings = identity, settings
        self._sightings = Sightings(identity, Method.DHCP, f"{settings.path}:")
        self._mark: _Mark = ()
        self._leases: dict[str, Lease] = {}
        self._bad = 0
        self._there = True
        self._missing: set[str] = set()
        self._judged_by: Register | None = None

    async def run(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Read the database if it changed, and tell what it says now."""
        if self._read() or self._judged_by is not self._identity.register.now:
            self._tell()
        self._end_missing()

    def _read(self) -> bool:
        paths = [path for path in _files(self._settings) if path.exists()]
        mark = tuple(seen for path in paths if (seen := _mark(path)) is not None)
        if bool(mark) != self._there:
            self._there = bool(mark)
            log.warning("leases_found" if mark else "leases_missing", kind=self._settings.kind)
        if not mark or mark == self._mark:
            return False
        try:
            data = [path.read_bytes()[:_LARGEST] for path in paths]
        except OSError as fault:
            log.warning("leases_unreadable", kind=self._settings.kind, fault=type(fault).__name__)
            return False
        found = read_kea(*data) if self._settings.kind == "kea" else read_dnsmasq(b"\n".join(data))
        self._mark = mark
        self._take(found)
        return True

    def _take(self, found: LeaseFile) -> None:
        if found.bad != self._bad:
            log.warning("leases_with_bad_lines", kind=self._settings.kind, bad=found.bad)
            self._bad = found.bad
        if found.bad:
            # A file that is being written looks like one with bad lines: what is not in it may be yet to come.
            self._leases |= found.leases
        else:
            self._leases = found.leases

    def _tell(self) -> None:
        now, self._judged_by = now_ms(), self._identity.register.now
        for lease in self._leases.values():
            if lease.expires_ms > now:
                self._sightings.seen(
                    Sighting(
                        client_ip=lease.client_ip,
                        mac=lease.mac,
                        hostname=lease.hostname,
                        expires_ms=lease.expires_ms,
                    )
                )

    def _end_missing(self) -> None:
        """End what is not in the database any more, seen so at two looks: it may have been read half-written."""
        if not self._mark or self._bad:
            return
        missing = self._sightings.standing() - self._leases.keys()
        for client_ip in missing & self._missing:
            self._sightings.gone(client_ip)
        self._missing = missing


def _files(settings: LeaseSettings) -> list[Path]:
    """The database's files, in the order they were written. Kea cleans its journal up into others beside it."""
    path = settings.path
    if settings.kind != "kea":
        return [path]
    cleaned = path.with_name(path.name + ".completed")
    before = [cleaned] if cleaned.exists() else [path.with_name(f"{path.name}.{number}") for number in (2, 1)]
    return [*before, path]


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a missing file is an answer, not an error
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
