"""One exchange appraised: how it came about, which page asked for it, and what it means in that page's context.

Owns the order in which kind, shield and verdict act on each other; the gateway appraises live traffic with it and
`fairgate replay` a recording, so that the two cannot differ. Promises: a shielded page is never named as the one that
asked, and shields all that it pulls in; what another site's page pulls in is never graver than that page.
"""

from typing import Final
from urllib.parse import urlsplit

from analytics.categorise import Judge, Verdict, in_page_context
from analytics.event import Kind, Purpose
from analytics.kind import Exchange, KindVerdict, kind_of, remember
from analytics.recent_navigations import RecentNavigations
from config.host_name import registrable_domain

_OWN_CHOICE: Final = frozenset((Kind.NAVIGATION, Kind.REDIRECT))


def appraise_kind(exchange: Exchange, recent: RecentNavigations, judge: Judge) -> tuple[KindVerdict, Verdict | None]:
    """How `exchange` came about, and the verdict on the page that asked where one is named; `recent` learns of it."""
    kind = kind_of(exchange, recent)
    remember(recent, exchange, kind)
    if not kind.initiator_host:
        return kind, None
    page = _page(judge, kind.initiator_host, exchange.referer)
    return (kind._replace(initiator_host="") if page.purpose is Purpose.SHIELDED else kind), page


def appraise_meaning(
    judge: Judge, kind: KindVerdict | None, page: Verdict | None, host: str, path: str, query: str
) -> Verdict:
    """The verdict on an address, asked for by `page` in this `kind` of way; shielded where either of the two is."""
    verdict = judge.judge(host, path, query)
    if kind is None or page is None or kind.kind in _OWN_CHOICE:
        return verdict
    # A shielded page is not named, and shields all that it pulls in, from its own site too.
    if page.purpose is Purpose.SHIELDED or registrable_domain(kind.initiator_host) != registrable_domain(host):
        return in_page_context(verdict, page)
    return verdict


def _page(judge: Judge, host: str, referer: str) -> Verdict:
    """The verdict on the page that asked, by as much of its address as the browser stated."""
    try:
        address = urlsplit(referer)
    except ValueError:
        return judge.judge(host)
    return judge.judge(host, address.path or "/", address.query)
