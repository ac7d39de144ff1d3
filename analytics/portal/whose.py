"""Who reads a page of the portal: by the address it is asked from, and by what was carried there.

Owns that decision. Promises: a guess is never made. What the address says now comes before what was carried; a token
stands for its person only where the address cannot say, over the other of IPv4 and IPv6, or, by way of the proxy, where
the worker itself says that it is this person who asks. So nobody who takes over a computer, and nobody who comes upon
an address in its history, can say for the teacher before them that they were told.
"""

from dataclasses import dataclass
from typing import Final

from analytics.bindings import IdentityReader, IdentityView
from analytics.carried import Carried, Carrier
from analytics.event import Grade, Method
from analytics.identity import NEVER_RECORDED, Attribution, plain_address
from analytics.notice_due import Due, person_due
from analytics.sources.source import Identity, now_ms

SURE: Final = (Grade.A, Grade.B)
_CHANNELS: Final = {Method.PORTAL: "portal_sign_in"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody known, whose page it is."""

    person_id: str
    device_id: str
    how: str
    signed_in: bool
    """Whether they signed in; else the device is theirs."""
    due: Due | None
    told_ms: int


class Whose:
    """Answers for one portal."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._carrier = Carrier(identity.state.notice_key)

    def view(self) -> IdentityView:
        """What is known of who is where, as of now."""
        table = IdentityReader(self._identity.state.identity)
        try:
            return table.now
        finally:
            table.close()

    def carried(self, token: str) -> Carried | None:
        """What was carried here."""
        return self._carrier.read(token, now_ms()) if token else None

    def at(self, client_ip: str) -> Attribution:
        """Whose the address is now."""
        return self._identity.register.now.attribute(plain_address(client_ip), None, now_ms(), self.view())

    def reader(self, client_ip: str, carried: Carried | None, word: str | None = None) -> Reader | None:
        """Who reads a page asked for from `client_ip`. None where it is not surely known. `word` is the worker's where
        that is this machine itself, as it is for all who come by way of the proxy: then only it bears a token out."""
        here = self.at(client_ip)
        if here.person_id is not None:
            return self._known(here.person_id, here, carried) if here.grade in SURE else None
        if carried is None or not self._stands_for(carried, here, word):
            return None
        return self._known(carried.person_id, self.at(carried.client_ip), carried)

    def _stands_for(self, carried: Carried, here: Attribution, word: str | None) -> bool:
        """Whether the token says whose page it is, where the address does not."""
        if word is not None:
            return self._carrier.vouched(word, now_ms()) == carried.person_id
        if here.device_class in NEVER_RECORDED or carried.how == "proxy_sign_in":
            return False
        there = self.at(carried.client_ip)
        return here.device_id is None and there.person_id == carried.person_id and there.grade in SURE

    def _known(self, person_id: str, found: Attribution, carried: Carried | None) -> Reader | None:
        register, view, now = self._identity.register.now, self.view(), now_ms()
        person, version = register.person(person_id), register.snapshot.notice_version
        if person is None or not register.here(person_id, now):
            return None
        theirs = carried is not None and carried.person_id == person_id
        how = carried.how if carried is not None and theirs else _CHANNELS.get(found.method, "dhcp_portal")
        told = [ms for ms in (person.told_ms, view.told.get((person_id, version), 0)) if ms]
        return Reader(
            person_id=person_id,
            device_id=found.device_id or "",
            how=how,
            signed_in=how == "proxy_sign_in" or found.method is not Method.REGISTER,
            due=person_due(person, version, view, now, self._identity.policy.calendar) if version else None,
            told_ms=min(told, default=0),
        )
