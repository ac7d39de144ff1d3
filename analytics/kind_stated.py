"""How an exchange came about, by the browser's own word: Fetch Metadata, which no page can forge.

Owns the reading of Sec-Fetch-Dest, -Mode, -Site and -User. The rules rest on what Chromium 156 and Firefox really send
(tests/analytics/kind_cases), and on Safari's documentation: Safari states everything but whether a person acted.
Promises: without a person's act nothing is a navigation, where the browser would have stated one; a page that asks for
its own address again is no navigation even while its reader clicks in it.
"""

import re
from typing import Final

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_reason import Answer, KindReason, script_fetch
from analytics.recent_navigations import RecentNavigations

LEADS_ON_MS: Final = 10_000
"""A page that opens another by itself within this time forwards to it; later it went on by itself."""
BEFORE_A_CLICK_MS: Final = 2_000
"""Nobody reads a page and clicks on it within this time of opening it."""
_FRAMES: Final = frozenset(("iframe", "frame", "fencedframe", "embed", "object"))
_BROWSER_ITSELF: Final = frozenset(("serviceworker", "report", "webidentity"))
_states_acts = re.compile(r"(?:chrome|chromium|firefox)/", re.IGNORECASE).search
"""Whether a browser of this name says when a person acted: those built on WebKit (Safari, all on iOS) never do."""
_blocks_frames = re.compile(r"(?:chrome|chromium)/", re.IGNORECASE).search
"""Whether a browser of this name lets a frame take over the window only after a click in it."""


def by_fetch_metadata(exchange: Exchange, recent: RecentNavigations) -> Answer:
    """The answer on an exchange that carries Fetch Metadata."""
    dest = exchange.sec_fetch_dest
    if dest in _FRAMES:
        return Kind.EMBEDDED, 95, KindReason.FRAME
    if dest in _BROWSER_ITSELF:
        return Kind.BACKGROUND, 90, KindReason.BROWSER_ITSELF
    if exchange.sec_fetch_mode == "navigate" and dest in ("document", ""):
        return _document(exchange, recent)
    if dest in ("empty", ""):
        return script_fetch(exchange, recent, 85)
    if dest == "document":
        return Kind.BACKGROUND, 60, KindReason.NOT_A_PAGE
    return Kind.SUBRESOURCE, 95, KindReason.PART_OF_PAGE


def _document(exchange: Exchange, recent: RecentNavigations) -> Answer:
    acted = exchange.sec_fetch_user == "?1"
    forwarded = recent.forwarded_as(exchange.host, exchange.path, exchange.ts_ms)
    if forwarded is Kind.NAVIGATION or (forwarded and acted):
        return Kind.NAVIGATION, 85, KindReason.REACHED_BY_REDIRECT
    if _loads_itself_again(exchange, recent, acted):
        return Kind.BACKGROUND, 80, KindReason.REFRESHED_ITSELF
    if acted:
        sent = exchange.method == "POST"
        return Kind.NAVIGATION, 95, KindReason.FORM_SENT if sent else KindReason.TYPED_OR_CLICKED
    if forwarded is Kind.REDIRECT:
        return Kind.REDIRECT, 70, KindReason.FORWARDED_BY_SCRIPT
    if forwarded is Kind.BACKGROUND:
        return Kind.BACKGROUND, 70, KindReason.WENT_ON_BY_ITSELF
    if not _states_acts(exchange.user_agent):
        return _without_word_of_acts(exchange, recent)
    if exchange.sec_fetch_site == "none":
        # A tab that the browser restored, or a page's own reload: an address that was typed would be stated as an act.
        return Kind.BACKGROUND, 70, KindReason.OPENED_WITHOUT_CLICK
    return _by_itself(exchange, recent)


def _loads_itself_again(exchange: Exchange, recent: RecentNavigations, acted: bool) -> bool:
    """A timer may fire while the reader clicks elsewhere in the page; the doubt is settled in their favour.

    Firefox calls a page's own reload "none", as it does an address that was typed, but then names no act.
    """
    return (
        exchange.method == "GET"
        and exchange.sec_fetch_site in ("same-origin", "none")
        and recent.is_open(exchange.host, exchange.path, exchange.ts_ms)
        and (exchange.asks_for_itself() or not (acted or _states_acts(exchange.user_agent) is None))
    )


def _without_word_of_acts(exchange: Exchange, recent: RecentNavigations) -> Answer:
    since = recent.since_opened(exchange.page, exchange.ts_ms)
    if since is not None and since <= BEFORE_A_CLICK_MS:
        return Kind.REDIRECT, 60, KindReason.FORWARDED_BY_SCRIPT
    return Kind.NAVIGATION, 65, KindReason.OPENED_WITHOUT_CLICK


def _nothing_else_can_have_opened(exchange: Exchange, recent: RecentNavigations) -> bool:
    """No page of this client's is open that could have led here, or only this very one."""
    known = recent.anything_open(exchange.ts_ms)
    return not known or recent.is_open(exchange.host, exchange.path, exchange.ts_ms)


def _by_itself(exchange: Exchange, recent: RecentNavigations) -> Answer:
    if not exchange.page and _nothing_else_can_have_opened(exchange, recent):
        return Kind.NAVIGATION, 50, KindReason.OPENED_WITHOUT_CLICK
    since = recent.since_opened(exchange.page, exchange.ts_ms)
    if since is None and _blocks_frames(exchange.user_agent) and recent.is_frame(exchange.page, exchange.ts_ms):
        return Kind.NAVIGATION, 60, KindReason.CLICKED_IN_FRAME
    if since is not None and since <= LEADS_ON_MS:
        return Kind.REDIRECT, 70, KindReason.FORWARDED_BY_SCRIPT
    return Kind.BACKGROUND, 60, KindReason.WENT_ON_BY_ITSELF
