"""Sign-ins and sightings that ended before the gateway knew it, as where RADIUS accounting comes late.

Owns what follows for the events written meanwhile. Events are never changed, so that what they say of grade A stands;
but where they are from the recorded end of their binding on, it is not sure who it was, and whoever builds visits or a
report takes them for grade C. Promises: nothing gets surer by it; whichever came first, the events or the end, the days
they are of are built again. A sign-in at the proxy is left out: it is of its connections, and the worker itself knows
when it ends.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from analytics.event import Grade, Method
from analytics.store.event_store import EventStore
from analytics.store.touched import london_day

if TYPE_CHECKING:
    import pyarrow as pa

ENDS: Final = f"""
SELECT binding_id, min(until_ms) AS end_ms FROM bindings
WHERE school = {{school:String}} AND until_ms > 0 AND source != '{Method.PROXY}' AND binding_id IN (
    SELECT assumeNotNull(binding_id) FROM events
    WHERE school = {{school:String}} AND person_id IN {{people:Array(String)}} AND day BETWEEN {{first:Date}} AND {{last:Date}}
        AND binding_id IS NOT NULL)
GROUP BY binding_id
"""  # noqa: S608, E501 - the inserted text is our own constant
_DAYS: Final = f"""
SELECT DISTINCT person_id, day FROM events INNER JOIN (
    SELECT binding_id, min(until_ms) AS end_ms FROM bindings
    WHERE school = {{school:String}} AND until_ms > 0 AND source != '{Method.PROXY}'
        AND binding_id IN {{ended:Array(String)}}
    GROUP BY binding_id) AS ends ON events.binding_id = ends.binding_id
WHERE school = {{school:String}} AND person_id IS NOT NULL AND day >= {{first:Date}} AND ts_ms >= end_ms
"""  # noqa: S608 - the inserted text is our own constant


def ends_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Binding id to when it ended (UTC ms), of the rows that `ENDS` gives."""
    return {row["binding_id"]: row["end_ms"] for row in rows}


def is_late(event: Mapping[str, Any], ends: Mapping[str, int]) -> bool:
    """Whether an event is from the end of its binding on."""
    end = ends.get(event["binding_id"] or "")
    return end is not None and event["ts_ms"] >= end


def graded(event: dict[str, Any], ends: Mapping[str, int]) -> dict[str, Any]:
    """The event's row as visits are to be built from it."""
    return {**event, "attribution_grade": str(Grade.C)} if is_late(event, ends) else event


def days_after(store: EventStore, school: str, changes: "pa.Table") -> set[tuple[str, date]]:
    """The (person, London day) pairs that have events after the end of a binding in `changes`, rows of the table
    `bindings`.

    Raises:
        StoreError: the store is down.
    """
    ends = {row["binding_id"]: row["until_ms"] for row in changes.to_pylist() if row["until_ms"]}
    if not ends:
        return set()
    first = london_day(min(ends.values())).isoformat()
    given: dict[str, Any] = {"school": school, "ended": sorted(ends), "first": first}
    return {(row["person_id"], row["day"]) for row in store.arrow(_DAYS, given).to_pylist()}
