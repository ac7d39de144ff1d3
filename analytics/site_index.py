"""Which listed sites cover a host and a path.

Owns the reach of a rule: its host, and every host below it within the same registrable domain; a wide rule
("*.gov.uk") reaches below a public suffix too. Promises: the longest host comes first, and for one host the longest
path; a name outside any domain ("printer", 192.168.1.7) is looked up as if it ended in ".local".
"""

import ipaddress
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from config.host_name import is_address, registrable_domain
from config.policy import SiteRule

LOCAL: Final = "local"
"""What private addresses and names outside any domain are looked up under."""

type Levels = list[tuple[str, bool]]


class SiteIndex[Meaning]:
    """Rules and what each of them means, found by host."""

    def __init__(self, rules: Iterable[tuple[SiteRule, Meaning]]) -> None:
        self._by_host: dict[str, list[tuple[SiteRule, Meaning]]] = {}
        for rule, meaning in rules:
            self._by_host.setdefault(rule.host, []).append((rule, meaning))
        for level in self._by_host.values():
            level.sort(key=lambda entry: (-len(entry[0].path), entry[0].wide))

    def covering(self, host_levels: Levels) -> list[tuple[SiteRule, Meaning]]:
        """The rules that reach the host of these `levels`, whatever the path; the nearest first."""
        return [
            entry
            for name, same_domain in host_levels
            if name in self._by_host
            for entry in self._by_host[name]
            if same_domain or entry[0].wide
        ]


def path_under(path: str, listed: str) -> bool:
    """Whether `path` is `listed` or below it: "/sport" covers "/sport/football", not "/sports"; "" covers all."""
    return path.startswith(listed) and (len(path) == len(listed) or not listed or path[len(listed)] == "/")


def levels(host: str) -> Levels:
    """A normal host and its parents, nearest first, each with whether it belongs to the same registrant."""
    if is_address(host):
        return [(host, True), (LOCAL, False)] if ipaddress.ip_address(host).is_private else [(host, True)]
    if "." not in host:
        return [(host, True), (LOCAL, False)]
    own = len(registrable_domain(host))
    found, name = [(host, True)], host
    while "." in name:
        name = name.partition(".")[2]
        found.append((name, len(name) >= own))
    return found


def folded_path(path: str) -> str:
    """The path as rules are written: lower case, decoded, without its query and empty or dotted steps."""
    plain = path.partition("?")[0]
    if "%" in plain:
        plain = unquote(plain)
    plain = plain.lower()
    if "//" in plain or "/." in plain:
        plain = "/" + "/".join(_steps(plain))
    return plain


def _steps(path: str) -> list[str]:
    taken: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del taken[-1:]
        elif step not in ("", "."):
            taken.append(step)
    return taken
