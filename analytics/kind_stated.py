"""How an exchange came about, by the browser's own word: Fetch Metadata, which no page can forge.

Owns the reading of Sec-Fetch-Dest, -Mode, -Site and -User. The rules rest on what Chromium 156 and Firefox really send
(tests/analytics/kind_cases), and on Safari's documentation: Safari states everything but whether a person acted.
Promises: without a person's act nothing is surely a navigation, where the browser would have stated one: at most it is
called unsure, which counts against nobody; a page that asks for its own address again is no navigation even while its
reader clicks in it.
"""

import re
from typing import Final

from analytics.event import Kind
from analytics.exchange import Exchange
from analytics.kind_reason import UNSURE, Answer, KindReason
from analytics.open_page import BEFORE_A_CLICK_MS, may_load_itself_again, script_fetch
from analytics.recent_navigations import Forwarded, RecentNavigations

LEADS_ON_MS: Final = 10_000
"""A page that opens another by itself within this time forwards to it; later it went on by itself."""
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
    forwarded = recent.forwarded_as(exchange.host, exchange.path, exchange.ts_ms)
    if exchange.sec_fetch_user == "?1":
        return _acted(exchange, recent, forwarded)
    if _states_acts(exchange.user_agent):
        return _not_acted(exchange, recent, forwarded)
    return _without_word_of_acts(exchange, recent, forwarded)


def _acted(exchange: Exchange, recent: RecentNavigations, forwarded: Forwarded | None) -> Answer:
    """With the person's act stated. A timer may still fire while the reader clicks elsewhere in the page."""
    if forwarded is not None:
        return Kind.NAVIGATION, forwarded.confidence(90), KindReason.REACHED_BY_REDIRECT
    if (
        exchange.sec_fetch_site == "same-origin"
        and exchange.asks_for_itself()
        and may_load_itself_again(exchange, recent)
    ):
        return Kind.BACKGROUND, 80, KindReason.REFRESHED_ITSELF
    sent = exchange.method == "POST"
    return Kind.NAVIGATION, 95, KindReason.FORM_SENT if sent else KindReason.TYPED_OR_CLICKED


def _not_acted(exchange: Exchange, recent: RecentNavigations, forwarded: Forwarded | None) -> Answer:
    """Without an act, of a browser that would have stated one."""
    open_already = exchange.method == "GET" and recent.is_open(exchange.host, exchange.path, exchange.ts_ms)
    if open_already and exchange.sec_fetch_site in ("same-origin", "none"):
        # Firefox calls a page's own reload "none", as it does an address that was typed, but then names no act.
        return Kind.BACKGROUND, 80, KindReason.REFRESHED_ITSELF
    if forwarded is not None:
        return _forwarded_without_act(forwarded)
    if exchange.sec_fetch_site == "none":
        # A tab that the browser restored: an address that was typed would be stated as an act.
        return Kind.BACKGROUND, 70, KindReason.OPENED_WITHOUT_CLICK
    if not exchange.page and (open_already or not recent.anything_open(exchange.ts_ms)):
        # No page is known that could have opened it, which is so after a start of the gateway too.
        return Kind.NAVIGATION, UNSURE, KindReason.OPENED_WITHOUT_CLICK
    return _by_itself(exchange, recent)


def _forwarded_without_act(forwarded: Forwarded) -> Answer:
    if forwarded.kind is Kind.NAVIGATION:
        # Plain HTTP, where the way began, states no acts.
        return Kind.NAVIGATION, forwarded.confidence(65), KindReason.REACHED_BY_REDIRECT
    if forwarded.kind is Kind.REDIRECT:
        return Kind.REDIRECT, 70, KindReason.FORWARDED_BY_SCRIPT
    return Kind.BACKGROUND, 70, KindReason.WENT_ON_BY_ITSELF


def _by_itself(exchange: Exchange, recent: RecentNavigations) -> Answer:
    since = recent.since_opened(exchange.page, exchange.ts_ms)
    if since is None and _blocks_frames(exchange.user_agent) and recent.is_frame(exchange.page, exchange.ts_ms):
        return Kind.NAVIGATION, 60, KindReason.CLICKED_IN_FRAME
    if since is not None and since <= LEADS_ON_MS:
        return Kind.REDIRECT, 70, KindReason.FORWARDED_BY_SCRIPT
    return Kind.BACKGROUND, 60, KindReason.WENT_ON_BY_ITSELF


def _without_word_of_acts(exchange: Exchange, recent: RecentNavigations, forwarded: Forwarded | None) -> Answer:
    """Of a browser that never states acts: only the time, and what a page asks for, tell."""
    if forwarded is not None and forwarded.kind in (Kind.NAVIGATION, Kind.REDIRECT):
        return _forwarded_without_act(forwarded)
    if may_load_itself_again(exchange, recent):
        return Kind.BACKGROUND, 75, KindReason.REFRESHED_ITSELF
    since = recent.since_opened(exchange.page, exchange.ts_ms)
    if since is not None and since <= BEFORE_A_CLICK_MS:
        return Kind.REDIRECT, 60, KindReason.FORWARDED_BY_SCRIPT
    again = exchange.sec_fetch_site == "same-origin" and recent.is_open(exchange.host, exchange.path, exchange.ts_ms)
    return Kind.NAVIGATION, UNSURE if again else 65, KindReason.OPENED_WITHOUT_CLICK
