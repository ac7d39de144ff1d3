"""Attribution: whose traffic an address's traffic is, at one moment.

Owns the rules that turn a snapshot (people, devices, assignments), a proxy sign-in and what `fairgate identity` knows
into a person, or into nobody. Promises: a guess is never made. A person is named only where they signed in
(analytics.sign_ins), or where the device is a staff device assigned to them alone; an address that two devices claim, a
person not (or no longer) on the staff, and every pupil, guest or personal device name nobody. Nobody counts as told
before their own notice.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from analytics.bindings import EMPTY, Binding, IdentityView
from analytics.event import Grade, Method
from analytics.sign_ins import SignedIn, decide
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
    devices: dict[str, Device]
    addresses: dict[str, Device | None]
    """None: two devices claim the address, so it names neither."""
    macs: dict[str, Device | None]
    hostnames: dict[str, Device | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Which device an address is at a moment, and the lease or neighbour by which that is known, where it is one."""

    device: Device | None = None
    sighting: Binding | None = None

    @property
    def known_by_name_alone(self) -> bool:
        """Whether only the device's own word, the name it asked by, says which it is."""
        return self.sighting is not None and self.device is not None and self.sighting.mac not in self.device.macs


@dataclass(slots=True)
class Register:
    """What one snapshot says of people and devices, ready to be asked. Immutable in use; a new snapshot, a new one."""

    snapshot: Snapshot
    _directory: _Directory = field(init=False, repr=False)

    def __post_init__(self) -> None:
        devices = self.snapshot.devices
        self._directory = _Directory(
            people={person.person_id: person for person in self.snapshot.people},
            usernames=_unambiguous((person.username.casefold(), person) for person in self.snapshot.people),
            devices={device.device_id: device for device in devices},
            addresses=_claims((plain_address(address), device) for device in devices for address in device.addresses),
            macs=_claims((mac, device) for device in devices for mac in device.macs),
            hostnames=_claims((name, device) for device in devices for name in device.hostnames),
        )

    def person(self, person_id: str) -> Person | None:
        """The person of that id, whether or not they are on the staff now."""
        return self._directory.people.get(person_id)

    def here(self, person_id: str, ts_ms: int) -> bool:
        """Whether they are on the staff at `ts_ms`."""
        person = self.person(person_id)
        return person is not None and on_staff(person, ts_ms)

    def by_username(self, username: str, ts_ms: int) -> Person | None:
        """The one person on the staff at `ts_ms` who signs in as `username`, in whatever case it is typed."""
        person = self._directory.usernames.get(username.casefold())
        return person if person is not None and on_staff(person, ts_ms) else None

    def by_id(self, device_id: str) -> Device | None:
        """The device of that id."""
        return self._directory.devices.get(device_id)

    def by_hardware(self, mac: str, hostname: str = "") -> Device | None:
        """The one device with this hardware address; or, of those entered without any, the one with this name."""
        device = self._directory.macs.get(mac)
        if device is not None or mac in self._directory.macs:
            return device
        named = self._directory.hostnames.get(hostname) if hostname else None
        return named if named is not None and not named.macs else None

    def device(self, client_ip: str, ts_ms: int) -> Device | None:
        """The one device entered with the fixed address `client_ip`; none where two claim it."""
        device = self._directory.addresses.get(_plain(client_ip))
        return device if device is not None and device.from_ms <= ts_ms else None

    def place(self, client_ip: str, ts_ms: int, view: IdentityView = EMPTY) -> Place:
        """The one device at an address at a moment, by fixed address, lease or neighbour; none where these differ."""
        address = _plain(client_ip)
        fixed = self._directory.addresses.get(address)
        if fixed is not None and fixed.from_ms > ts_ms:
            fixed = None
        sightings = view.sightings(address, ts_ms)
        if not sightings:
            return Place(fixed)
        ids = {sighting.device_id for sighting in sightings} | ({fixed.device_id} if fixed is not None else set())
        if len(ids) > 1 or (fixed is None and address in self._directory.addresses):
            return Place()
        device = self._directory.devices.get(ids.pop())
        if device is None or device.from_ms > ts_ms:
            return Place()
        surest = max(sightings, key=lambda sighting: (sighting.mac in device.macs, sighting.from_ms))
        return Place(device, None if fixed is not None else surest)

    def attribute(
        self, client_ip: str, proxy_user: ProxySignIn | None, ts_ms: int, view: IdentityView = EMPTY
    ) -> Attribution:
        """Whose traffic comes from `client_ip` at `ts_ms` (UTC ms), given who signed in at the proxy, if anyone did,
        and what `fairgate identity` knows."""
        place = self.place(client_ip, ts_ms, view)
        if place.device is not None and place.device.device_class in NEVER_RECORDED:
            return _nobody(place.device)
        sign_ins = self._sign_ins(client_ip, proxy_user, place, ts_ms, view)
        if sign_ins:
            found = self._signed_in(sign_ins, place.device, _plain(client_ip), ts_ms, view)
        else:
            found = self._assigned(place, ts_ms)
        return found if found.told else self._told_here(found, view, ts_ms)

    def _told_here(self, found: Attribution, view: IdentityView, ts_ms: int) -> Attribution:
        """The same, told where they acknowledged a notice at the gateway itself."""
        told_ms = view.told_ever.get(found.person_id or "", 0)
        return replace(found, told=True) if 0 < told_ms <= ts_ms else found

    def _sign_ins(
        self, client_ip: str, proxy_user: ProxySignIn | None, place: Place, ts_ms: int, view: IdentityView
    ) -> list[SignedIn]:
        """What stands there. A sign-in at the proxy is of its connection, and speaks for no other at that address."""
        found = [] if proxy_user is None else [self._at_proxy(proxy_user, ts_ms)]
        if place.device is None:
            return found  # only the school's own devices are anybody's by an address
        for binding in view.sign_ins(_plain(client_ip), place.device.device_id, ts_ms):
            if binding.source is not Method.PROXY:
                found.append(
                    SignedIn(
                        person_id=self._staff(binding.person_id, ts_ms),
                        source=binding.source,
                        binding_id=binding.binding_id,
                        from_ms=binding.from_ms,
                        unproved=binding.unproved,
                    )
                )
        return found

    def _at_proxy(self, proxy_user: ProxySignIn, ts_ms: int) -> SignedIn:
        person = self._directory.people.get(proxy_user.person_id)
        right = person is not None and person.password_hash == proxy_user.password_hash
        return SignedIn(
            person_id=self._staff(proxy_user.person_id, ts_ms) if right else "",
            source=Method.PROXY,
            binding_id=proxy_user.binding_id,
            from_ms=proxy_user.since_ms,
        )

    def _staff(self, person_id: str, ts_ms: int) -> str:
        """The same, where they are on the staff at that moment; else ""."""
        person = self._directory.people.get(person_id)
        return person_id if person is not None and on_staff(person, ts_ms) else ""

    def _signed_in(
        self, sign_ins: Sequence[SignedIn], device: Device | None, address: str, ts_ms: int, view: IdentityView
    ) -> Attribution:
        def elsewhere(person_id: str) -> bool:
            device_id = device.device_id if device is not None else ""
            return any(
                binding.client_ip != address and (not device_id or binding.device_id != device_id)
                for binding in view.of(person_id, ts_ms)
            )

        decided = decide(sign_ins, None if device is None else device.person_id, elsewhere)
        if decided.sign_in is None:
            return _nobody(device)
        sign_in, person = decided.sign_in, self._directory.people[decided.sign_in.person_id]
        return _named(person, device, ts_ms, sign_in.source, decided.grade, sign_in.binding_id, sign_in.from_ms)

    def _assigned(self, place: Place, ts_ms: int) -> Attribution:
        device = place.device
        if device is None or device.person_id is None or device.device_class is not DeviceClass.STAFF:
            return _nobody(device)
        person = self._directory.people.get(device.person_id)
        if person is None or not on_staff(person, ts_ms):
            return _nobody(device)
        grade = Grade.C if place.known_by_name_alone else Grade.B
        if place.sighting is None:
            binding_id, from_ms = f"register:{device.device_id}:{device.from_ms}", device.from_ms
        else:
            binding_id, from_ms = place.sighting.binding_id, max(place.sighting.from_ms, device.from_ms)
        return _named(person, device, ts_ms, Method.REGISTER, grade, binding_id, from_ms)


def plain_address(address: str) -> str:
    """The address in its one plain form: IPv4 inside IPv6 unwrapped, IPv6 shortened, zone dropped; else unchanged."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _plain(client_ip: str) -> str:
    return plain_address(client_ip) if ":" in client_ip else client_ip


def on_staff(person: Person, ts_ms: int) -> bool:
    """Whether they are here at `ts_ms`."""
    return person.from_ms <= ts_ms and (person.until_ms == 0 or ts_ms < person.until_ms)


def _claims(pairs: Iterable[tuple[str, Device]]) -> dict[str, Device | None]:
    """What each key is of; None where two claim it."""
    claims: dict[str, Device | None] = {}
    for key, device in pairs:
        claims[key] = device if claims.get(key, device) is device else None
    return claims


def _unambiguous(pairs: Iterable[tuple[str, Person]]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    twice: set[str] = set()
    for name, person in pairs:
        if found.setdefault(name, person) is not person:
            twice.add(name)
    return {name: person for name, person in found.items() if name not in twice}


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
