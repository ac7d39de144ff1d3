"""Sessions of the school's network, as accounting tells them: who signed in where, until when.

Owns what each kind of packet does. Promises: a session that ended, or that another took the place of, does not begin
again by a packet that comes late or once more; what happened long ago, or by the server's clock is yet to come, begins
nothing and ends no more than its own session; one of which nothing is heard any more ends; a machine's own sign-in
names nobody and ends its user's; somebody who is not on the staff is bound as nobody; of what is no device for staff
nothing is written down.
"""

from dataclasses import dataclass, replace
from typing import Final

from analytics.bindings import Binding, Found, displaces
from analytics.identity import NEVER_RECORDED
from analytics.records import BindingStep
from analytics.snapshot import Device, DeviceClass
from analytics.sources.accounting import Accounting, Status
from analytics.sources.source import Identity, now_ms
from analytics.sources.username import said_user

LATE_MS: Final = 300_000
"""How late a packet may come, and how far a server's clock may be from ours."""
DATED_KEPT_MS: Final = 86_400_000
UNDATED_KEPT_MS: Final = 30 * 86_400_000
"""How long it is known that a packet came already. One that says when it was made is misdated long before; one that
does not could be sent again at any time, and so its server ought to say."""
STOPPED: Final = 10_000
WAITS_MS: Final = 60_000
WAITING: Final = 1000
"""How long a sign-in waits to be known the device of, and how many may: its packet may come before its lease."""


@dataclass(frozen=True, slots=True)
class _Where:
    device_id: str
    client_ip: str


_NOWHERE: Final = _Where("", "")


