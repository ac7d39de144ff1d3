"""The past gateway's pulse: heartbeats by day and night, and what it only counted.

Owns the past heartbeats, conditions and shield counts, and one story told by their absence: on one afternoon there was
a power cut, and coverage must show it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from analytics.demonstration.cast import SCHOOL
from analytics.demonstration.timetable import LONDON, WEEKS, school_days
from analytics.records import Condition, Heartbeat, Record, ShieldCount

_BEAT_MS: Final = 15 * 60_000
_POWER_CUT: Final = timedelta(days=13), time(13, 15), time(14, 45)
"""How long before today, from, until."""
_NEWCOMER: Final = timedelta(days=4)
"""How long before today the one who is not told yet began."""
_WORKING: Final = range(7, 18)
_SHIELD_HOURS: Final = (9, 12, 15)
_CONDITION_MS: Final = 3_600_000


def pulse(policy_version: str, gateway: str, today: date, until_ms: int) -> Iterator[Record]:
    """The records from four weeks before `today` up to `until_ms` (UTC)."""
    begin_ms = _ms(today - timedelta(weeks=WEEKS), time())
    cut = power_cut(today)
    # Not for secrets: the same date gives the same history.
    random = Random(f"pulse {today}")  # noqa: S311
    for since_ms in range(begin_ms, until_ms, _BEAT_MS):
        if since_ms not in cut:
            ts_ms = min(since_ms + _BEAT_MS, until_ms)
            yield _heartbeat(policy_version, gateway, (since_ms, ts_ms), today, random)
    yield from _shield_counts(gateway, today, until_ms, random)
    for since_ms in range(begin_ms, until_ms - _CONDITION_MS, _CONDITION_MS):
        if since_ms not in cut and since_ms + _CONDITION_MS not in cut:
            yield _condition(policy_version, gateway, since_ms, today, random)


def power_cut(today: date) -> range:
    """The UTC milliseconds in which nothing was recorded."""
    before, begin, end = _POWER_CUT
    return range(_ms(today - before, begin), _ms(today - before, end))


def _heartbeat(policy_version: str, gateway: str, interval: tuple[int, int], today: date, random: Random) -> Heartbeat:
    since_ms, ts_ms = interval
    moment = datetime.fromtimestamp(since_ms / 1000, LONDON)
    busy = moment.weekday() < 5 and moment.hour in _WORKING
    newcomer = busy and moment.date() >= today - _NEWCOMER
    return Heartbeat(
        school=SCHOOL,
        gateway=gateway,
        ts_ms=ts_ms,
        since_ms=since_ms,
        requests=random.randint(20, 60) if busy else random.randint(0, 2),
        passed_through=random.randint(0, 5) if busy else 0,
        untold=random.randint(0, 3) if newcomer else 0,
        dropped=0,
        hook_errors=0,
        policy_version=policy_version,
        software="demonstration history",
    )


def _condition(policy_version: str, gateway: str, since_ms: int, today: date, random: Random) -> Condition:
    moment = datetime.fromtimestamp(since_ms / 1000, LONDON)
    busy = moment.weekday() < 5 and moment.hour in _WORKING
    newcomer = busy and moment.date() >= today - _NEWCOMER
    return Condition(
        school=SCHOOL,
        gateway=gateway,
        ts_ms=since_ms + _CONDITION_MS,
        since_ms=since_ms,
        banking=random.randint(0, 2) if busy else 0,
        pinned=random.randint(0, 3) if busy else 0,
        not_enrolled=0,
        not_told=random.randint(0, 5) if newcomer else 0,
        no_sni=0,
        opaque=0,
        filter_silent=0,
        lists_age_hours=-1,
        snapshot_age_hours=(since_ms - _ms(today - timedelta(weeks=WEEKS), time())) // _CONDITION_MS,
        policy_version=policy_version,
    )


def _shield_counts(gateway: str, today: date, until_ms: int, random: Random) -> Iterator[ShieldCount]:
    for day, _week in school_days(today):
        for hour in _SHIELD_HOURS:
            hour_ms = _ms(day, time(hour))
            end_ms = hour_ms + 3_600_000
            if end_ms <= until_ms:
                yield ShieldCount(
                    school=SCHOOL, gateway=gateway, ts_ms=end_ms, hour_ms=hour_ms, count=random.randint(1, 9)
                )


def _ms(day: date, moment: time) -> int:
    return int(datetime.combine(day, moment, LONDON).astimezone(UTC).timestamp() * 1000)
