"""What a page that is open does by itself: its scripts fetch, and it loads itself again.

Owns these two clues, which the browser's own word and the guesses share. Promises: a doubt whether the reader or the
page itself loaded it again is settled in the reader's favour.
"""

from typing import Final

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_reason import Answer, KindReason
from analytics.recent_navigations import RecentNavigations

BEFORE_A_CLICK_MS: Final = 2_000
"""Nobody reads a page and clicks on it within this time of opening it."""
_PULLED_IN_MS: Final = 15_000
"""A page's own fetches this soon after it was opened belong to it; later ones go on by themselves."""
_LOADED_AGAIN: Final = ("max-age=0", "no-cache")
"""How browsers ask past their store when a page is loaded again, by its reader or by itself."""


def script_fetch(exchange: Exchange, recent: RecentNavigations, confidence: int) -> Answer:
    """The answer on what a script fetched."""
    since = recent.since_opened(exchange.page, exchange.ts_ms)
    if since is not None and since <= _PULLED_IN_MS:
        return Kind.SUBRESOURCE, confidence, KindReason.PAGE_SCRIPT
    return Kind.BACKGROUND, confidence, KindReason.PAGE_LEFT_OPEN


def may_load_itself_again(exchange: Exchange, recent: RecentNavigations) -> bool:
    """Whether a page that is open asks for its own address, or asks past the store as pages that load again do."""
    if exchange.method != "GET" or not recent.is_open(exchange.host, exchange.path, exchange.ts_ms):
        return False
    return exchange.asks_for_itself() or any(word in exchange.cache_control for word in _LOADED_AGAIN)
