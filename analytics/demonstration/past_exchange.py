"""Past exchanges: every request a page opened at some past moment would have made, as the gateway would have seen it.

Owns the expansion of one chosen page into its exchanges and their sizes. Pure: random numbers and times are given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final
from urllib.parse import urlsplit

from analytics.demonstration.browsing import USER_AGENT, Ask, headers
from analytics.demonstration.sites import Dest, parts, polled
from analytics.demonstration.timetable import Chosen
from analytics.kind import Exchange

_TYPES: Final = {
    Dest.DOCUMENT: "text/html",
    Dest.FRAME: "text/html",
    Dest.STYLE: "text/css",
    Dest.SCRIPT: "text/javascript",
    Dest.IMAGE: "image/svg+xml",
    Dest.FETCH: "application/json",
}
_POLL_EVERY_MS: Final = 20_000
_MOST_POLLS: Final = 3


@dataclass(frozen=True, slots=True)
class Past:
    """One past exchange. `query` is the text after "?"; `size` and `took_ms` are of the answer."""

    exchange: Exchange
    query: str
    size: int
    took_ms: int


def exchanges_of(page: Chosen, random: Random) -> Iterator[Past]:
    """The page itself, what it pulls in within a second or two, and what it asks while it stays open."""
    yield _past(page.ts_ms, page.url, Ask(Dest.DOCUMENT, chosen=True), random)
    yield from _pulled_in(page.url, page.ts_ms, random)
    if poll := polled(page.url):
        for number in range(1, random.randint(1, _MOST_POLLS) + 1):
            yield _past(page.ts_ms + number * _POLL_EVERY_MS, poll, Ask(Dest.FETCH, page.url), random)


def _pulled_in(page: str, ts_ms: int, random: Random) -> Iterator[Past]:
    for part in parts(page):
        ts_ms += random.randint(20, 180)
        yield _past(ts_ms, part.url, Ask(part.dest, page), random)
        if part.dest is Dest.FRAME:
            yield from _pulled_in(part.url, ts_ms, random)


def _past(ts_ms: int, url: str, ask: Ask, random: Random) -> Past:
    return Past(_exchange(ts_ms, url, ask), urlsplit(url).query, random.randint(300, 90_000), random.randint(15, 400))


def _exchange(ts_ms: int, url: str, ask: Ask) -> Exchange:
    address, sent = urlsplit(url), headers(url, ask)
    return Exchange(
        ts_ms=ts_ms,
        scheme=address.scheme,
        host=address.hostname or "",
        path=address.path,
        status=200,
        sec_fetch_dest=sent.get("Sec-Fetch-Dest", ""),
        sec_fetch_mode=sent.get("Sec-Fetch-Mode", ""),
        sec_fetch_site=sent.get("Sec-Fetch-Site", ""),
        sec_fetch_user=sent.get("Sec-Fetch-User", ""),
        accept=sent["Accept"],
        referer=sent.get("Referer", ""),
        upgrade_insecure_requests=sent.get("Upgrade-Insecure-Requests", ""),
        user_agent=USER_AGENT,
        content_type=_TYPES[ask.dest],
    )
