"""Four weeks of back-history, written as the gateway would have recorded it then.

Owns the writing. The records go through the real spool, sealed by the demonstration's key, into the folder of the
gateway's own worker before it first starts: so that one gateway's coverage is shown, and not also one that fell
silent for good. Promises: written once, whole or not at all.
"""

import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from analytics.demonstration.cast import CAST, SCHOOL
from analytics.demonstration.past_events import PastEvents
from analytics.demonstration.pulse import power_cut, pulse
from analytics.demonstration.school import DemoSchool, own_folder
from analytics.demonstration.timetable import LONDON, school_days
from analytics.evidence.keys import open_key
from analytics.evidence.seal import Sealer
from analytics.records import Record
from analytics.spool import SpoolWriter
from config.errors import FairgateError
from config.policy import Policy

GATEWAY: Final = "gate"
WORKER: Final = f"{GATEWAY}-0"
_QUEUE: Final = 1_000_000
_SEGMENT_BYTES: Final = 8 * 2**20
_FRESH_MS: Final = 60_000
"""The last minute before the start is left to live traffic."""


def write_history(school: DemoSchool, policy: Policy) -> int:
    """Write the history up to a minute ago; returns how many records, 0 where it stands already.

    Raises:
        FairgateError: the spool dropped a record, or its folder cannot be used.
    """
    if history_stands(school):
        return 0
    folder, making = _folder(school), own_folder(school.state) / "history-spool"
    shutil.rmtree(making, ignore_errors=True)
    sealer = Sealer(open_key(school.state.keys, demonstration=True))
    records = sorted(past_records(school, policy, time.time_ns() // 1_000_000), key=lambda record: record.ts_ms)
    with SpoolWriter(making, SCHOOL, WORKER, sealer, max_bytes=_SEGMENT_BYTES, queue_limit=_QUEUE) as spool:
        for record in records:
            spool.put(record)
    if spool.dropped:
        raise FairgateError("The back-history could not be written: is the disk full? Make room, and start again.")
    making.replace(folder)
    return len(records)


def history_stands(school: DemoSchool) -> bool:
    """Whether it was written, whole."""
    return _folder(school).exists()


def _folder(school: DemoSchool) -> Path:
    return school.state.spool / WORKER


def past_records(school: DemoSchool, policy: Policy, now_ms: int) -> Iterator[Record]:
    """Events, heartbeats and shield counts of the four weeks before `now_ms` (UTC), in no order."""
    until_ms = now_ms - _FRESH_MS
    today = datetime.fromtimestamp(now_ms / 1000, LONDON).date()
    cut = power_cut(today)
    events = PastEvents(school, policy, until_ms)
    for day, week in school_days(today):
        for member in CAST:
            yield from (event for event in events.of(member, day, week) if event.ts_ms not in cut)
    yield from pulse(policy.version, WORKER, today, until_ms)
