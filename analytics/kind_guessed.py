"""How an exchange came about, where the client says nothing of it: plain HTTP, and browsers of before Fetch Metadata.

Owns the stated guesses, from Accept, Referer, the time since a page was opened and what was answered. Promises: the
confidence is never above 75; what may as well be a frame, a page's own fetch or a page that loads itself again is taken
for that, or called unsure, which counts against nobody: a frame of another site that appears late looks in every way
like a click, and so does all that is opened from it.
"""

from typing import Final

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_reason import UNSURE, Answer, KindReason
from analytics.open_page import BEFORE_A_CLICK_MS, may_load_itself_again, script_fetch
from analytics.recent_navigations import RecentNavigations
from config.host_name import registrable_domain

_FRAMES_APPEAR_MS: Final = 10_000
"""Frames of other sites, mostly advertisements, still appear this long after a page was opened; some do later."""
_PARTS: Final = ("image/", "text/css", "font/", "video/", "audio/", "application/javascript", "text/javascript")
_LOADS_AGAIN_MS: Final = 15 * 60_000
"""Pages that load themselves again do it within this time; a reader comes back to one after longer."""


def by_looks(exchange: Exchange, recent: RecentNavigations) -> Answer:
    """The answer on an exchange without Fetch Metadata, of something that calls itself a browser."""
    if not _asks_for_a_page(exchange):
        return _pulled_in(exchange, recent)
    if exchange.content_type.lower().startswith(_PARTS):
        return Kind.SUBRESOURCE, 50, KindReason.LOOKS_PART_OF_PAGE
    forwarded = recent.forwarded_as(exchange.host, exchange.path, exchange.ts_ms)
    if forwarded is not None and forwarded.kind is Kind.NAVIGATION:
        return Kind.NAVIGATION, forwarded.confidence(65), KindReason.REACHED_BY_REDIRECT
    if forwarded is not None and forwarded.kind is Kind.BACKGROUND:
        return Kind.BACKGROUND, 60, KindReason.WENT_ON_BY_ITSELF
    if forwarded is not None or _looks_framed(exchange, recent):
        return Kind.EMBEDDED, 55, KindReason.LOOKS_FRAMED
    if _looks_loaded_again(exchange, recent):
        return Kind.BACKGROUND, 60, KindReason.REFRESHED_ITSELF
    if _may_be_framed(exchange, recent):
        return Kind.NAVIGATION, UNSURE, KindReason.MAY_BE_FRAMED
    return Kind.NAVIGATION, 65 if exchange.upgrade_insecure_requests else 55, KindReason.LOOKS_OPENED


def _asks_for_a_page(exchange: Exchange) -> bool:
    """Browsers ask for pages and frames with this Accept, ending in */*; scripts ask for */* or text/html alone."""
    page = "application/xhtml+xml" in exchange.accept and "*/*" in exchange.accept
    return (
        exchange.method in ("GET", "POST")
        and not exchange.requested_with
        and (page or bool(exchange.upgrade_insecure_requests))
    )


def _pulled_in(exchange: Exchange, recent: RecentNavigations) -> Answer:
    accept = exchange.accept.lower()
    if accept.startswith(("image/", "text/css", "video/", "audio/")):
        return Kind.SUBRESOURCE, 75, KindReason.LOOKS_PART_OF_PAGE
    if exchange.content_type.lower().startswith(_PARTS) and not exchange.requested_with:
        return Kind.SUBRESOURCE, 65, KindReason.LOOKS_PART_OF_PAGE
    return script_fetch(exchange, recent, 60)


def _looks_framed(exchange: Exchange, recent: RecentNavigations) -> bool:
    """Asked for by a frame, or by a page so shortly after it was opened that frames still appear in it; or of a site
    that already stood in a frame."""
    page, ts_ms = exchange.page, exchange.ts_ms
    if not page:
        return False
    since = recent.since_opened(page, ts_ms)
    if since is None:
        return recent.is_frame(page, ts_ms)
    if registrable_domain(page) == registrable_domain(exchange.host):
        return since <= BEFORE_A_CLICK_MS
    return since <= _FRAMES_APPEAR_MS or recent.is_frame(exchange.host, ts_ms)


def _may_be_framed(exchange: Exchange, recent: RecentNavigations) -> bool:
    """Nothing tells a late frame of another site from a click, nor what follows on such a site from a frame's own
    pages; and a frame may name no page that asked."""
    page = exchange.page
    if not page:
        soon = recent.since_anything(exchange.ts_ms)
        return recent.is_doubtful(exchange.host, exchange.ts_ms) or (soon is not None and soon <= _FRAMES_APPEAR_MS)
    return registrable_domain(page) != registrable_domain(exchange.host) or recent.is_doubtful(page, exchange.ts_ms)


def _looks_loaded_again(exchange: Exchange, recent: RecentNavigations) -> bool:
    """A reader's own reload looks the same. Firefox names no page that asked."""
    since = recent.since_shown(exchange.host, exchange.path, exchange.ts_ms)
    if exchange.method != "GET" or since is None:
        return False
    silent = "firefox/" in exchange.user_agent.lower() and not exchange.referer
    return may_load_itself_again(exchange, recent) or (silent and since <= _LOADS_AGAIN_MS)
