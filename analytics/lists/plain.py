"""Lists with one site a line: plain lists, hosts files, and CSV with a heading.

Owns the reading of these three. Promises: every line is a rule, a comment, or counted with its reason; reading never
stops for a bad line.
"""

import csv
import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from analytics.lists.faults import Faults
from analytics.lists.lines import ByteLines, text_lines
from analytics.lists.name import NameFault, read_name
from config.errors import ConfigError

type Rule = tuple[str, str]
"""The list's own category, and the name as analytics.lists.name reads it."""

_COMMENT: Final = ("#", ";", "!")
_TRAILING = re.compile(r"\s[#;].*").sub
_THIS_MACHINE: Final = frozenset(
    (
        *("localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0", "ip6-localhost"),  # noqa: S104 - read, not bound
        *("ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts"),
    )
)
_DOMAIN_HEADINGS: Final = ("domain", "host", "site", "url")


def read_plain(stream: ByteLines, file: str, own: str, faults: Faults) -> Iterator[Rule]:
    """One domain, host and path, or address a line; everything is of category `own`."""
    for number, text in text_lines(stream, file, faults):
        if text.startswith(_COMMENT):
            continue
        try:
            yield own, read_name(_TRAILING("", text) if " " in text or "\t" in text else text)
        except NameFault as fault:
            faults.add(file, number, text, str(fault))


def read_hosts(stream: ByteLines, file: str, own: str, faults: Faults) -> Iterator[Rule]:
    """A hosts file that sends names nowhere; a line that sends one somewhere blocks nothing, and is left out."""
    for number, text in text_lines(stream, file, faults):
        address, *names = text.partition("#")[0].split() or [""]
        if not address:
            continue
        if not _nowhere(address):
            faults.add(file, number, text, "it does not begin with 0.0.0.0, 127.0.0.1 or ::")
            continue
        for name in names:
            if name.lower() in _THIS_MACHINE:
                faults.leave_out("names of the machine itself")
                continue
            try:
                yield own, read_name(name)
            except NameFault as fault:
                faults.add(file, number, name, str(fault))


def _nowhere(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (
        found.is_loopback
        or found.is_unspecified
        or found.is_link_local
        or found.is_multicast
        or (
            # Only beside "broadcasthost", which names the machine's own network.
            str(found) == "255.255.255.255"
        )
    )


def read_csv(stream: ByteLines, file: str, faults: Faults) -> Iterator[Rule]:
    """Rows under a heading that has `domain` (or host, site, url) and `category`.

    Raises:
        ConfigError: it has no such heading.
    """
    heading: list[str] | None = None
    for number, text in text_lines(stream, file, faults):
        row = _row(text)
        if heading is None:
            heading = _heading(row, file, number)
            continue
        cells = dict(zip(heading, row, strict=False))
        if not cells.get("category") or "domain" not in cells:
            faults.add(file, number, text, "it has no domain, or no category")
            continue
        try:
            yield cells["category"], read_name(cells["domain"])
        except NameFault as fault:
            faults.add(file, number, text, str(fault))


def _row(text: str) -> list[str]:
    """A row stands on one line: no domain and no category holds a line end."""
    delimiter = ";" if ";" in text and "," not in text else ","
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


def _heading(row: list[str], file: str, number: int) -> list[str]:
    names = [name.lower() for name in row]
    domain = next((name for name in _DOMAIN_HEADINGS if name in names), None)
    if domain is None or "category" not in names:
        raise ConfigError(
            f"{file}, line {number}: found {', '.join(row)[:80]!r}; allowed: a heading such as domain,category. "
            "Put one above the first row."
        )
    return ["domain" if name == domain else name for name in names]
