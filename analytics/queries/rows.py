"""Events and seals as they were recorded: what a bundle is made of.

Owns `event_rows`, `binding_ends` and `seal_rows`. Promises: an event comes out exactly as it went in, so that
its leaf hash can be made again, and each comes once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from analytics.event import WebEvent
from analytics.evidence.seal import Seal
from analytics.governance.audit import Action
from analytics.late_ends import ENDS, ends_of
from analytics.queries.london import day_bounds
from analytics.queries.reading import Grant, Reading
from analytics.store.columns import EVENT_SELECT, event_of

_EVENTS: Final = f"""
SELECT {EVENT_SELECT} FROM events
WHERE school = {{school:String}} AND person_id = {{person_id:String}} AND day = {{day:Date}}
ORDER BY ts_ms, event_id
LIMIT 1 BY event_id
"""  # noqa: S608 - the one inserted text is a constant
_SEALS: Final = """
SELECT school, gateway, segment, count, first_ms, last_ms, root, previous, key_id, demonstration, closed_ms,
    public_key, signature, leaves
FROM seals INNER JOIN (
    SELECT gateway, min(segment) AS from_segment, max(segment) AS to_segment FROM (
        SELECT gateway, segment FROM seals
        WHERE school = {school:String} AND last_ms >= {begin:Int64} AND first_ms < {end:Int64}
        UNION DISTINCT
        SELECT gateway, segment FROM events
        WHERE school = {school:String} AND person_id = {person_id:String} AND day BETWEEN {first:Date} AND {last:Date})
    GROUP BY gateway) AS run USING (gateway)
WHERE school = {school:String} AND segment BETWEEN from_segment AND to_segment
ORDER BY gateway, segment, signature
LIMIT 1 BY gateway, segment, signature
"""
"""A run of segments without a hole: each seal names the one before it, so one left out would look taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRow:
    """One segment's seal as stored, and the hex leaf hashes of its records, in order."""

    seal: Seal
    leaves: tuple[str, ...]


def event_rows(reading: Reading, person_id: str, first_day: date, last_day: date) -> Iterator[WebEvent]:
    """One person's events by time, both London days included. The check and the look come before the first event.

    Raises:
        AccessDenied: not for this viewer. RecordError: a stored event is damaged. StoreError: the store is down.
    """
    grant = reading.on_person("event_rows", person_id, Action.TOOK_ROWS, f"{first_day} to {last_day}")
    return _events(grant, first_day, last_day)


def binding_ends(reading: Reading, person_id: str, first_day: date, last_day: date) -> dict[str, int]:
    """Binding id to when it ended (UTC ms), of the bindings that this person's events of these London days name: an
    event after it is unsure (analytics.late_ends).

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = reading.on_person("binding_ends", person_id, Action.TOOK_ROWS, f"{first_day} to {last_day}")
    days = {"first": first_day.isoformat(), "last": last_day.isoformat()}
    return ends_of(grant.arrow(ENDS, people=[person_id], **days).to_pylist())


def seal_rows(reading: Reading, person_id: str, first_day: date, last_day: date) -> Iterator[SealRow]:
    """Each gateway's seals, from the first to the last segment of these days or with an event of this person's.

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = reading.on_person("seal_rows", person_id, Action.TOOK_ROWS, f"{first_day} to {last_day}")
    begin, end = day_bounds(first_day, last_day)
    days = {"first": first_day.isoformat(), "last": last_day.isoformat()}
    rows = grant.arrow(_SEALS, begin=begin, end=end, **days).to_pylist()
    return (SealRow(leaves=tuple(row.pop("leaves")), seal=Seal(**row)) for row in rows)


def _events(grant: Grant, first_day: date, last_day: date) -> Iterator[WebEvent]:
    # A day at a time: one person's term need not fit in memory at once.
    for number in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=number)
        rows: list[dict[str, Any]] = grant.arrow(_EVENTS, day=day.isoformat()).to_pylist()
        yield from map(event_of, rows)
