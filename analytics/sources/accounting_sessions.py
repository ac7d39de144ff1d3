"""Sessions of the school's network, as accounting tells them: who signed in where, until when.

Owns what each kind of packet does. Promises: a session that ended, or that another took the place of, does not begin
again by a packet that comes late; one of which nothing is heard any more ends; a machine's own sign-in names nobody and
ends its user's; somebody who is not on the staff is bound as nobody.
"""

from dataclasses import dataclass
from typing import Final

from analytics.bindings import Binding, Found, displaces
from analytics.records import BindingStep
from analytics.snapshot import DeviceClass
from analytics.sources.accounting import Accounting, Status
from analytics.sources.source import Identity, now_ms
from analytics.sources.username import said_user

LATE_MS: Final = 300_000
"""How late a packet may come."""
STOPPED: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Where:
    device_id: str
    client_ip: str


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

    def take(self, nas: str, said: Accounting) -> None:
        """What a packet of this NAS says is so, from now on and durably."""
        match said.status:
            case Status.ON | Status.OFF:
                self._restarted(nas, self._moment(said))
            case Status.STOP:
                self._stop(f"{nas}:{said.session}", said)
            case _:
                self._alive(f"{nas}:{said.session}", said)

    def _restarted(self, nas: str, at_ms: int) -> None:
        """The NAS begins or ends: no session of its goes on, and it may use their names again."""
        self._began[nas] = now_ms()
        self._stopped = {session: when for session, when in self._stopped.items() if not session.startswith(f"{nas}:")}
        for binding in self._registrar.open_bindings:
            if binding.signed_in and binding.session.startswith(f"{nas}:"):
                self._registrar.end(binding.binding_id, at_ms)

    def _stop(self, session: str, said: Accounting) -> None:
        standing = self._registrar.standing(said.method, session)
        if standing is not None:
            self._registrar.end(standing.binding_id, self._moment(said))
        self._stopped[session] = now_ms()
        if len(self._stopped) > STOPPED:
            del self._stopped[next(iter(self._stopped))]

    def _alive(self, session: str, said: Accounting) -> None:
        user = said_user(said.user, self._domains)
        standing = self._registrar.standing(said.method, session)
        if standing is not None and user is not None and self._person(user) == standing.person_id:
            self._registrar.renew(standing.binding_id, now_ms() + self._silent_ms)
            return
        if self._is_over(session, said):
            return
        found = self._found(session, said, self._person(user or ""))
        if user is None:
            self._nobody_signed_in(found)
        elif not self._overtaken(found):
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
            expires_ms=now_ms() + self._silent_ms,
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
        """The machine itself did, or somebody without a name: whoever was signed in there by this source left."""
        for binding in self._registrar.open_bindings:
            if binding.source is found.source and _same_place(found, binding) and binding.from_ms <= found.from_ms:
                self._registrar.end(binding.binding_id, found.from_ms, BindingStep.SUPERSEDED)

    def _where(self, said: Accounting) -> _Where:
        """The device, by its hardware address, or by the address it was given; an address of it, where one is known."""
        register, view, now = self._identity.register.now, self._registrar.view, now_ms()
        device = register.by_hardware(said.mac) if said.mac else None
        if device is None and said.client_ip:
            device = register.place(said.client_ip, now, view).device
        client_ip = said.client_ip or next((item.client_ip for item in view.with_mac(said.mac, now)), "")
        return _Where("" if device is None else device.device_id, client_ip)

    def _person(self, user: str) -> str:
        person = self._identity.register.now.by_username(user, now_ms()) if user else None
        return "" if person is None else person.person_id

    def _moment(self, said: Accounting) -> int:
        """When it happened, as the packet says, within reason."""
        now = now_ms()
        when = said.event_ms or now - said.delay_ms
        return min(max(when, now - LATE_MS), now)


def _same_place(found: Found, standing: Binding) -> bool:
    same_device = bool(found.device_id) and found.device_id == standing.device_id
    same_address = bool(found.client_ip) and found.client_ip == standing.client_ip
    return found.session == standing.session or same_device or same_address
