"""How an exchange came about: chosen by a person, or fetched by a page, a browser or a program.

Owns the reading of what browsers say of their own requests (Fetch Metadata, Purpose, Accept, Referer, Upgrade), the
stated guesses where they say nothing (plain HTTP never does), and the small memory of where a client just was.
Promises: pure and total; a prefetch, a preflight, an image or anything else a page pulls in is never a navigation;
a program that is no browser is background; a doubt lowers the confidence, and is settled in the person's favour.
A page that only forwards is a `redirect`, so a click that passes through three of them is one navigation.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from analytics.event import Kind
from analytics.kind_reason import SENTENCES, KindReason
from analytics.recent_navigations import RecentNavigations
from config.host_name import normal_host, registrable_domain

__all__ = [
    "NOT_DECRYPTED",
    "SENTENCES",
    "Exchange",
    "KindReason",
    "KindVerdict",
    "kind_of",
    "remember",
]

_PULLED_IN_MS: Final = 15_000
"""A page's own fetches this soon after it was opened belong to it; later ones go on by themselves."""
_BEFORE_A_CLICK_MS: Final = 2_000
"""Nobody reads a page and clicks on it within this time of opening it."""
_FRAMES_APPEAR_MS: Final = 5_000
"""Frames of other sites, mostly advertisements, still appear this long after a page was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was seen of one exchange. Header values as sent, "" where absent; times are UTC milliseconds."""

    ts_ms: int = 0
    method: str = "GET"
    scheme: str = "https"
    host: str = ""
    path: str = "/"
    status: int = 0
    sec_fetch_dest: str = ""
    sec_fetch_mode: str = ""
    sec_fetch_site: str = ""
    sec_fetch_user: str = ""
    sec_purpose: str = ""
    purpose_header: str = ""
    """Purpose, X-Purpose or X-Moz: how older browsers mark a prefetch."""
    accept: str = ""
    referer: str = ""
    origin: str = ""
    upgrade: str = ""
    upgrade_insecure_requests: str = ""
    preflight_method: str = ""
    """Access-Control-Request-Method."""
    requested_with: str = ""
    """X-Requested-With."""
    user_agent: str = ""
    content_type: str = ""
    """Of the answer."""
    location: str = ""
    """Of the answer."""


class KindVerdict(NamedTuple):
    """How it came about, how sure that is (0 to 100), the clue, and the host of the page that asked ("" unknown)."""

    kind: Kind
    confidence: int
    reason: KindReason
    initiator_host: str


NOT_DECRYPTED: Final = KindVerdict(Kind.BACKGROUND, 0, KindReason.NOT_DECRYPTED, "")
"""What is said of a connection that was passed through: no visit is ever guessed from it."""

type _Answer = tuple[Kind, int, KindReason]

_FRAMES: Final = frozenset(("iframe", "frame", "fencedframe", "embed", "object"))
_BROWSER_DESTS: Final = frozenset(("serviceworker", "report", "webidentity"))
_PREFETCHES: Final = ("prefetch", "prerender", "preview")
_APPLICATION = re.compile(
    r"electron/|teams/|slack/|ms-?office|microsoft office|onedrive|windowspowershell|windows-update|googleupdate"
    r"|webex|zoom|spotify/"
).search
_PARTS: Final = ("image/", "text/css", "font/", "video/", "audio/", "application/javascript", "text/javascript")


def kind_of(exchange: Exchange, recent: RecentNavigations) -> KindVerdict:
    """How `exchange` came about, given where its client was before it."""
    page = _host_of(exchange.referer) or _host_of(exchange.origin)
    return KindVerdict(*_decide(exchange, recent, page), page)


