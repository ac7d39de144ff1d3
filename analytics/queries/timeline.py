"""One person's day, visit by visit, and their sessions.

Owns `person_visits` and `person_sessions`.
"""

from datetime import date
from typing import TYPE_CHECKING, Final

from analytics.governance.audit import Action
from analytics.governance.earlier import at as earlier_at
from analytics.governance.earlier import earlier_notices
from analytics.queries.london import london_texts, london_today
from analytics.queries.reading import Reading
from analytics.queries.standing import STANDING_SQL

if TYPE_CHECKING:
    import pandas as pd

_VISITS: Final = f"""
SELECT visit_id, toString(v.day) AS day, start_ms, host, domain, path, status, category, purpose,
    {STANDING_SQL} AS standing, gravity, reason, rule, list_name, list_version, permission_id, hours, grade, method,
    kind_reason, kind_confidence, device_id, pulled_in, fetched_until_ms, lower_s, upper_s, session, search_phrase,
    not_inspected
FROM visits_now AS v
WHERE v.school = {{school:String}} AND v.person_id = {{person_id:String}} AND v.day = {{day:Date}}
ORDER BY start_ms, visit_id
"""  # noqa: S608 - the one inserted text is a constant
_SESSIONS: Final = f"""
SELECT toString(v.day) AS day, v.session, min(v.start_ms) AS start_ms, max(v.start_ms) AS last_ms,
    toInt64(count()) AS visits, toInt64(countIf({STANDING_SQL} = 'private')) AS private_visits,
    toInt64(countIf({STANDING_SQL} IN ('inappropriate', 'unlawful'))) AS inappropriate_visits,
    sum(v.lower_s) AS lower_s, sum(v.upper_s) AS upper_s
FROM visits_now AS v
WHERE v.school = {{school:String}} AND v.person_id = {{person_id:String}}
    AND v.day BETWEEN {{first:Date}} AND {{last:Date}}
GROUP BY day, session
ORDER BY day, session
"""  # noqa: S608 - the one inserted text is a constant


def person_visits(reading: Reading, person_id: str, day: date) -> "pd.DataFrame":
    """One person's visits of one London day, in order.

    Columns: those of a visit (visit_id, day, start_ms, host, domain, path, status, category, purpose, gravity, reason,
    rule, list_name, list_version, permission_id, hours, grade, method, kind_reason, kind_confidence, device_id,
    pulled_in, fetched_until_ms, lower_s, upper_s, session, search_phrase, not_inspected; absent permission_id and
    device_id are NaN), and standing, start (London, "2026-11-24 09:05:07"), time ("09:05:07"), before_notice (bool:
    before they were first told of any policy), notice_changed_ms (UTC ms: they had been told of an earlier notice, and
    it had changed then; 0 where they knew the one in force).

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = reading.on_person("person_visits", person_id, Action.LOOKED_AT_DAY, day.isoformat())
    frame = grant.frame(_VISITS, day=day.isoformat())
    frame["start"] = london_texts(frame["start_ms"])
    frame["time"] = frame["start"].str[11:]
    told_ms = reading.governance.notices.first_told().get(person_id)
    frame["before_notice"] = True if told_ms is None else frame["start_ms"] < told_ms
    earlier = earlier_notices(reading.governance.notices, person_id)
    known = [earlier_at(earlier, int(ms)) for ms in frame["start_ms"]]
    frame["notice_changed_ms"] = [each.changed_ms if each is not None else 0 for each in known]
    return frame


def person_sessions(reading: Reading, person_id: str, first_day: date, last_day: date) -> "pd.DataFrame":
    """One person's sessions (visits with gaps of at most half an hour), in order, both days included.

    Columns: day, session (from 0 in the day), start_ms, last_ms (start of the last visit), visits, private_visits,
    inappropriate_visits (unlawful ones among them), lower_s, upper_s, start, last (London).

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    span = f"totals, seen on {london_today()}"
    grant = reading.on_person("person_sessions", person_id, Action.LOOKED_AT_PERSON, span)
    frame = grant.frame(_SESSIONS, first=first_day.isoformat(), last=last_day.isoformat())
    frame["start"] = london_texts(frame["start_ms"])
    frame["last"] = london_texts(frame["last_ms"])
    return frame
