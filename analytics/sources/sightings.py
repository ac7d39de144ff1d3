"""Which device is at an address, as leases and the neighbour table say.

Owns turning what was seen into bindings of a device. Promises: only the school's own devices are named; somebody
else's hardware address is never kept, but where it stands at an address that is, or was just, a device of the
school's, it is known that a stranger is there; what is seen again changes nothing.
"""

from dataclasses import dataclass

from analytics.bindings import Found
from analytics.event import Method
from analytics.records import BindingStep
from analytics.sources.source import Identity, now_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A device was seen at an address, which it has until `expires_ms` (UTC) unless it is seen again."""

    client_ip: str
    mac: str
    hostname: str = ""
    expires_ms: int


class Sightings:
    """What one source saw, told to the registrar. `tag` tells it from others of its kind."""

    def __init__(self, identity: Identity, source: Method, tag: str = "") -> None:
        self._identity, self._source, self._tag = identity, source, tag

    def seen(self, sighting: Sighting) -> None:
        """There is this device at this address."""
        register, registrar = self._identity.register.now, self._identity.registrar
        device = register.by_hardware(sighting.mac, sighting.hostname)
        if device is None and not self._matters(sighting.client_ip):
            return
        device_id, mac = (device.device_id, sighting.mac) if device is not None else ("", "")
        standing = registrar.standing(self._source, self._tag + sighting.client_ip)
        if standing is not None and (standing.device_id, standing.mac) == (device_id, mac):
            registrar.renew(standing.binding_id, sighting.expires_ms)
            return
        registrar.open(
            Found(
                source=self._source,
                session=self._tag + sighting.client_ip,
                device_id=device_id,
                client_ip=sighting.client_ip,
                mac=mac,
                from_ms=now_ms(),
                expires_ms=sighting.expires_ms,
            )
        )

    def gone(self, client_ip: str) -> None:
        """Its source says that nobody has this address any more."""
        standing = self._identity.registrar.standing(self._source, self._tag + client_ip)
        if standing is not None:
            self._identity.registrar.end(standing.binding_id, now_ms(), BindingStep.CLOSED)

    def standing(self) -> set[str]:
        """The addresses that this source has a device at."""
        return {
            item.client_ip
            for item in self._identity.registrar.open_bindings
            if item.source is self._source and item.session == self._tag + item.client_ip
        }

    def _matters(self, client_ip: str) -> bool:
        """Whether a stranger there must be known: the address is a device's, or somebody is signed in at it."""
        fixed = self._identity.register.now.device(client_ip, now_ms())
        if fixed is not None:
            return bool(fixed.macs)
        return bool(self._identity.registrar.view.at(client_ip, now_ms()))
