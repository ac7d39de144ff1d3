"""RADIUS accounting as it stands in a packet (RFC 2866, 2869, 3162, 6911).

Owns reading one Accounting-Request. Promises: nothing is believed before the Request Authenticator was verified with
the shared secret; what is no such packet is refused with `NotAccounting`, whatever its bytes.
"""

import ipaddress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from pyrad.packet import AccountingRequest, AcctPacket

from analytics.event import Method
from analytics.mac import plain_mac

LONGEST: Final = 4096
_USER, _FRAMED, _CALLING, _PORT_TYPE = 1, 8, 31, 61
_STATUS, _DELAY, _SESSION, _EVENT_TIME = 40, 41, 44, 55
_FRAMED6, _PREFIX6 = 168, 97
_BY_DOT1X: Final = frozenset((15, 19))
"""NAS-Port-Type Ethernet and Wireless-802.11: who signs in there does so by 802.1X."""


class NotAccounting(ValueError):
    """It is no accounting request made with the secret it was read with."""


class Status(IntEnum):
    """Acct-Status-Type."""

    START = 1
    STOP = 2
    INTERIM = 3
    ON = 7
    OFF = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What one packet says. Absent text is "", an absent time 0; times are UTC ms."""

    status: Status
    session: str
    user: str
    mac: str
    client_ip: str
    method: Method
    delay_ms: int
    event_ms: int


def read_accounting(data: bytes, secret: bytes) -> tuple[AcctPacket, Accounting]:
    """The packet, to be answered, and what it says.

    Raises:
        NotAccounting: it is none made with this secret.
    """
    if len(data) > LONGEST:
        raise NotAccounting("too long")
    try:
        packet = AcctPacket(packet=data, secret=secret)
        genuine = packet.code == AccountingRequest and packet.VerifyAcctRequest()
    except Exception as fault:  # whatever pyrad makes of bytes that are no packet
        raise NotAccounting(type(fault).__name__) from fault
    if not genuine:
        raise NotAccounting("not made with this secret")
    return packet, _said(packet)


def _said(packet: Any) -> Accounting:
    try:
        status = Status(_number(packet, _STATUS))
    except ValueError as fault:
        raise NotAccounting("no status") from fault
    session = _text(packet, _SESSION)
    if not session and status not in (Status.ON, Status.OFF):
        raise NotAccounting("no session")
    return Accounting(
        status=status,
        session=session,
        user=_text(packet, _USER),
        mac=plain_mac(_text(packet, _CALLING)),
        client_ip=_client_ip(packet),
        method=Method.DOT1X if _number(packet, _PORT_TYPE) in _BY_DOT1X else Method.RADIUS,
        delay_ms=_number(packet, _DELAY) * 1000,
        event_ms=_number(packet, _EVENT_TIME) * 1000,
    )


def _client_ip(packet: Any) -> str:
    """IPv4 before IPv6; a prefix only where it is of one address."""
    four, six, prefix = (_raw(packet, code) for code in (_FRAMED, _FRAMED6, _PREFIX6))
    if len(four) == 4 and four not in (b"\xff\xff\xff\xff", b"\xff\xff\xff\xfe"):  # "as the user wishes", "assign one"
        return str(ipaddress.IPv4Address(four))
    if len(six) == 16:
        return str(ipaddress.IPv6Address(six))
    return str(ipaddress.IPv6Address(prefix[2:])) if len(prefix) == 18 and prefix[1] == 128 else ""


def _raw(packet: Any, code: int) -> bytes:
    values = packet.get(code) or [b""]
    return bytes(values[0])


def _text(packet: Any, code: int) -> str:
    return _raw(packet, code).decode("utf-8", "replace").rstrip("\0")


def _number(packet: Any, code: int) -> int:
    raw = _raw(packet, code)
    return int.from_bytes(raw) if len(raw) == 4 else 0
