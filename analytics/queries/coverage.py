"""Coverage: when it was recording, when not, and how much it could not see.

Owns `coverage`. A stretch of recording is a run of heartbeats that follow each other; between stretches, and since
the last one, nothing was heard, and that is a gap whether or not the gateway ever said so. Counts only: nothing here
is anybody's.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from analytics.governance.database import now_ms
from analytics.queries.conditions import Conditions, conditions_in
from analytics.queries.london import day_bounds, london_texts
from analytics.queries.reading import Reading
from analytics.queries.stretches import Span, silences, stretches_of
from analytics.records import GapReason

_LOOK_BACK_MS: Final = 30 * 24 * 3_600_000
# A folder that was emptied uses its numbers again, so the time tells two records of one place apart. Of gaps that the
# loader noted itself it does not: the same one may be told with another time when it is sent again.
_BEATS: Final = """
SELECT gateway, since_ms, ts_ms, requests, passed_through, untold, dropped, hook_errors FROM heartbeats
WHERE school = {school:String} AND ts_ms >= {begin:Int64} AND since_ms < {end:Int64}
ORDER BY gateway, ts_ms
LIMIT 1 BY gateway, segment, seq, ts_ms
"""
_HEARD_BEFORE: Final = """
SELECT gateway, max(v.ts_ms) AS ts_ms FROM heartbeats AS v
WHERE v.school = {school:String} AND v.ts_ms >= {look_back:Int64} AND v.ts_ms < {begin:Int64}
GROUP BY gateway
"""
_GAPS: Final = """
SELECT gateway, reason, from_ms, to_ms, count FROM gaps
WHERE school = {school:String} AND to_ms >= {begin:Int64} AND from_ms < {end:Int64}
ORDER BY from_ms, gateway
LIMIT 1 BY gateway, segment, seq, source_offset, reason, if(source_offset < 0, ts_ms, 0)
"""
_SHIELD: Final = """
SELECT toInt64(sum(count)) AS shielded FROM (
    SELECT count FROM shield_counts
    WHERE school = {school:String} AND hour_ms >= {begin:Int64} AND hour_ms < {end:Int64}
    LIMIT 1 BY gateway, segment, seq, ts_ms)
"""

SILENT: Final = "silent"
SENTENCES: Final = {
    SILENT: "Nothing was heard from the gateway.",
    GapReason.STOPPED: "The gateway was switched off.",
    GapReason.CRASHED: "The gateway stopped unexpectedly and was started again.",
    GapReason.QUEUE_FULL: "More came than could be written down; browsing went on, some of it unrecorded.",
    GapReason.DISK_FULL: "The gateway's disk was full; browsing went on, unrecorded.",
    GapReason.DAMAGED: "Records were damaged and set aside.",
    GapReason.HOOK_ERROR: "A fault in Fairgate itself; browsing went on, some of it unrecorded.",
    GapReason.CLOCK_STEP: "The gateway's clock was set; times around it may be out.",
    GapReason.SEQUENCE: "Numbered records are missing.",
    GapReason.BYPASSED: "Monitored devices went past the gateway, unrecorded, so that lessons could go on.",
    GapReason.UNNAMED: "Who was at which device was not known; what was known by a sign-in or a lease went unrecorded.",
}
"""Why something is missing, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was recorded in a range of days.

    `stretches` columns: gateway, from_ms, to_ms, start, end (London). `gaps` columns: gateway, reason, from_ms,
    to_ms, count (records lost; 0: not known), sentence, start, end. Both by time. The rest are counts over the range:
    `requests` is everything the gateway handled but what was shielded, `passed_through` of it was not decrypted,
    `untold` was of people not yet told (counted, not recorded), `shielded` fell in a sensitive area (only counted);
    `recorded_s` is the seconds in which at least one gateway was recording; `people_not_told` of `people` were never
    told, `people_told_earlier` of an earlier notice than the one in force alone.
    """

    stretches: pd.DataFrame
    gaps: pd.DataFrame
    requests: int
    passed_through: int
    passed_through_percent: int
    untold: int
    dropped: int
    hook_errors: int
    shielded: int
    recorded_s: int
    people: int
    people_not_told: int
    people_told_earlier: int
    bypassed_s: int
    """Seconds in which monitored devices went past a gateway; overlapping stretches count once."""
    conditions: Conditions

    def times(self, reason: GapReason) -> int:
        """How many gaps there are of this reason."""
        return int((self.gaps["reason"] == reason).sum())


def coverage(reading: Reading, first_day: date, last_day: date) -> Coverage:
    """Whether it was recording on these London days, both included; nothing after now is called a gap.

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = reading.on_school("coverage")
    begin, end = day_bounds(first_day, last_day)
    beats = grant.frame(_BEATS, begin=begin, end=end)
    before = grant.frame(_HEARD_BEFORE, begin=begin, look_back=begin - _LOOK_BACK_MS)
    stretches = stretches_of(beats[["gateway", "since_ms", "ts_ms"]].itertuples(index=False, name=None), begin, end)
    known = grant.frame(_GAPS, begin=begin, end=end)
    quiet = silences(stretches, set(before["gateway"]), begin, min(end, now_ms()))
    sums = {name: int(beats[name].sum()) for name in ("requests", "passed_through", "untold", "dropped", "hook_errors")}
    people, told, ever = _people(reading)
    return Coverage(
        stretches=_spans(stretches),
        gaps=_gaps(known, quiet),
        **sums,
        passed_through_percent=round(100 * sums["passed_through"] / sums["requests"]) if sums["requests"] else 0,
        shielded=int(grant.frame(_SHIELD, begin=begin, end=end)["shielded"].iloc[0]),
        recorded_s=_recorded_s(stretches),
        people=people,
        people_not_told=people - ever,
        people_told_earlier=ever - told,
        bypassed_s=_recorded_s(_past_the_gateway(known, begin, min(end, now_ms()))),
        conditions=conditions_in(grant, begin, end),
    )


