"""One exchange appraised: how it came about, which page asked for it, and what it means in that page's context.

Owns the order in which kind, shield and verdict act on each other; the gateway appraises live traffic with it and
`fairgate replay` a recording, so that the two cannot differ. Promises: a shielded page is never named as the one that
asked; it shields all that it pulls in, through its frames too, and what leads to it; of what follows it only what a
person chose themselves is recorded, as if they had typed the address. Where it cannot be told whether something belongs
to a shielded page it is taken to, since nothing lost so could have counted against anyone. No kind is decided by
something shielded that came before. What another site's page pulls in is never graver than that page, and what a frame
pulls in never graver than the page that the frame stands in; what nobody chose and no page is named for weighs nothing.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from analytics import shielded_words
from analytics.categorise import Judge
from analytics.event import Kind, Purpose
from analytics.kind import Exchange, KindReason, KindVerdict, kind_of, remember
from analytics.recent_navigations import RecentNavigations
from analytics.verdict import SHIELD_VERDICT, Reason, Verdict, frame_context, in_page_context, of_no_page
from config.host_name import normal_host, registrable_domain

_OWN_CHOICE: Final = frozenset((Kind.NAVIGATION, Kind.REDIRECT))
_NO_PART: Final = frozenset(
    (KindReason.APPLICATION, KindReason.NOT_A_BROWSER, KindReason.LIVE_CONNECTION, KindReason.PREFLIGHT)
)
"""Of programs, which are never part of a page, and of what names its page wherever a page is behind it."""


def appraise_kind(exchange: Exchange, recent: RecentNavigations, judge: Judge) -> tuple[KindVerdict, Verdict | None]:
    """How `exchange` came about, and the verdict on the page that asked where one is named; `recent` learns of it.

    The verdict is `SHIELD_VERDICT` also where the exchange leads to a shielded page, or may be part of one.
    """
    kind, page = kind_of(exchange, recent), _page(exchange, recent, judge)
    if _leads_to_shielded(exchange, judge) or (page is None and _may_be_part(exchange, kind, recent)):
        page = SHIELD_VERDICT
    if _shielded(judge, exchange.host, exchange.path, chosen=kind.kind in _OWN_CHOICE):
        recent.hid_page(exchange.host, exchange.ts_ms)
    elif _hides(page) and kind.kind is not Kind.NAVIGATION:
        if kind.kind is Kind.EMBEDDED:
            recent.hid_frame(exchange.host, exchange.ts_ms)
    else:
        remember(recent, exchange, kind)
        if kind.kind is Kind.EMBEDDED:
            _note_frame(exchange, kind, page, recent, judge)
        if kind.kind in (Kind.NAVIGATION, Kind.EMBEDDED):
            recent.showed(exchange.host)
    return (kind._replace(initiator_host="") if _hides(page) else kind), page


def appraise_meaning(
    judge: Judge, kind: KindVerdict | None, page: Verdict | None, host: str, path: str, query: str
) -> Verdict:
    """The verdict on an address, asked for by `page` in this `kind` of way; shielded where either of the two is."""
    if _hides(page) and kind is not None and kind.kind is not Kind.NAVIGATION:
        return SHIELD_VERDICT
    verdict = _discreet(judge, host, path, query, chosen=kind is None or kind.kind in _OWN_CHOICE)
    if kind is None or kind.kind in _OWN_CHOICE:
        return verdict
    if page is None:
        return of_no_page(verdict)
    return in_page_context(verdict, page) if _takes_on(kind, page, host) else verdict


def _takes_on(kind: KindVerdict, page: Verdict, host: str) -> bool:
    """Whether what `page` pulled in from `host` is judged as the page: another site's, and all that a frame asks."""
    return page.reason == Reason.PAGE_CONTEXT or registrable_domain(kind.initiator_host) != registrable_domain(host)


def _note_frame(
    exchange: Exchange, kind: KindVerdict, page: Verdict | None, recent: RecentNavigations, judge: Judge
) -> None:
    """A site's own frame in its own page is that page's; any other hands on what it inherits."""
    if page is None or _takes_on(kind, page, exchange.host):
        path, _, query = exchange.path.partition("?")
        verdict = appraise_meaning(judge, kind, page, exchange.host, path, query)
        recent.framed(exchange.host, exchange.ts_ms, frame_context(verdict, page))


def _discreet(judge: Judge, host: str, path: str, query: str, *, chosen: bool) -> Verdict:
    """The verdict on an address, keeping nothing that gives away something shielded: a search that does is shielded,
    of a path no more than the rule's own part is kept. A phrase is kept only of what was `chosen`."""
    verdict = judge.judge(host, path, query)
    if verdict.keep == "phrase" and chosen and query and shielded_words.in_search(judge, query):
        return SHIELD_VERDICT
    if verdict.keep == "path" and len(path) > 1 and shielded_words.in_path(judge, path):
        return replace(verdict, keep="host")
    return verdict


def _page(exchange: Exchange, recent: RecentNavigations, judge: Judge) -> Verdict | None:
    """The verdict on the page that asked, by as much of its address as the browser stated; None where it is not named.
    Where Referer and Origin name two, either may shield."""
    found: Verdict | None = None
    for stated in (exchange.referer, exchange.origin):
        address = _read(stated) if stated else None
        if address is None:
            continue
        # A browser states another site's page by its host alone: what was last opened there must do for the rest.
        if recent.is_hidden(address[0], exchange.ts_ms):
            return SHIELD_VERDICT
        verdict = judge.judge(*address)
        if _hides(verdict):
            return SHIELD_VERDICT
        found = found or _as_frame(verdict, address[0], exchange.ts_ms, recent)
    return found


def _as_frame(verdict: Verdict, host: str, ts_ms: int, recent: RecentNavigations) -> Verdict:
    """The `verdict` on a page that asked, or where it is a frame what that hands on. Where a page of the same host was
    opened too, before, either may have asked: the one that weighs less is taken."""
    context = recent.context_of(host, ts_ms)
    if not isinstance(context, Verdict):
        return verdict
    opened = recent.since_opened(host, ts_ms) is not None
    return verdict if opened and verdict.gravity <= context.gravity else context


@lru_cache(maxsize=1024)
def _read(stated: str) -> tuple[str, str, str] | None:
    """Host, path and query of an address that a browser states; None where it is none."""
    try:
        address = urlsplit(stated)
        host = normal_host(address.hostname or "")
    except ValueError:
        return None
    return (host, address.path or "/", address.query) if host else None


def _leads_to_shielded(exchange: Exchange, judge: Judge) -> bool:
    if not (exchange.forwards and exchange.location):
        return False
    host, target = exchange.target()
    return bool(host) and _shielded(judge, host, target, chosen=True)


def _may_be_part(exchange: Exchange, kind: KindVerdict, recent: RecentNavigations) -> bool:
    """Whether this, which names no page, may have been pulled in by a shielded page that was just opened."""
    pulled_in = kind.kind not in _OWN_CHOICE and kind.reason not in _NO_PART
    return pulled_in and recent.parts_may_follow(exchange.ts_ms)


def _shielded(judge: Judge, host: str, target: str, *, chosen: bool) -> bool:
    path, _, query = target.partition("?")
    return _hides(_discreet(judge, host, path, query, chosen=chosen))


def _hides(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.purpose is Purpose.SHIELDED
