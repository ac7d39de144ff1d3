"""A small school's spool, and a bundle request made from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analytics import records
from analytics.canonical import leaf_hash
from analytics.event import Grade, Hours, Kind, NotInspected, Purpose, WebEvent
from analytics.evidence import seal as seals
from analytics.evidence.keys import new_key
from analytics.evidence.request import (
    BundleRequest,
    CategoryMeaning,
    MissingStretch,
    PermissionInForce,
    Recorded,
    SealedSegment,
)
from analytics.evidence.seal import Sealer
from analytics.records import Record
from analytics.spool import SpoolWriter, read_lines, segments
from tests.analytics.spool.samples import web_event

KEY = new_key(demonstration=True)
MONDAY_MS = 1_793_610_000_000
"""2 November 2026, 09:00 in London."""
DAY_MS = 86_400_000
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 27)
_SITES: tuple[tuple[str, str, Purpose, int], ...] = (
    ("www.phonics.example", "education", Purpose.WORK, 0),
    ("www.shop.example", "shopping", Purpose.PRIVATE, 1),
    ("news.example", "news", Purpose.PRIVATE, 1),
    ("bets.example", "gambling", Purpose.INAPPROPRIATE, 2),
    ("bank.example", "banking", Purpose.PRIVATE, 1),
    ("unlisted.example", "unlisted", Purpose.UNKNOWN, 0),
)
CATEGORIES = {
    "education": CategoryMeaning(title="Education", why="Teaching needs it."),
    "shopping": CategoryMeaning(
        title="Shopping", why="Buying for oneself is private use under section 3 of the policy."
    ),
    "news": CategoryMeaning(title="News", why="Reading the news at length is private use, though often harmless."),
    "gambling": CategoryMeaning(
        title="Gambling", why="The policy names gambling as inappropriate on school equipment."
    ),
    "banking": CategoryMeaning(title="Banking", why="Private; never decrypted, because it holds people's money."),
}
MENTIONED = frozenset(("shop", "bets"))


def term_events(count: int) -> list[WebEvent]:
    """`count` events of two people over four weeks: every fourth is the other person's."""
    return [_event(number) for number in range(count)]


def _event(number: int) -> WebEvent:
    host, category, purpose, gravity = _SITES[number * 7 % 11 % len(_SITES)]
    day = number * 3 % 26
    banking = category == "banking"
    return web_event(
        ts_ms=MONDAY_MS + day * DAY_MS + number * 97_003 % (7 * 3_600_000),
        person_id="p-02" if number % 4 == 3 else "p-01",
        host=host,
        domain=host.removeprefix("www."),
        path="/odds/today" if purpose is Purpose.INAPPROPRIATE else "",
        category=category,
        purpose=purpose,
        gravity=gravity,
        rule=f"site:{host}",
        kind=Kind.NAVIGATION if number % 3 else Kind.SUBRESOURCE,
        hours=(Hours.CONTRACTED, Hours.BREAK, Hours.CONTRACTED, Hours.OUTSIDE)[number % 4],
        attribution_grade=Grade.A if number % 5 else Grade.C,
        permission_id="perm-1" if category == "news" else None,
        not_inspected=NotInspected.BANKING if banking else NotInspected.INSPECTED,
    )


def spooled(
    events: Sequence[Record],
    folder: Path,
    *,
    sealer: Sealer | None = None,
    max_bytes: int = 9000,
    gateway: str = "gate-0",
) -> Path:
    """Write `events` through the real spool; the worker's folder."""
    with SpoolWriter(folder, "oakfield", gateway, sealer or Sealer(KEY), max_bytes=max_bytes) as spool:
        for event in events:
            assert spool.put(event)
    return folder


def read_spool(folder: Path) -> tuple[list[WebEvent], list[SealedSegment]]:
    """What a store would hold of the folder: events, and seals with their leaf hashes."""
    events, sealed = [], []
    for segment in segments(folder):
        lines = [line.data for line in read_lines(segment.path)]
        assert segment.seal is not None
        seal = seals.read(segment.seal.read_bytes())
        sealed.append(SealedSegment(seal=seal, leaves=[leaf_hash(data).hex() for data in lines]))
        events += [record for record in map(records.decode, lines) if isinstance(record, WebEvent)]
    return events, sealed


def visit_of(event: WebEvent) -> dict[str, Any]:
    """The visit a navigation makes, as the store would have it."""
    names = ("person_id", "school", "host", "domain", "path", "category", "gravity", "reason", "rule", "list_name")
    plain = {
        name: getattr(event, name) for name in (*names, "list_version", "permission_id", "device_id", "search_phrase")
    }
    return plain | {
        "visit_id": event.event_id,
        "start_ms": event.ts_ms,
        "purpose": str(event.purpose),
        "hours": str(event.hours),
        "grade": str(event.attribution_grade),
        "method": str(event.attribution_method),
        "not_inspected": str(event.not_inspected),
        "status": event.status,
        "kind_reason": event.kind_reason,
        "kind_confidence": event.kind_confidence,
        "pulled_in": 3,
        "fetched_until_ms": event.ts_ms,
        "lower_s": 4,
        "upper_s": 95,
        "session": 0,
    }


@cache
def _school(count: int) -> tuple[tuple[WebEvent, ...], tuple[SealedSegment, ...]]:
    with TemporaryDirectory() as folder:
        events, sealed = read_spool(spooled(term_events(count), Path(folder)))
    return tuple(events), tuple(sealed)


def request(count: int = 40, **changes: Any) -> BundleRequest:
    """A request over the first person's events of a spool of `count`; the same one each time."""
    events, sealed = _school(count)
    mine = [event for event in events if event.person_id == "p-01"]
    made = BundleRequest(
        school="oakfield",
        school_name="Oakfield Primary School",
        person_id="p-01",
        person_name="Robin Marsh",
        first_day=FIRST,
        last_day=LAST,
        made_ms=MONDAY_MS + 30 * DAY_MS,
        made_by="Pat Lowe",
        made_as="Headteacher",
        reason="Period review agreed with the Chair on 24 November",
        events=mine,
        visits=[visit_of(event) for event in mine if event.kind is Kind.NAVIGATION],
        recorded=Recorded(
            recorded_ms=160 * 3_600_000,
            gaps=(
                MissingStretch(
                    gateway="gate-0",
                    from_ms=MONDAY_MS + DAY_MS,
                    to_ms=MONDAY_MS + DAY_MS + 900_000,
                    sentence="The gateway stopped unexpectedly and was started again.",
                    count=0,
                ),
            ),
            untold=12,
            passed_through=3401,
            shielded=77,
            closed=[("A bank: never opened; only its name is recorded.", 212), ("An app that accepts no other.", 3189)],
            read_with=["For 12 minutes monitored devices went past the gateway.", "The clock was set once."],
        ),
        segments=sealed,
        permissions=(
            PermissionInForce(
                what="News, at any time",
                reason="Agreed for all staff",
                granted_by="Pat Lowe",
                from_ms=MONDAY_MS - 60 * DAY_MS,
                until_ms=0,
            ),
        ),
        told_ms=MONDAY_MS - 60 * DAY_MS,
        categories=CATEGORIES,
        software="0.1.0",
        key=KEY,
    )
    return replace(made, **changes)
