"""What goes through unopened, for the technician: counts by reason, learnt pass-throughs by device, and what to mend.

Owns `passed_through`. Counts only: no site and no person is in it, and no host leaves the store for it; a device is
named by its label, because somebody must mend it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from analytics.event import NotInspected
from analytics.governance.database import now_ms
from analytics.pin_learning import CAP_ALL, CAP_CLIENT
from analytics.queries.conditions import conditions_in
from analytics.queries.london import day_bounds
from analytics.queries.reading import Reading

# The newest word on each (client, host) holds, whatever was sent twice.
_LEARNT: Final = """
SELECT client, toInt64(count()) AS hosts, toInt64(max(until)) AS until_ms FROM (
    SELECT if(p.device_id = '', p.client_ip, p.device_id) AS client, p.host AS host,
        argMax(p.step, (p.ts_ms, p.segment, p.seq)) AS newest, argMax(p.until_ms, (p.ts_ms, p.segment, p.seq)) AS until
    FROM pins AS p WHERE p.school = {school:String} AND p.host != '' GROUP BY client, host)
WHERE newest = 'learnt' AND until > {now:Int64}
GROUP BY client ORDER BY hosts DESC, client
"""
_LACKING: Final = """
SELECT client, toInt64(since) AS since_ms FROM (
    SELECT if(p.device_id = '', p.client_ip, p.device_id) AS client,
        argMax(p.step, (p.ts_ms, p.segment, p.seq)) AS newest, max(p.ts_ms) AS since
    FROM pins AS p WHERE p.school = {school:String} AND p.step IN ('distrusts', 'trusts') GROUP BY client)
WHERE newest = 'distrusts'
ORDER BY since, client
"""
_FULL: Final = """
SELECT if(p.device_id = '', p.client_ip, p.device_id) AS client, toInt64(max(p.ts_ms)) AS last_ms
FROM pins AS p
WHERE p.school = {school:String} AND p.step = 'capped' AND p.ts_ms >= {begin:Int64} AND p.ts_ms < {end:Int64}
GROUP BY client ORDER BY client
"""
_VOLUME: Final = """
SELECT reason, toInt64(sum(bytes)) AS bytes FROM (
    SELECT not_inspected AS reason, bytes_up + bytes_down AS bytes FROM events
    WHERE school = {school:String} AND not_inspected != 'inspected'
        AND day BETWEEN {first:Date} AND {last:Date}
    LIMIT 1 BY event_id)
GROUP BY reason
"""
_SHIELD: Final = """
SELECT toInt64(sum(count)) AS shielded FROM (
    SELECT count FROM shield_counts
    WHERE school = {school:String} AND hour_ms >= {begin:Int64} AND hour_ms < {end:Int64}
    LIMIT 1 BY gateway, segment, seq, ts_ms)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedThrough:
    """What was let through over a range of days, and what is let through now.

    `learnt` columns: device (label), hosts (how many), until_ms (when the last of them ends). `lacking` columns:
    device, since_ms: devices that do not trust the gateway's certificate now. `full` columns: device, last_ms: those
    for which as much is learnt as may be. `closed` is connections by reason, `megabytes` what went over those of them
    that leave an event; `shielded` is counted by the hour alone.
    """

    closed: Mapping[NotInspected, int]
    megabytes: Mapping[NotInspected, int]
    shielded: int
    learnt: pd.DataFrame
    lacking: pd.DataFrame
    full: pd.DataFrame
    school_full: bool
    """Whether as much is learnt for the school as may be."""

    @property
    def learnt_in_all(self) -> int:
        return int(self.learnt["hosts"].sum())


CAPS: Final = (CAP_CLIENT, CAP_ALL)
"""How many sites may be learnt for one device, and in all."""


def passed_through(reading: Reading, first_day: date, last_day: date) -> PassedThrough:
    """What was not opened on these London days, both included; what is learnt is as of now.

    Raises:
        AccessDenied: not for this viewer. StoreError: the store is down.
    """
    grant = reading.on_school("passed_through")
    begin, end = day_bounds(first_day, last_day)
    volume = grant.frame(_VOLUME, first=first_day.isoformat(), last=last_day.isoformat())
    labels = {device.device_id: device.label for device in reading.governance.devices.all()}
    full = grant.frame(_FULL, begin=begin, end=end)
    return PassedThrough(
        closed=conditions_in(grant, begin, end).closed,
        megabytes={
            NotInspected(reason): int(count) // 1_000_000 for reason, count in volume.itertuples(index=False, name=None)
        },
        shielded=int(grant.frame(_SHIELD, begin=begin, end=end)["shielded"].iloc[0]),
        learnt=_labelled(grant.frame(_LEARNT, now=now_ms()), labels),
        lacking=_labelled(grant.frame(_LACKING), labels),
        full=_labelled(full[full["client"] != ""], labels),
        school_full=bool((full["client"] == "").any()),
    )


def _labelled(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """The same with the device's label in the place of its id; an address where no device is known."""
    named = [labels[each] or each if each in labels else f"{each}, not in the register" for each in frame["client"]]
    frame = frame.drop(columns="client")
    frame.insert(0, "device", pd.Series(named, index=frame.index, dtype="str"))
    return frame.reset_index(drop=True)
