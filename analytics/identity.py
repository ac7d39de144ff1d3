"""Attribution: whose traffic an address's traffic is, at one moment.

Owns the rules that turn a snapshot (people, devices, assignments) and a proxy sign-in into a person, or into nobody.
Promises: a guess is never made. A person is named only where they signed in with their own password, or where the
device is a staff device assigned to them alone; an address that two devices claim, a person not (or no longer) on the
staff, and every pupil, guest or personal device name nobody. Nobody counts as told before their own notice.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from analytics.bindings import EMPTY, IdentityView
from analytics.event import Grade, Method
from analytics.snapshot import Device, DeviceClass, Person, Snapshot

NEVER_RECORDED: Final = frozenset((DeviceClass.PUPIL, DeviceClass.GUEST, DeviceClass.PERSONAL))
"""Devices whose traffic is nobody's and is never recorded, whoever signs in on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySignIn:
    """A password that was checked: `person_id` signed in at the proxy at `since_ms` (UTC)."""

    person_id: str
    binding_id: str
    since_ms: int
    password_hash: str
    """The hash it was checked against, so that a changed password ends the sign-in. Never logged or stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Person or nobody, how found, and how sure. Decided once, when the event is written."""

    person_id: str | None
    method: Method
    grade: Grade
    binding_id: str | None
    binding_from_ms: int
    device_id: str | None
    device_class: DeviceClass | None
    """None where the address is no device of the school's."""
    told: bool
    """Whether this person had been told, by then, that use is monitored, by the notice in force or an earlier one.
    False where nobody is named."""

    @property
    def recorded(self) -> bool:
        """Whether traffic may be decrypted and recorded: a named person who was told."""
        return self.person_id is not None and self.told


@dataclass(frozen=True, slots=True)
class _Directory:
    people: dict[str, Person]
    usernames: dict[str, Person]
    addresses: dict[str, Device | None]
    """None: two devices claim the address, so it names neither."""


@dataclass(slots=True)
class Register:
    """What one snapshot says of people and devices, ready to be asked. Immutable in use; a new snapshot, a new one."""

    snapshot: Snapshot
    _directory: _Directory = field(init=False, repr=False)

    def __post_init__(self) -> None:
        people = {person.person_id: person for person in self.snapshot.people}
        usernames = _unambiguous((person.username.casefold(), person) for person in self.snapshot.people)
        self._directory = _Directory(people, usernames, _claims(self.snapshot.devices))

    def person(self, person_id: str) -> Person | None:
        """The person of that id, whether or not they are on the staff now."""
        return self._directory.people.get(person_id)

    def here(self, person_id: str, ts_ms: int) -> bool:
        """Whether they are on the staff at `ts_ms`."""
        person = self.person(person_id)
        return person is not None and _on_staff(person, ts_ms)

    def by_username(self, username: str, ts_ms: int) -> Person | None:
        """The one person on the staff at `ts_ms` who signs in as `username`, in whatever case it is typed."""
        person = self._directory.usernames.get(username.casefold())
        return person if person is not None and _on_staff(person, ts_ms) else None

    def device(self, client_ip: str, ts_ms: int) -> Device | None:
        """The one device known at `client_ip` at `ts_ms`; none where two claim it."""
        device = self._directory.addresses.get(client_ip)
        if device is None and ":" in client_ip:
            device = self._directory.addresses.get(plain_address(client_ip))
        return device if device is not None and device.from_ms <= ts_ms else None

    def attribute(
        self, client_ip: str, proxy_user: ProxySignIn | None, ts_ms: int, view: IdentityView = EMPTY
    ) -> Attribution:
        """Whose traffic comes from `client_ip` at `ts_ms` (UTC ms), given who signed in at the proxy, if anyone did,
        and what `fairgate identity` knows."""
        device = self.device(client_ip, ts_ms)
        if device is not None and device.device_class in NEVER_RECORDED:
            return _nobody(device)
        found = self._signed_in(proxy_user, device, ts_ms) if proxy_user is not None else self._assigned(device, ts_ms)
        return found if found.told else self._told_here(found, view, ts_ms)

    def _told_here(self, found: Attribution, view: IdentityView, ts_ms: int) -> Attribution:
        """The same, told where they acknowledged a notice at the gateway itself."""
        told_ms = view.told_ever.get(found.person_id or "", 0)
        return replace(found, told=True) if 0 < told_ms <= ts_ms else found

    def _signed_in(self, proxy_user: ProxySignIn, device: Device | None, ts_ms: int) -> Attribution:
        person = self._directory.people.get(proxy_user.person_id)
        if person is None or not _on_staff(person, ts_ms) or person.password_hash != proxy_user.password_hash:
            return _nobody(device)
        return _named(person, device, ts_ms, Method.PROXY, Grade.A, proxy_user.binding_id, proxy_user.since_ms)

    def _assigned(self, device: Device | None, ts_ms: int) -> Attribution:
        if device is None or device.person_id is None or device.device_class is not DeviceClass.STAFF:
            return _nobody(device)
        person = self._directory.people.get(device.person_id)
        if person is None or not _on_staff(person, ts_ms):
            return _nobody(device)
        binding_id = f"register:{device.device_id}:{device.from_ms}"
        return _named(person, device, ts_ms, Method.REGISTER, Grade.B, binding_id, device.from_ms)


def plain_address(address: str) -> str:
    """The address in its one plain form: IPv4 inside IPv6 unwrapped, IPv6 shortened, zone dropped; else unchanged."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _claims(devices: Iterable[Device]) -> dict[str, Device | None]:
    claims: dict[str, Device | None] = {}
    for device in devices:
        for address in {plain_address(address) for address in device.addresses}:
            claims[address] = None if address in claims else device
    return claims


def _unambiguous(pairs: Iterable[tuple[str, Person]]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    twice: set[str] = set()
    for name, person in pairs:
        if found.setdefault(name, person) is not person:
            twice.add(name)
    return {name: person for name, person in found.items() if name not in twice}


def _on_staff(person: Person, ts_ms: int) -> bool:
    return person.from_ms <= ts_ms and (person.until_ms == 0 or ts_ms < person.until_ms)


def _nobody(device: Device | None) -> Attribution:
    return Attribution(
        person_id=None,
        method=Method.NONE,
        grade=Grade.NONE,
        binding_id=None,
        binding_from_ms=0,
        device_id=None if device is None else device.device_id,
        device_class=None if device is None else device.device_class,
        told=False,
    )


def _named(
    person: Person, device: Device | None, ts_ms: int, method: Method, grade: Grade, binding_id: str, from_ms: int
) -> Attribution:
    return Attribution(
        person_id=person.person_id,
        method=method,
        grade=grade,
        binding_id=binding_id,
        binding_from_ms=from_ms,
        device_id=None if device is None else device.device_id,
        device_class=None if device is None else device.device_class,
        told=0 < (person.told_ms or person.told_earlier_ms) <= ts_ms,
    )