def remember(recent: RecentNavigations, exchange: Exchange, verdict: KindVerdict) -> None:
    """Note what later exchanges of this client are read against. Call it once an exchange has its verdict."""
    if verdict.kind is Kind.NAVIGATION:
        recent.opened(exchange.host, exchange.path, exchange.ts_ms)
    if verdict.kind is Kind.EMBEDDED:
        recent.framed(exchange.host, exchange.ts_ms)
    if verdict.kind in (Kind.NAVIGATION, Kind.REDIRECT) and exchange.location:
        host, path = _target(exchange)
        recent.forwarded(host, path, exchange.ts_ms)


def _decide(exchange: Exchange, recent: RecentNavigations, page: str) -> _Answer:
    if _prefetched(exchange):
        return Kind.BACKGROUND, 95, KindReason.PREFETCH
    if exchange.method == "OPTIONS" or exchange.preflight_method:
        return Kind.SUBRESOURCE, 90, KindReason.PREFLIGHT
    if exchange.upgrade.lower() == "websocket" or exchange.sec_fetch_mode == "websocket":
        return Kind.BACKGROUND, 95, KindReason.LIVE_CONNECTION
    agent = exchange.user_agent.lower()
    if _APPLICATION(agent):
        return Kind.BACKGROUND, 85, KindReason.APPLICATION
    if exchange.sec_fetch_dest or exchange.sec_fetch_mode:
        return _as_stated(exchange, recent, page)
    if not agent.startswith(("mozilla/", "opera/")):
        return Kind.BACKGROUND, 80, KindReason.NOT_A_BROWSER
    return _as_it_looks(exchange, recent, page)


def _as_stated(exchange: Exchange, recent: RecentNavigations, page: str) -> _Answer:
    """By Fetch Metadata, which pages cannot forge."""
    dest = exchange.sec_fetch_dest
    if dest in _FRAMES:
        return Kind.EMBEDDED, 95, KindReason.FRAME
    if dest in _BROWSER_DESTS:
        return Kind.BACKGROUND, 90, KindReason.BROWSER_ITSELF
    if exchange.sec_fetch_mode == "navigate" and dest in ("document", ""):
        return _document(exchange, recent, page)
    if dest in ("empty", ""):
        return _script_fetch(exchange, recent, page, 85)
    if dest == "document":
        return Kind.BACKGROUND, 60, KindReason.NOT_A_PAGE
    return Kind.SUBRESOURCE, 95, KindReason.PART_OF_PAGE


def _document(exchange: Exchange, recent: RecentNavigations, page: str) -> _Answer:
    if _forwards(exchange):
        return Kind.REDIRECT, 95, KindReason.FORWARDED
    if recent.was_forwarded(exchange.host, exchange.path, exchange.ts_ms):
        return Kind.NAVIGATION, 85, KindReason.REACHED_BY_REDIRECT
    if exchange.sec_fetch_user == "?1":
        sent = exchange.method == "POST"
        return Kind.NAVIGATION, 95, KindReason.FORM_SENT if sent else KindReason.TYPED_OR_CLICKED
    if exchange.sec_fetch_site == "none":
        return Kind.NAVIGATION, 80, KindReason.OPENED_WITHOUT_CLICK
    if exchange.sec_fetch_site == "same-origin" and recent.is_open(exchange.host, exchange.path, exchange.ts_ms):
        return Kind.BACKGROUND, 80, KindReason.REFRESHED_ITSELF
    if _follows_at_once(exchange, recent, page):
        return Kind.REDIRECT, 70, KindReason.FORWARDED_BY_SCRIPT
    return Kind.NAVIGATION, 65, KindReason.OPENED_WITHOUT_CLICK


