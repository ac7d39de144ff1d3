"""Host names in the one form everything compares and stores, and where their registrable domain begins.

Owns the reading of a host (case, trailing dot, port, IDN, IPv4 and IPv6 literals) and the Public Suffix List.
Promises: `normal_host` never raises, and what it returns is ASCII, lower case, and normal again.
"""

import hashlib
import ipaddress
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import publicsuffixlist

LONGEST_HOST: Final = 253
# Underscores and outer hyphens are against the rules, and stand in real host names all the same.
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*").fullmatch
_NUMERIC_END = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$").search
_PORT = re.compile(r":[0-9]{0,5}$")


def normal_host(raw: str) -> str | None:
    """The host in `raw` (a host name or IP address, perhaps with a port); None where there is none.

    IPv6 comes back without brackets, an IPv4-mapped one as IPv4, an IDN in punycode.
    """
    host = raw.strip().lower()
    if host.startswith("[") or host.count(":") > 1:
        return _ipv6(host)
    host = _PORT.sub("", host)
    if not host.isascii():
        host = _punycode(host)
    host = host.removesuffix(".")
    if len(host) > LONGEST_HOST or not _LABELS(host):
        return None
    return _ipv4(host) if _NUMERIC_END(host) else host


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """The domain somebody registered, as of the Public Suffix List; `host` itself for an address or a bare suffix."""
    if is_address(host):
        return host
    if is_public_suffix(host):
        return host
    domain = host
    while not is_public_suffix(parent := domain.partition(".")[2]):
        domain = parent
    return domain


def is_public_suffix(host: str) -> bool:
    """Whether anybody may register names directly under `host` ("co.uk", "gov.uk", "wordpress.com")."""
    exact, below, excepted = _suffix_rules()
    if "." not in host:
        return True
    return host in exact or host in below or (host.partition(".")[2] in below and host not in excepted)


def is_address(host: str) -> bool:
    """Whether a normal host is an IP address."""
    return ":" in host or _NUMERIC_END(host) is not None


@cache
def suffix_list_digest() -> str:
    """SHA-256 of the Public Suffix List in use: it decides which parent a site's rule may reach."""
    return hashlib.sha256(_suffix_file().read_bytes()).hexdigest()


def _suffix_file() -> Path:
    return Path(publicsuffixlist.__file__).with_name("public_suffix_list.dat")


@cache
def _suffix_rules() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The suffixes, those under which every name is one, and the exceptions from that. The library would give the same
    answers five times as slowly, for every name of a list of millions and every new host."""
    lines = (line.partition(" ")[0] for line in _suffix_file().read_text("utf-8").splitlines())
    rules = [line if line.isascii() else _punycode(line) for line in lines if line and not line.startswith("//")]
    below = frozenset(rule[2:] for rule in rules if rule.startswith("*."))
    excepted = frozenset(rule[1:] for rule in rules if rule.startswith("!"))
    return frozenset(rules), below, excepted


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _ipv4(host: str) -> str | None:
    # Browsers resolve shorthand such as "127.1" before they ask; on the wire it is only seen from something broken.
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        return None


def _ipv6(host: str) -> str | None:
    text = host
    if host.startswith("["):
        text, closed, port = host[1:].partition("]")
        if not closed or (port and not _PORT.fullmatch(port)):
            return None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.scope_id is not None:
        return None
    return str(address.ipv4_mapped or address.compressed)
