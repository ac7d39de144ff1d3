"""Trying the way out as the gateway takes it: to a well-known site, through the school's filter where one is named.

Owns the try. It asks for one public site that every school may open, whatever anybody visits, and sends no request.
"""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import certifi

from analytics.preface import preface
from config.settings import GatewaySettings
from config.upstream_proxy import proxy_address

SITE: Final = "www.gov.uk"
_PORT: Final = 443
_PATIENCE: Final = 8.0
_LONGEST_ANSWER: Final = 16 * 1024
_VERSIONS: Final = {"proxy_protocol": 1, "proxy_protocol_v2": 2}


class Outcome(StrEnum):
    """How far the try came."""

    ARRIVED = "arrived"
    NO_NAME = "no_name"
    """The first name that is needed (the filter's, or else the site's) cannot be looked up."""
    NO_ANSWER = "no_answer"
    """Nobody accepts a connection, or it was closed without a word."""
    SIGN_IN = "sign_in"
    """The filter wants a password."""
    REFUSED = "refused"
    """The filter does not let this site through."""
    NOT_TRUSTED = "not_trusted"
    """Who answered for the site has a certificate that the gateway does not trust."""


@dataclass(frozen=True, slots=True)
class Site:
    """What to try to reach."""

    host: str = SITE
    port: int = _PORT


def tried(gateway: GatewaySettings, site: Site = Site()) -> Outcome:
    """One try. Takes at most some tens of seconds."""
    named = gateway.upstream.proxy
    address = proxy_address(named) if named else (site.host, site.port)
    try:
        way = socket.create_connection(address, _PATIENCE)
    except socket.gaierror:
        return Outcome.NO_NAME
    except OSError:
        return Outcome.NO_ANSWER
    with way:
        try:
            if named and (refused := _asked(way, gateway.upstream.forward, site)):
                return refused
            return _trusted(way, gateway.upstream_ca, site)
        except OSError:
            return Outcome.NO_ANSWER


def _asked(way: socket.socket, forward: str, site: Site) -> Outcome | None:
    """Ask the filter for the site as the gateway would for a client on this machine; None where it agrees."""
    own = way.getsockname()[:2]
    if version := _VERSIONS.get(forward):
        way.sendall(preface(version, own, own))
    told = f"X-Forwarded-For: {own[0]}\r\n" if forward == "x_forwarded_for" else ""
    target = f"{site.host}:{site.port}"
    way.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{told}\r\n".encode("ascii"))
    status = _status(way)
    if status is None:
        return Outcome.NO_ANSWER
    if status == 407:
        return Outcome.SIGN_IN
    return None if 200 <= status < 300 else Outcome.REFUSED


def _status(way: socket.socket) -> int | None:
    """The status of the answer, whose heading is read to its end and no further."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = way.recv(1)
        if not byte or len(answer) > _LONGEST_ANSWER:
            break
        answer += byte
    words = answer.split(b" ", 2)
    return int(words[1]) if answer.startswith(b"HTTP/1.") and len(words) > 1 and words[1].isdigit() else None


def _trusted(way: socket.socket, further: Path | None, site: Site) -> Outcome:
    context = ssl.create_default_context(cafile=certifi.where())
    # As the gateway judges: a filter's own authority need not be made to the letter, but must be a root.
    context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
    if further is not None:
        # One that cannot be read is a finding of its own.
        with contextlib.suppress(OSError, ssl.SSLError):
            context.load_verify_locations(cafile=further)
    try:
        with context.wrap_socket(way, server_hostname=site.host):
            return Outcome.ARRIVED
    except ssl.SSLCertVerificationError:
        return Outcome.NOT_TRUSTED
