"""What a source found out, and which standing bindings it ends.

Owns the rule by which bindings give way. Promises: within one source the next sign-in at a device takes the place of
the one before; somebody who is not on the staff ends every sign-in at the device, of whatever source; a device that
takes over another's address ends what was signed in there; nothing else ends anything.
"""

from dataclasses import dataclass

from analytics.bindings.binding import SIGN_INS, Binding
from analytics.event import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who (or which device) is at an address from `from_ms` on. Absent text is ""; times are UTC ms."""

    source: Method
    session: str
    person_id: str = ""
    device_id: str = ""
    client_ip: str = ""
    mac: str = ""
    from_ms: int
    expires_ms: int = 0
    binding_id: str = ""
    """Where the source named it already, as a worker does for a sign-in at the proxy; else one is made."""


def displaces(found: Found, standing: Binding) -> bool:
    """Whether `standing` ends when `found` begins."""
    if found.source is standing.source and found.session == standing.session:
        return True
    same_address = bool(found.client_ip) and found.client_ip == standing.client_ip
    if found.source not in SIGN_INS:
        return same_address and (found.source is standing.source or _moved(found, standing))
    same_device = bool(found.device_id) and found.device_id == standing.device_id
    if not standing.signed_in or not (same_address or same_device):
        return False
    if not found.person_id:
        return True
    # A sign-in at the proxy is of its connections: two people may use one address side by side, on a terminal server.
    return found.source is standing.source and found.source is not Method.PROXY


def _moved(found: Found, standing: Binding) -> bool:
    """Whether the address of a sign-in is now another device's."""
    other_device = bool(standing.device_id) and found.device_id != standing.device_id
    other_mac = bool(found.mac and standing.mac) and found.mac != standing.mac
    return standing.signed_in and (other_device or other_mac)
