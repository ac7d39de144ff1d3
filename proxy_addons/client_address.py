"""The client's address, as it is told to the school's own filter and to nobody else.

Owns its three written forms (X-Forwarded-For, PROXY protocol 1 and 2) and the taking away of whatever a client says of
addresses itself. Promises: what a client claims about where a request comes from is never passed on, neither to the
filter, which would believe it, nor to the open web, which has no business knowing a device's address.
"""

import ipaddress
import struct
from typing import Final

from mitmproxy.http import HTTPFlow

from analytics.identity import plain_address
from proxy_addons.hook import guarded
from proxy_addons.tally import Tally

FORWARDED_FOR: Final = b"X-Forwarded-For"
CLAIMS: Final = frozenset(
    (
        *(b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip", b"client-ip", b"x-client-ip", b"true-client-ip"),
        *(b"x-cluster-client-ip", b"x-original-forwarded-for", b"x-remote-ip", b"x-remote-addr"),
    )
)
"""Request headers that say where a request comes from."""
_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_PROXY_V2: Final = 0x21
_TCP4, _TCP6, _UNKNOWN_FAMILY = 0x11, 0x21, 0x00

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Endpoint = tuple[str, int]


class ClientClaims:
    """Takes from each request what it claims of its origin. Must stand after everything that reads its headers."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        fields = flow.request.headers.fields
        if any(name.lower() in CLAIMS for name, _ in fields):
            flow.request.headers.fields = tuple(field for field in fields if field[0].lower() not in CLAIMS)


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
