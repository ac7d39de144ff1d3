"""What a device is known by: fixed IP addresses, hardware addresses, names.

Owns their checking. Promises: each stands in the one form in which the gateway looks it up, so that no two devices
have one of them in two forms; what is none is refused with a sentence that says how it is written.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from analytics.identity import plain_address
from analytics.mac import plain_mac
from config.errors import FairgateError

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """In plain form, sorted."""

    addresses: tuple[str, ...]
    macs: tuple[str, ...]
    hostnames: tuple[str, ...]

    @classmethod
    def of(cls, addresses: Sequence[str], macs: Sequence[str], hostnames: Sequence[str]) -> Self:
        """As people write them.

        Raises:
            FairgateError: one is none, or there is none at all.
        """
        if not (addresses or macs or hostnames):
            raise FairgateError(
                "Say what the device is known by: a fixed IP address, a hardware (MAC) address, or the name by which "
                "it asks for a lease."
            )
        return cls(
            addresses=tuple(sorted({_address(each) for each in addresses})),
            macs=tuple(sorted({_mac(each) for each in macs})),
            hostnames=tuple(sorted({_hostname(each) for each in hostnames})),
        )


def _address(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(plain_address(address.strip()))
    except ValueError as fault:
        raise FairgateError(
            f"{address!r} is not an IP address. Write it like 10.20.0.15 or 2001:db8::15. A hardware address or a "
            "name is given apart, and a range is none."
        ) from fault
    if parsed.is_multicast or parsed.is_unspecified:
        raise FairgateError(f"{address!r} is the address of no device. Write it like 10.20.0.15 or 2001:db8::15.")
    return str(parsed)


def _mac(text: str) -> str:
    plain = plain_mac(text)
    if not plain:
        raise FairgateError(f"{text!r} is not the hardware (MAC) address of a device. Write it like 00:1b:44:11:3a:b7.")
    return plain


def _hostname(text: str) -> str:
    plain = text.strip().lower()
    if not _NAME.fullmatch(plain):
        raise FairgateError(
            f"{text!r} is not a device's name. Write it without its domain, in letters, digits and hyphens: lab-07."
        )
    return plain
