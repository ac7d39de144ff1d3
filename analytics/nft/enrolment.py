"""Whose web traffic is sent to the gateway, at one moment.

Owns the rule. Promises: it is asked of the attribution itself, so that nobody is redirected whose traffic would be
attributed otherwise: a staff device, or a shared one for which somebody of the staff is named at this moment. Pupils',
guests' and personal devices, devices unknown, and an address that two devices claim are never redirected; nor is one
that only calls itself a staff device, before somebody signs in there: a pupil's could call itself anything.
"""

from collections.abc import Iterable
from ipaddress import ip_address

from analytics.bindings import IdentityView
from analytics.event import Method
from analytics.identity import Register, plain_address
from analytics.nft.ruleset import Enrolled
from analytics.snapshot import DeviceClass


def enrolled(register: Register, view: IdentityView, now_ms: int) -> Enrolled:
    """The addresses enrolled at `now_ms` (UTC), as register and sign-ins have it."""
    entered = _addresses(address for device in register.snapshot.devices for address in device.addresses)
    found = _addresses(binding.client_ip for binding in view.bindings if binding.holds(now_ms))
    lasting: set[str] = set()
    passing: set[str] = set()
    for address in entered | found:
        who = register.attribute(address, None, now_ms, view)
        named_only = register.place(address, now_ms, view).known_by_name_alone
        if who.device_class is DeviceClass.STAFF and not (named_only and who.method in (Method.REGISTER, Method.NONE)):
            (lasting if address in entered else passing).add(address)
        elif who.device_class is DeviceClass.SHARED and who.person_id is not None:
            passing.add(address)
    return Enrolled(frozenset(lasting), frozenset(passing))


def _addresses(texts: Iterable[str]) -> set[str]:
    """Those that a single device of the network can have, in their plain form."""
    return {plain for text in texts if _single(plain := plain_address(text))}


def _single(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_multicast or address.is_loopback)
