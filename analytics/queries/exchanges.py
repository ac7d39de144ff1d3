"""What one visit pulled in.

Owns `visit_exchanges`. Which exchange belongs to which visit is analytics.visits' rule, applied again to the day's
events, so the page can never say otherwise than the count did.
"""

from typing import TYPE_CHECKING, Final

from analytics.governance.audit import Action
from analytics.queries.london import london_texts
from analytics.queries.reading import Reading
from analytics.visits import EVENT_COLUMNS, exchanges_by_visit

if TYPE_CHECKING:
    import pandas as pd

_DAY: Final = """
SELECT toString(v.day) AS day FROM visits_now AS v
WHERE v.school = {school:String} AND v.person_id = {person_id:String} AND v.visit_id = {visit_id:String}
"""
_SHOWN: Final = (
    "event_id",
    "ts_ms",
    "kind",
    "kind_confidence",
    "kind_reason",
    "host",
    "path",
    "initiator_host",
    "category",
    "purpose",
    "content_type",
    "bytes_up",
    "bytes_down",
    "duration_ms",
    "upload",
    "media",
    "not_inspected",
)
_COLUMNS: Final = ", ".join(sorted({*EVENT_COLUMNS, *_SHOWN}))
_EVENTS: Final = f"""
SELECT {_COLUMNS} FROM events
WHERE school = {{school:String}} AND person_id = {{person_id:String}} AND day = {{day:Date}}
ORDER BY ts_ms, event_id
LIMIT 1 BY event_id
"""  # noqa: S608 - the one inserted text is a constant


def visit_exchanges(reading: Reading, person_id: str, visit_id: str) -> "pd.DataFrame":
    """Every exchange a visit is made of, its own navigation among them, in order; none where there is no such visit.

    Columns: event_id, ts_ms, kind, kind_confidence (0-100), kind_reason, host, path, initiator_host, category,
    purpose, content_type, bytes_up, bytes_down, duration_ms, upload, media, not_inspected, time (London).

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = reading.on_person("visit_exchanges", person_id, None)
    days = grant.frame(_DAY, visit_id=visit_id)["day"].tolist()
    day = days[0] if days else "1970-01-01"
    reading.note_look(person_id, Action.LOOKED_AT_DAY, day)
    events = grant.frame(_EVENTS, day=day)
    belonging = exchanges_by_visit(events)
    mine = events["event_id"].map(lambda event_id: belonging.get(event_id) == visit_id).astype("bool")
    frame = events.loc[mine, list(_SHOWN)].reset_index(drop=True)
    frame["time"] = london_texts(frame["ts_ms"]).str[11:]
    return frame
