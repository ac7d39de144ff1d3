"""How an exchange came about: chosen by a person, or fetched by a page, a browser or a program.

Owns the order in which the clues are asked, and what is remembered of each client for the exchanges that follow. Where
the browser states how it came about it is believed (analytics.kind_stated); where it states nothing there is a stated
guess (analytics.kind_guessed). Promises: pure and total; a prefetch, a preflight, an image or anything else a page
pulls in is never a navigation; a program that is no browser is background; a doubt lowers the confidence, and is
settled in the person's favour. A page that only forwards is a `redirect`, so a click that passes through three of them
is one navigation; and what a frame, a script or a timer was forwarded to is no more a navigation than its start was.

A page that was fetched in advance and then shown (prerendered) sends nothing more when it is chosen: that visit is not
seen, and nothing is guessed in its place.
"""

import re
from typing import Final, NamedTuple

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_guessed import by_looks
from analytics.kind_reason import SENTENCES, Answer, KindReason
from analytics.kind_stated import by_fetch_metadata
from analytics.recent_navigations import RecentNavigations
from config.host_name import registrable_domain

__all__ = [
    "NOT_DECRYPTED",
    "SENTENCES",
    "Exchange",
    "KindReason",
    "KindVerdict",
    "kind_of",
    "remember",
]


class KindVerdict(NamedTuple):
    """How it came about, how sure that is (0 to 100), the clue, and the host of the page that asked ("" unknown)."""

    kind: Kind
    confidence: int
    reason: KindReason
    initiator_host: str
    lands_as: Kind = Kind.BACKGROUND
    """What the address that it leads on to will be, where it leads on."""


NOT_DECRYPTED: Final = KindVerdict(Kind.BACKGROUND, 0, KindReason.NOT_DECRYPTED, "")
"""What is said of a connection that was passed through: no visit is ever guessed from it."""

_PREFETCHES: Final = ("prefetch", "prerender", "preview")
_APPLICATION = re.compile(
    r"electron/|teams/|slack/|ms-?office|microsoft office|oneoutlook/|onedrive|windowspowershell|windows-update"
    r"|googleupdate|webex|zoom|spotify/"
).search
_LANDS: Final = frozenset((Kind.NAVIGATION, Kind.REDIRECT, Kind.EMBEDDED))
_LOADS_ANEW: Final = frozenset((KindReason.REFRESHED_ITSELF, KindReason.WENT_ON_BY_ITSELF))
_SHOWN: Final = _LOADS_ANEW | {KindReason.FORWARDED_BY_SCRIPT}
"""What stands in the window after it, though nobody chose it."""


def kind_of(exchange: Exchange, recent: RecentNavigations) -> KindVerdict:
    """How `exchange` came about, given where its client was before it."""
    kind, confidence, reason = _decide(exchange, recent)
    if exchange.forwards and kind in (Kind.NAVIGATION, Kind.REDIRECT):
        return KindVerdict(Kind.REDIRECT, confidence, _why_forwarded(reason), exchange.page, kind)
    return KindVerdict(kind, confidence, reason, exchange.page, kind)


def remember(recent: RecentNavigations, exchange: Exchange, verdict: KindVerdict) -> None:
    """Note what later exchanges of this client are read against. Call it once an exchange has its verdict."""
    if verdict.kind is not Kind.SUBRESOURCE:
        recent.arrived(exchange.host, exchange.path)
    if exchange.forwards and exchange.location:
        _remember_target(recent, exchange, verdict)
    elif verdict.reason is KindReason.MAY_BE_FRAMED:
        recent.opened_doubtfully(exchange.host, exchange.path, exchange.ts_ms)
    elif verdict.kind is Kind.NAVIGATION or verdict.reason in _SHOWN:
        recent.opened(exchange.host, exchange.path, exchange.ts_ms)
    if verdict.kind is Kind.EMBEDDED or verdict.reason is KindReason.MAY_BE_FRAMED:
        recent.framed(exchange.host, exchange.ts_ms)


def _remember_target(recent: RecentNavigations, exchange: Exchange, verdict: KindVerdict) -> None:
    if verdict.lands_as in _LANDS or verdict.reason in _LOADS_ANEW:
        host, path = exchange.target()
        same_site = registrable_domain(host) == registrable_domain(exchange.host)
        recent.forwarded(host, path, verdict.lands_as, exchange.ts_ms, same_site=same_site)


def _why_forwarded(reason: KindReason) -> KindReason:
    """A script's forwarding is kept as that: which page it came from decides what it belongs to."""
    return reason if reason is KindReason.FORWARDED_BY_SCRIPT else KindReason.FORWARDED


def _decide(exchange: Exchange, recent: RecentNavigations) -> Answer:
    """The answer as if the exchange had been answered with a page."""
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
        return by_fetch_metadata(exchange, recent)
    if not agent.startswith(("mozilla/", "opera/")):
        return Kind.BACKGROUND, 80, KindReason.NOT_A_BROWSER
    return by_looks(exchange, recent)


def _prefetched(exchange: Exchange) -> bool:
    stated = f"{exchange.sec_purpose} {exchange.purpose_header}".lower()
    return any(word in stated for word in _PREFETCHES)