class AccountingSessions:
    """Applies accounting packets to the registrar."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._registrar = identity.registrar
        self._domains = frozenset(domain.casefold() for domain in identity.settings.identity.domains)
        self._silent_ms = identity.settings.identity.radius.silent_minutes * 60_000
        self._stopped: dict[str, int] = {}
        """Sessions that stopped, and when: their beginning may come yet."""
        self._began: dict[str, int] = {}
        self._waiting: dict[str, Accounting] = {}
        """Sessions whose device is not known, in memory alone."""

    def take(self, nas: str, said: Accounting, packet: bytes) -> bool:
        """What a packet of this NAS says is so, from now on and durably; False where it is of another time. `packet` is
        a digest that no other packet has."""
        if said.status is Status.STOP:
            self._stop(f"{nas}:{said.session}", said)
            return True
        if abs(now_ms() - _said_ms(said)) > LATE_MS:
            return False
        heard_ms = self._registrar.heard(packet)
        if heard_ms:
            self._again(nas, said, heard_ms)
            return True
        if said.status in (Status.ON, Status.OFF):
            self._restarted(nas, said)
        else:
            self._alive(f"{nas}:{said.session}", said)
        self._registrar.hear(packet, now_ms() + (DATED_KEPT_MS if said.event_ms else UNDATED_KEPT_MS))
        return True

    def look(self) -> None:
        """See whether the devices of those that wait are known by now."""
        for session, said in list(self._waiting.items()):
            if now_ms() - said.event_ms > WAITS_MS:
                del self._waiting[session]
            elif self._where(said).device_id:
                del self._waiting[session]
                self._alive(session, said)

    def _wait(self, session: str, said: Accounting) -> None:
        self._waiting[session] = replace(said, event_ms=_said_ms(said))
        if len(self._waiting) > WAITING:
            del self._waiting[next(iter(self._waiting))]

    def _again(self, nas: str, said: Accounting, heard_ms: int) -> None:
        """It came before. One restart may look like another: nobody is named then by what went before."""
        if said.status in (Status.ON, Status.OFF) and not said.event_ms and now_ms() - heard_ms > LATE_MS:
            self._end_all(nas, self._moment(said))

    def _restarted(self, nas: str, said: Accounting) -> None:
        """The NAS begins or ends: no session of its goes on, and it may use their names again."""
        self._began[nas] = now_ms()
        self._stopped = {session: when for session, when in self._stopped.items() if not session.startswith(f"{nas}:")}
        self._waiting = {session: wait for session, wait in self._waiting.items() if not session.startswith(f"{nas}:")}
        self._end_all(nas, self._moment(said))

    def _end_all(self, nas: str, at_ms: int) -> None:
        for binding in self._registrar.open_bindings:
            if binding.signed_in and binding.session.startswith(f"{nas}:"):
                self._registrar.end(binding.binding_id, at_ms)

    def _stop(self, session: str, said: Accounting) -> None:
        self._waiting.pop(session, None)
        standing = self._registrar.standing(said.method, session)
        if standing is not None:
            self._registrar.end(standing.binding_id, self._moment(said))
        self._stopped[session] = now_ms()
        if len(self._stopped) > STOPPED:
            del self._stopped[next(iter(self._stopped))]

    def _alive(self, session: str, said: Accounting) -> None:
        self._waiting.pop(session, None)
        user = said_user(said.user, self._domains)
        standing = self._registrar.standing(said.method, session)
        if standing is not None and user is not None and self._person(user) == standing.person_id:
            self._goes_on(standing, said)
        elif not self._is_over(session, said):
            found = self._found(session, said, self._person(user or ""))
            if user is None or not found.device_id:
                self._nobody_signed_in(found)
                if user is not None:
                    self._wait(session, said)
            elif not self._overtaken(found):
                self._registrar.open(found)

    def _goes_on(self, standing: Binding, said: Accounting) -> None:
        """It is heard of again. What it did not say before, such as the address, it may say now: a new binding then
        tells it, and the sign-in is no later for that."""
        where = self._where(said) if not (standing.device_id and standing.client_ip) else _NOWHERE
        told_during = self._registrar.told_during(standing.binding_id)
        if told_during or not where.client_ip or (standing.device_id and where.device_id != standing.device_id):
            self._registrar.renew(standing.binding_id, self._moment(said) + self._silent_ms)
            return
        found = replace(self._found(standing.session, said, standing.person_id), from_ms=standing.from_ms)
        self._registrar.end(standing.binding_id, now_ms(), BindingStep.SUPERSEDED)
        self._registrar.open(found)

    def _found(self, session: str, said: Accounting, person_id: str) -> Found:
        where = self._where(said)
        return Found(
            source=said.method,
            session=session,
            person_id=person_id,
            device_id=where.device_id,
            client_ip=where.client_ip,
            mac=said.mac if where.device_id else "",
            from_ms=self._moment(said),
            expires_ms=self._moment(said) + self._silent_ms,
        )

    def _is_over(self, session: str, said: Accounting) -> bool:
        """Whether the session ended already, so that this came late.

        A beginning that comes long after is that of another session of the same name. One that went on without a word
        may be heard of again, but not where others use the device too: they may be at it by now.
        """
        if now_ms() - self._stopped.get(session, 0) < LATE_MS:
            return True
        last = self._registrar.last(said.method, session)
        if last is None or not last.until_ms or last.until_ms <= self._began.get(session.partition(":")[0], 0):
            return False
        if said.status is Status.START:
            return now_ms() - last.until_ms < LATE_MS or self._moment(said) <= last.until_ms
        device = self._identity.register.now.by_id(last.device_id)
        own = device is not None and device.device_class is DeviceClass.STAFF
        return not own or last.until_ms != last.expires_ms

    def _overtaken(self, found: Found) -> bool:
        """Whether somebody signed in there after the moment that this speaks of."""
        return any(
            binding.from_ms > found.from_ms and binding.session != found.session and displaces(found, binding)
            for binding in self._registrar.open_bindings
        )

    def _nobody_signed_in(self, found: Found) -> None:
        """The machine itself did, or somebody without a name, or whoever is elsewhere now: whoever was signed in there
        by this source left."""
        for binding in self._registrar.open_bindings:
            if binding.source is found.source and _same_place(found, binding) and binding.from_ms <= found.from_ms:
                self._registrar.end(binding.binding_id, found.from_ms, BindingStep.SUPERSEDED)

    def _where(self, said: Accounting) -> _Where:
        """The school's device and an address of it, where one is known; nowhere for what is no device for staff."""
        client_ip = said.client_ip or self._address_of(said.mac)
        register = self._identity.register.now
        device = register.by_hardware(said.mac) if said.mac else None
        device = device or self._by_address(client_ip, said.mac)
        if device is None or device.device_class in NEVER_RECORDED:
            return _NOWHERE
        return _Where(device.device_id, client_ip)

    def _by_address(self, client_ip: str, mac: str) -> Device | None:
        """The device at an address; not where another hardware address says that it is some other."""
        if not client_ip:
            return None
        place = self._identity.register.now.place(client_ip, now_ms(), self._registrar.view)
        seen = place.sighting.mac if place.sighting is not None else ""
        other = place.device is not None and bool(mac) and (bool(place.device.macs) or seen not in ("", mac))
        return None if other else place.device

    def _address_of(self, mac: str) -> str:
        """Where a lease or the neighbour table has this hardware address; "" where they do not."""
        for binding in self._registrar.open_bindings:
            if mac and binding.mac == mac and not binding.signed_in:
                return binding.client_ip
        return ""

    def _person(self, user: str) -> str:
        person = self._identity.register.now.by_username(user, now_ms()) if user else None
        return "" if person is None else person.person_id

    def _moment(self, said: Accounting) -> int:
        """When it happened, as the packet says, but never in time to come."""
        return min(_said_ms(said), now_ms())


def _said_ms(said: Accounting) -> int:
    """When it happened, as the packet says."""
    return said.event_ms or now_ms() - said.delay_ms


def _same_place(found: Found, standing: Binding) -> bool:
    same_device = bool(found.device_id) and found.device_id == standing.device_id
    same_address = bool(found.client_ip) and found.client_ip == standing.client_ip
    return found.session == standing.session or same_device or same_address
