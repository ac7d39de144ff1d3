"""The lease databases of dnsmasq and Kea, read strictly.

Owns their formats. Promises: a line that is not exactly a lease is counted and never guessed at; a later line of Kea's
journal replaces an earlier one; whatever the bytes, reading never fails.
"""

import csv
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from analytics.mac import plain_mac

FOR_EVER_MS: Final = 2**53 - 1
_LONGEST: Final = 4096
_KEA_NEEDS: Final = ("address", "hwaddr", "valid_lifetime", "expire", "hostname", "state")
_NEVER: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An address, whose it is and until when (UTC ms). `mac` or `hostname` is "" where the file does not say."""

    client_ip: str
    mac: str
    hostname: str
    expires_ms: int


@dataclass(slots=True)
class LeaseFile:
    """What one or more files hold: the newest lease of each address, and how many lines were none."""

    leases: dict[str, Lease] = field(default_factory=dict)
    bad: int = 0


def read_dnsmasq(data: bytes) -> LeaseFile:
    """`dnsmasq.leases`: one lease a line, expiry, hardware address, address, name and client id; for IPv6 an
    association's number stands in the place of the hardware address."""
    found = LeaseFile()
    for line in _lines(data):
        words = line.split(" ")
        if not line or words[0] == "duid":
            continue
        lease = _dnsmasq_lease(words)
        if lease is None:
            found.bad += 1
        else:
            found.leases[lease.client_ip] = lease
    return found


def _dnsmasq_lease(words: list[str]) -> Lease | None:
    if len(words) != 5 or not words[0].isdecimal() or not words[0].isascii() or len(words[0]) > 12:
        return None
    address, expires = _address(words[2]), int(words[0]) * 1000
    six = ":" in words[2]
    mac = "" if six else plain_mac(words[1])
    if not address or (not six and not mac):
        return None
    hostname = "" if words[3] == "*" else words[3].lower()
    return Lease(client_ip=address, mac=mac, hostname=hostname, expires_ms=expires or FOR_EVER_MS)


def read_kea(*journals: bytes) -> LeaseFile:
    """Kea's memfile, version 4 or 6: journals in the order they were written, each with its header."""
    found = LeaseFile()
    for data in journals:
        header: list[str] = []
        for line in _lines(data):
            cells = _cells(line)
            if not header:
                header = cells
                if not set(_KEA_NEEDS) <= set(header):
                    found.bad += 1
                    break
            elif line:
                _kea_row(found, header, cells)
    return found


def _kea_row(found: LeaseFile, header: list[str], cells: list[str]) -> None:
    row = dict(zip(header, cells, strict=False))
    address = _address(row.get("address", ""))
    numbers = [row.get(name, "") for name in ("valid_lifetime", "expire", "state")]
    if len(cells) != len(header) or not address or not all(_number(text) for text in numbers):
        found.bad += 1
        return
    lifetime, expire, state = map(int, numbers)
    if lifetime == 0 or state != 0:
        found.leases.pop(address, None)
        return
    found.leases[address] = Lease(
        client_ip=address,
        mac=plain_mac(row["hwaddr"]),
        hostname=_unescaped(row).rstrip(".").partition(".")[0].lower(),
        expires_ms=FOR_EVER_MS if lifetime == _NEVER else expire * 1000,
    )


def _unescaped(row: Mapping[str, str]) -> str:
    return row["hostname"].replace("&#x2c", ",")


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def _lines(data: bytes) -> Iterator[str]:
    for line in data.split(b"\n"):
        yield line[:_LONGEST].decode("utf-8", "replace").rstrip("\r")


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
