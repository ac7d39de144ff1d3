"""Accounting packets for tests, as an access server makes them."""

import ipaddress
from typing import Any

from pyrad.packet import AcctPacket

SECRET = b"a shared secret"
START, STOP, INTERIM, ON, OFF = 1, 2, 3, 7, 8
LONG = {"status": 40, "delay": 41, "event": 55, "port_type": 61}
TEXT = {"user": 1, "calling": 31, "session": 44}


def packet(
    status: int = START, *, number: int = 1, secret: bytes = SECRET, framed: str = "", code: int = 4, **said: Any
) -> bytes:
    """An Accounting-Request; wireless unless it says otherwise."""
    made = AcctPacket(code=code, id=number, secret=secret)
    values: dict[str, Any] = {"status": status, "session": "s-1", "port_type": 19} | said
    for name, value in values.items():
        if value is not None:
            made[LONG.get(name) or TEXT[name]] = [value.to_bytes(4) if name in LONG else value.encode()]
    if framed:
        parsed = ipaddress.ip_address(framed)
        made[8 if parsed.version == 4 else 168] = [parsed.packed]
    return bytes(made.RequestPacket())
