"""Whether a request is one that may be answered with another page: a page visit, or an operating system's probe.

Owns that decision. Promises: only what asks for a whole page to be shown, with nothing sent along; never a form, a
download, a part of a page, a script's or an app's request, a piece of a file, or a change of protocol. In doubt it is
none, and goes its way.
"""

from typing import Final

from config.probes import probe_addresses
from proxy_addons.seen import HeaderValues

PAGE_VISIT: Final = "page_visit"
PORTAL_PROBE: Final = "portal_probe"
_NEVER: Final = frozenset(
    (
        *(b"range", b"if-range", b"upgrade", b"transfer-encoding", b"expect", b"x-requested-with", b"origin"),
        *(b"sec-purpose", b"purpose", b"x-purpose", b"x-moz", b"service-worker", b"authorization", b"soapaction"),
        *(b"access-control-request-method", b"sec-websocket-key"),
    )
)
"""Headers that no plain visit of a page has."""
_PAGES: Final = frozenset(("htm", "html", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "cfm", "cgi", "pl", "do"))
"""Endings of addresses that are pages. Any other ending is taken for a file."""


def channel(method: bytes, host: str, path: str, query: str, headers: HeaderValues) -> str | None:
    """`PAGE_VISIT`, `PORTAL_PROBE`, or None where the request is neither. Header names are in lower case."""
    if method != b"GET" or not _NEVER.isdisjoint(headers) or headers.get(b"content-length", b"0").strip() != b"0":
        return None
    if not query and (host, path) in probe_addresses():
        return PORTAL_PROBE
    return PAGE_VISIT if _shown(headers) and _page(path) else None


def _shown(headers: HeaderValues) -> bool:
    """Whether the client asks for a page to show. Browsers state it over HTTPS and to this machine alone; over plain
    HTTP it is told from what they accept."""
    stated = headers.get(b"sec-fetch-dest")
    if stated is not None:
        return stated == b"document" and headers.get(b"sec-fetch-mode", b"navigate") == b"navigate"
    browser = headers.get(b"user-agent", b"").startswith(b"Mozilla/5.0 (")
    return browser and headers.get(b"accept", b"").lower().startswith(b"text/html")


def _page(path: str) -> bool:
    name = path.rpartition("/")[2]
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return not ending or ending in _PAGES
