"""One entry of a list, as people write them: a domain, a host and path, a whole address.

Owns the reading into the one form everything else compares: "casino.example" or "casino.example/slots", the host as
config.host_name has it, the path as analytics.site_index folds it. Promises: nothing but `NameFault` is raised; an
entry is never made to cover more than was written (a port, a query, a wildcard inside a name are refused); an entry
that would condemn many registrants at once, such as "co.uk", is refused.
"""

import ipaddress
import re
from typing import Final

from analytics.site_index import folded_path
from config.host_name import LONGEST_HOST, is_address, is_public_suffix, normal_host

DEEPEST: Final = 12
"""Steps of a path: each is looked up for a visit to a host that has listed paths."""
_LONGEST_PATH: Final = 400
_STRANGERS: Final = "anybody may register names under it, so it would cover strangers"
_SHOWN_PORTS: Final = ("", "80", "443")
_PLAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{1,62}").fullmatch
_SCHEME = re.compile(r"(?:(?:https?|wss?):)?//", re.IGNORECASE).match
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE).match
_AUTHORITY = re.compile(r"[^/?#]*").match
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd\ud800-\udfff]").search


class NameFault(ValueError):
    """The entry cannot be taken; the text says why, and is one of a few, so that it can be counted."""


def read_name(written: str) -> str:
    """The host, or host and path, that `written` names.

    Raises:
        NameFault: why it is not taken.
    """
    if len(written) <= LONGEST_HOST and _PLAIN(written):
        # It ends in a letter's label and has a dot: no address, no single word.
        if is_public_suffix(written):
            raise NameFault(_STRANGERS)
        return written
    authority, path = _divided(written.strip())
    host = _host(authority)
    _check_reach(host)
    return host + path


def _divided(text: str) -> tuple[str, str]:
    """The authority as written, and the folded path; "" for the whole host."""
    if _ODD(text) or " " in text:
        raise NameFault("it holds a space or a character that no address has")
    if scheme := _SCHEME(text):
        text = text[scheme.end() :]
    elif _OTHER_SCHEME(text):
        raise NameFault("it is no web address")
    authority = _AUTHORITY(text.replace("\\", "/"))
    assert authority is not None  # noqa: S101 - for the type checker; it matches anything
    path, _, query = text[authority.end() :].partition("#")[0].partition("?")
    if query:
        raise NameFault("it names a query, which is narrower than a rule can be")
    return authority[0].rpartition("@")[2], _path(path)


def _path(written: str) -> str:
    path = folded_path(written.replace("\\", "/")).rstrip("/")
    if len(path) > _LONGEST_PATH or path.count("/") > DEEPEST:
        raise NameFault("its path is too long")
    if _ODD(path):
        raise NameFault("it holds a space or a character that no address has")
    return path


def _host(authority: str) -> str:
    name, port = _without_port(authority.removeprefix("*").removeprefix("."))
    if port not in _SHOWN_PORTS:
        raise NameFault("it names a port, and a rule covers every port")
    if "*" in name:
        raise NameFault("it has a wildcard inside its name")
    host = normal_host(name)
    if host is None:
        raise NameFault("it is no host name or address")
    return host


def _without_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        name, _, port = authority.partition("]")
        return f"{name}]", port.removeprefix(":")
    if authority.count(":") != 1:
        return authority, ""
    name, _, port = authority.partition(":")
    return name, port


def _check_reach(host: str) -> None:
    if is_address(host):
        if ipaddress.ip_address(host).is_private:
            raise NameFault("it is an address inside a network, not a site")
    elif "." not in host:
        raise NameFault("it is a single word, not a site")
    elif is_public_suffix(host):
        raise NameFault(_STRANGERS)
