"""The PROXY protocol's preface: who is behind a connection, told before anything else is said on it.

Owns its two written forms (1, a line of text; 2, binary), for the gateway, which sends it to the school's filter, and
for whoever tries whether that filter takes it. Promises: an IPv4 client of an IPv6 socket is told as IPv4; where the
two ends are of different families, "unknown" is said and never a made-up address.
"""

import ipaddress
import struct
from typing import Final

from analytics.identity import plain_address

_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_PROXY_V2: Final = 0x21
_TCP4, _TCP6, _UNKNOWN_FAMILY = 0x11, 0x21, 0x00

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Endpoint = tuple[str, int]


def preface(version: int, client: Endpoint, arrived_at: Endpoint) -> bytes:
    """What the PROXY protocol puts before a connection: who is behind it, and where that connection arrived.

    `version` is 1 (a line of text) or 2. Where the two addresses are of different families, "unknown" is said.
    """
    source, target = _read(client[0]), _read(arrived_at[0])
    if version == 1:
        return _line(source, target, client[1], arrived_at[1])
    return _binary(source, target, client[1], arrived_at[1])


def _read(raw: str) -> Address:
    return ipaddress.ip_address(plain_address(raw))


def _line(source: Address, target: Address, source_port: int, target_port: int) -> bytes:
    if source.version != target.version:
        return b"PROXY UNKNOWN\r\n"
    return f"PROXY TCP{source.version} {source} {target} {source_port} {target_port}\r\n".encode("ascii")


def _binary(source: Address, target: Address, source_port: int, target_port: int) -> bytes:
    if source.version != target.version:
        return _SIGNATURE + struct.pack("!BBH", _PROXY_V2, _UNKNOWN_FAMILY, 0)
    family = _TCP4 if source.version == 4 else _TCP6
    body = source.packed + target.packed + struct.pack("!HH", source_port, target_port)
    return _SIGNATURE + struct.pack("!BBH", _PROXY_V2, family, len(body)) + body