def _as_it_looks(exchange: Exchange, recent: RecentNavigations, page: str) -> _Answer:
    """For a browser that states nothing: plain HTTP, and browsers of before 2020."""
    if not _asks_for_a_page(exchange):
        return _looks_pulled_in(exchange, recent, page)
    if exchange.content_type.lower().startswith(_PARTS):
        return Kind.SUBRESOURCE, 50, KindReason.LOOKS_PART_OF_PAGE
    if recent.was_forwarded(exchange.host, exchange.path, exchange.ts_ms) and not _forwards(exchange):
        return Kind.NAVIGATION, 65, KindReason.REACHED_BY_REDIRECT
    if _looks_framed(exchange, recent, page):
        return Kind.EMBEDDED, 55, KindReason.LOOKS_FRAMED
    if _forwards(exchange):
        return Kind.REDIRECT, 70, KindReason.FORWARDED
    if (
        exchange.method == "GET"
        and page == exchange.host
        and recent.is_open(exchange.host, exchange.path, exchange.ts_ms)
    ):
        # A reader's own reload looks the same; the doubt is settled in their favour.
        return Kind.BACKGROUND, 60, KindReason.REFRESHED_ITSELF
    return Kind.NAVIGATION, 65 if exchange.upgrade_insecure_requests else 55, KindReason.LOOKS_OPENED


def _looks_pulled_in(exchange: Exchange, recent: RecentNavigations, page: str) -> _Answer:
    accept = exchange.accept.lower()
    if accept.startswith(("image/", "text/css", "video/", "audio/")):
        return Kind.SUBRESOURCE, 75, KindReason.LOOKS_PART_OF_PAGE
    if exchange.content_type.lower().startswith(_PARTS) and not exchange.requested_with:
        return Kind.SUBRESOURCE, 65, KindReason.LOOKS_PART_OF_PAGE
    return _script_fetch(exchange, recent, page, 60)


def _script_fetch(exchange: Exchange, recent: RecentNavigations, page: str, confidence: int) -> _Answer:
    since = recent.since_opened(page, exchange.ts_ms)
    if since is not None and since <= _PULLED_IN_MS:
        return Kind.SUBRESOURCE, confidence, KindReason.PAGE_SCRIPT
    return Kind.BACKGROUND, confidence, KindReason.PAGE_LEFT_OPEN


def _prefetched(exchange: Exchange) -> bool:
    stated = f"{exchange.sec_purpose} {exchange.purpose_header}".lower()
    return any(word in stated for word in _PREFETCHES)


def _asks_for_a_page(exchange: Exchange) -> bool:
    """Browsers ask for pages and frames with this Accept; scripts ask for */*, or for text/html alone."""
    return (
        exchange.method in ("GET", "POST")
        and not exchange.requested_with
        and ("application/xhtml+xml" in exchange.accept or bool(exchange.upgrade_insecure_requests))
    )


def _forwards(exchange: Exchange) -> bool:
    return 300 <= exchange.status < 400 and exchange.status != 304


def _looks_framed(exchange: Exchange, recent: RecentNavigations, page: str) -> bool:
    """Asked for by a frame, or by a page so shortly after it was opened that frames still appear in it."""
    since = recent.since_opened(page, exchange.ts_ms)
    if since is None:
        return recent.is_frame(page, exchange.ts_ms)
    other_site = registrable_domain(page) != registrable_domain(exchange.host)
    return since <= (_FRAMES_APPEAR_MS if other_site else _BEFORE_A_CLICK_MS)


def _follows_at_once(exchange: Exchange, recent: RecentNavigations, page: str) -> bool:
    since = recent.since_opened(page, exchange.ts_ms)
    return since is not None and since <= _BEFORE_A_CLICK_MS


def _host_of(url: str) -> str:
    if not url or url == "null":
        return ""
    try:
        return normal_host(urlsplit(url).hostname or "") or ""
    except ValueError:
        return ""


def _target(exchange: Exchange) -> tuple[str, str]:
    """Host and path that the answer's Location leads to; nothing where it leads nowhere."""
    try:
        address = urlsplit(urljoin(f"{exchange.scheme}://{exchange.host}{exchange.path}", exchange.location))
        return normal_host(address.hostname or "") or "", address.path or "/"
    except ValueError:
        return "", ""