def _people(reading: Reading) -> tuple[int, int, int]:
    """How many are here, told of the notice in force, told of any."""
    now, notices = now_ms(), reading.governance.notices
    told, ever = notices.told(), notices.first_told()
    here = [person.person_id for person in reading.governance.people.all() if not 0 < person.until_ms <= now]
    return len(here), sum(person_id in told for person_id in here), sum(person_id in ever for person_id in here)


def _past_the_gateway(known: pd.DataFrame, begin: int, end: int) -> list[Span]:
    past = known.loc[known["reason"] == GapReason.BYPASSED, ["gateway", "from_ms", "to_ms"]]
    return [Span(gateway, max(since, begin), min(until, end)) for gateway, since, until in past.to_numpy().tolist()]


def _recorded_s(stretches: list[Span]) -> int:
    """Overlapping gateways count once."""
    total, reached = 0, 0
    for span in sorted(stretches, key=lambda span: span.from_ms):
        total += max(span.to_ms - max(span.from_ms, reached), 0)
        reached = max(reached, span.to_ms)
    return total // 1000


def _spans(spans: list[Span]) -> pd.DataFrame:
    frame = pd.DataFrame([(s.gateway, s.from_ms, s.to_ms) for s in spans], columns=["gateway", "from_ms", "to_ms"])
    return _timed(frame.sort_values(["from_ms", "gateway"], ignore_index=True))


def _gaps(known: pd.DataFrame, quiet: list[Span]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [{str(name): value for name, value in row.items()} for row in known.to_dict("records")]
    rows += [
        {"gateway": s.gateway, "reason": SILENT, "from_ms": s.from_ms, "to_ms": s.to_ms, "count": 0} for s in quiet
    ]
    frame = pd.DataFrame(rows, columns=["gateway", "reason", "from_ms", "to_ms", "count"])
    frame["sentence"] = frame["reason"].map(lambda reason: SENTENCES[reason]).astype("str")
    return _timed(frame.sort_values(["from_ms", "gateway"], ignore_index=True))


def _timed(frame: pd.DataFrame) -> pd.DataFrame:
    frame["start"], frame["end"] = london_texts(frame["from_ms"]), london_texts(frame["to_ms"])
    return frame
