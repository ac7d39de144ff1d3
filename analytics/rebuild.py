"""Rebuilding visits and daily rollups of the person-days that fresh events touched.

Owns the build numbers and the order of writes: a build's rows first, then the one row in `visit_builds` that makes
them current. Promises: the same events, late, doubled or sent again, leave the same visits; what was
written after its sign-in had ended is unsure (analytics.late_ends); a rebuild that dies half way shows nothing;
replaced builds are cleaned away only when no reader can still be on them.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

import pyarrow as pa

from analytics.late_ends import ENDS, ends_of, graded
from analytics.rollups import DAY_COLUMNS, daily_rows
from analytics.store import EventStore
from analytics.visits import EVENT_COLUMNS, VISIT_COLUMNS, Visit, visits_of

type PersonDay = tuple[str, date]

_EVENTS: Final = f"""
SELECT binding_id, {", ".join(EVENT_COLUMNS)} FROM events_once
WHERE school = {{school:String}} AND person_id IN {{people:Array(String)}} AND day IN {{days:Array(Date)}}
ORDER BY person_id, day
"""  # noqa: S608 - the columns are our own constants
_CURRENT: Final = "SELECT school, person_id, day, max(build) FROM visit_builds GROUP BY school, person_id, day"
_SETTLED_MS: Final = 120_000
"""A reader is allowed 60 s for a query; a build replaced this long ago has none left."""
_WIDTHS: Final = {
    "visits": {"day": pa.date32(), "permission_id": pa.string(), "device_id": pa.string(), "build": pa.uint64()},
    "daily": {"day": pa.date32(), "permitted": pa.uint8(), "build": pa.uint64()},
    "visit_builds": {"day": pa.date32(), "build": pa.uint64()},
}


class Rebuilder:
    """Rebuilds person-days of one school. One at a time: the loader's thread owns it."""

    def __init__(self, store: EventStore, school: str) -> None:
        self._store = store
        self._school = school
        self._build = 0

    def rebuild(self, person_days: Iterable[PersonDay]) -> int:
        """Make visits and rollups of these person-days afresh, and say how many visits they now have.

        Raises:
            StoreError: nothing of it is current then; do it again.
        """
        wanted = set(person_days)
        if not wanted:
            return 0
        bounds = self._bounds(wanted)
        ends = ends_of(self._store.arrow(ENDS, bounds).to_pylist())
        rows = [graded(row, ends) for row in self._store.arrow(_EVENTS, bounds).to_pylist()]
        days = {key: list(group) for key, group in groupby(rows, key=lambda row: (row["person_id"], row["day"]))}
        build = self._next_build()
        # The bounds are a rectangle; only what was asked for is replaced.
        visits = {key: visits_of(events) for key, events in days.items() if key in wanted}
        self._write(build, visits, {key: len(days[key]) for key in visits})
        return sum(map(len, visits.values()))

    def clean(self) -> None:
        """Remove the rows of builds that were replaced, or never became current, long enough ago.

        Raises:
            StoreError: the store is down; they are cleaned next time.
        """
        settled: Mapping[str, int] = {"before": max(_now_ms() - _SETTLED_MS, 0)}
        for table in ("visits", "daily"):
            self._store.command(
                f"DELETE FROM {table} WHERE build < {{before:UInt64}} "  # noqa: S608 - one of two constants
                f"AND (school, person_id, day, build) NOT IN ({_CURRENT})",
                settled,
            )

    def _bounds(self, wanted: set[PersonDay]) -> dict[str, str | list[str]]:
        return {
            "school": self._school,
            "people": sorted({person for person, _ in wanted}),
            "days": sorted({day.isoformat() for _, day in wanted}),
            "first": min(day for _, day in wanted).isoformat(),
            "last": max(day for _, day in wanted).isoformat(),
        }

    def _next_build(self) -> int:
        """Milliseconds now, but always above every build before, whatever the clock did."""
        if not self._build:
            newest = self._store.arrow("SELECT max(build) AS build FROM visit_builds").to_pylist()
            self._build = newest[0]["build"]
        self._build = max(self._build + 1, _now_ms())
        return self._build

    def _write(self, build: int, visits: Mapping[PersonDay, list[Visit]], events: Mapping[PersonDay, int]) -> None:
        flat = [visit for day in visits.values() for visit in day]
        builds: dict[str, list[Any]] = {
            "school": [self._school] * len(visits),
            "person_id": [person for person, _ in visits],
            "day": [day for _, day in visits],
            "visits": [len(chosen) for chosen in visits.values()],
            "events": [events[key] for key in visits],
            "made_ms": [_now_ms()] * len(visits),
        }
        # The marker goes last: until it is there, nobody reads the rest.
        self._insert("visits", _columns(flat, VISIT_COLUMNS), build)
        self._insert("daily", _columns(daily_rows(flat), DAY_COLUMNS), build)
        self._insert("visit_builds", builds, build)

    def _insert(self, table: str, columns: Mapping[str, list[Any]], build: int) -> None:
        builds = [build] * len(columns["school"])
        widths = _WIDTHS[table]
        arrays = {name: pa.array(values, widths.get(name)) for name, values in {**columns, "build": builds}.items()}
        self._store.insert(table, pa.table(arrays), f"{self._school}/{table}/{build}")


def _columns(rows: Sequence[object], names: Iterable[str]) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in names}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
