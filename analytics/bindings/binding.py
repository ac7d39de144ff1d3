"""A binding, and what all of them say at one moment.

Owns their form and the questions a worker asks of them. Promises: a view never changes, so one exchange never sees two;
a binding speaks for the time from its beginning to its end or expiry and for no other, whatever became of its address
later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from analytics.event import Method

SIGN_INS: Final = frozenset((Method.RADIUS, Method.DOT1X, Method.PROXY, Method.PORTAL, Method.HOOK))
"""Sources by which somebody signed in. One of these that names nobody says: somebody who is not on the staff did."""

UNPROVED: Final = "unproved."
"""Begins the session of a sign-in whose user's name nobody checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """An interval in which an address was a person's, or only a device's. Absent text is ""; times are UTC ms."""

    binding_id: str
    source: Method
    session: str
    """The source's own key for it, such as a RADIUS session; one source never has two open ones of the same key."""
    person_id: str
    device_id: str
    client_ip: str
    mac: str
    from_ms: int
    until_ms: int
    """0 while it is open."""
    expires_ms: int
    """When it ends unless its source is heard of again; 0: it does not expire by itself."""

    def holds(self, ts_ms: int) -> bool:
        """Whether it speaks for `ts_ms`."""
        ends = [end for end in (self.until_ms, self.expires_ms) if end]
        return self.from_ms <= ts_ms and all(ts_ms < end for end in ends)

    @property
    def signed_in(self) -> bool:
        """Whether somebody signed in, of the staff or not; else it tells a device only."""
        return self.source in SIGN_INS

    @property
    def unproved(self) -> bool:
        """Whether the person is named by a word that nobody checked."""
        return self.session.startswith(UNPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView:
    """Bindings that are open or ended a little ago, acknowledgements and learnt pass-throughs, as of one look."""

    bindings: tuple[Binding, ...] = ()
    told: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(person id, notice version) to when they were first told of it."""
    reminded: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(person id, notice version) to when they last acknowledged it."""
    pins: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(device id, or address of none; host) to until when it is let through unopened."""
    told_ever: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """Person id to when they were first told of any version here."""
    _by_address: Mapping[str, tuple[Binding, ...]] = field(init=False, repr=False, compare=False)
    _by_device: Mapping[str, tuple[Binding, ...]] = field(init=False, repr=False, compare=False)
    _by_person: Mapping[str, tuple[Binding, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ever: dict[str, int] = {}
        for (person_id, _), told_ms in self.told.items():
            ever[person_id] = min(told_ms, ever.get(person_id, told_ms))
        object.__setattr__(self, "told_ever", ever)
        object.__setattr__(self, "_by_address", _grouped((item.client_ip, item) for item in self.bindings))
        at_device = ((item.device_id, item) for item in self.bindings if item.signed_in)
        object.__setattr__(self, "_by_device", _grouped(at_device))
        signed_in = ((item.person_id, item) for item in self.bindings if item.signed_in)
        object.__setattr__(self, "_by_person", _grouped(signed_in))

    def at(self, client_ip: str, ts_ms: int) -> tuple[Binding, ...]:
        """What holds for an address at a moment."""
        return tuple(item for item in self._by_address.get(client_ip, ()) if item.holds(ts_ms))

    def sightings(self, client_ip: str, ts_ms: int) -> tuple[Binding, ...]:
        """Which devices are at an address at a moment, by leases and the neighbour table."""
        near = self._by_address.get(client_ip)
        return tuple(item for item in near if not item.signed_in and item.holds(ts_ms)) if near else ()

    def sign_ins(self, client_ip: str, device_id: str, ts_ms: int) -> tuple[Binding, ...]:
        """The sign-ins that hold at a device at a moment; those that name no device, by its address."""
        near, here = self._by_address.get(client_ip), self._by_device.get(device_id)
        if near is None and here is None:
            return ()
        found = [*(item for item in near or () if item.signed_in and not item.device_id), *(here or ())]
        return tuple(item for item in found if item.holds(ts_ms))

    def of(self, person_id: str, ts_ms: int) -> tuple[Binding, ...]:
        """The sign-ins of a person that hold at a moment, wherever they are."""
        return tuple(item for item in self._by_person.get(person_id, ()) if item.holds(ts_ms))


def _grouped(pairs: Iterable[tuple[str, Binding]]) -> dict[str, tuple[Binding, ...]]:
    found: dict[str, list[Binding]] = {}
    for key, item in pairs:
        if key:
            found.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in found.items()}


EMPTY: Final = IdentityView()
"""What is known where `fairgate identity` never ran."""
