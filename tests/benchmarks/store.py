"""What loading adds to inserting, and what the Person page's questions cost over a million events.

`load_vs_raw` divides the loader's events/s (spool file to stored, sealed, visits and rollups rebuilt) by inserting the
very same rows, as Arrow, into the same kind of store; `server_load_vs_raw` is the same over the native protocol (whose
server here is the tests' own, so only the ratio means anything). `person_page_ms_at_1m_events` is the median time of
all that the Person page asks, audit included, of different people in a store of a million events.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from analytics.event import Kind, Purpose
from analytics.evidence.keys import new_key
from analytics.evidence.seal import Sealer
from analytics.governance import Governance, Passwords, Role, Told
from analytics.loader import Loader
from analytics.queries import (
    LookPurpose,
    Reading,
    Rule,
    data_up_to,
    person_categories,
    person_days,
    person_sessions,
    person_summary,
    person_visits,
)
from analytics.rebuild import Rebuilder
from analytics.spool import SpoolWriter
from analytics.store import EventStore
from analytics.store.columns import SCHEMAS
from config.policy import load_policy
from tests.analytics.governance.office import Office, open_office
from tests.analytics.spool.samples import web_event
from tests.support.stores import embedded_store, server_store

_SCHOOL = "oakfield"
_SPOOLED = 100_000
_BATCH = 50_000
_PEOPLE, _DAYS, _A_DAY = 60, 60, 278
_FIRST = date(2026, 9, 1)
_MORNING_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
_PAGES = 25


def measure() -> dict[str, float]:
    """Figures of one run, in a folder on the disk TMPDIR names."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _spool(folder / "spool")
        with embedded_store(folder / "embedded") as store:
            loaded, raw = _loaded(folder / "spool", store)
        with server_store(folder / "served") as served:
            served_loaded, served_raw = _loaded(_fresh(folder / "spool"), served)
        with embedded_store(folder / "million") as store:
            page_ms = _person_page_ms(folder, store)
    return {
        "load_events_per_s": round(loaded),
        "load_vs_raw": round(loaded / raw, 4),
        "server_load_vs_raw": round(served_loaded / served_raw, 4),
        "person_page_ms_at_1m_events": round(page_ms, 1),
    }


def _spool(root: Path) -> None:
    """Twenty people's browsing over five days, one exchange in eight a navigation."""
    sealer = Sealer(new_key(demonstration=True))
    with SpoolWriter(root / "gate-0", _SCHOOL, "gate-0", sealer, queue_limit=_SPOOLED) as spool:
        for number in range(_SPOOLED):
            navigation = number % 8 == 0
            spool.put(
                web_event(
                    number * 4,
                    person_id=f"p-{number % 20}",
                    kind=Kind.NAVIGATION if navigation else Kind.SUBRESOURCE,
                    initiator_host="" if navigation else "www.shop.example",
                )
            )
    if spool.dropped:
        raise RuntimeError(f"{spool.dropped} records were dropped: the figure would be of fewer.")


def _fresh(root: Path) -> Path:
    """The same spool, as if never loaded."""
    for ack in (root / ".loader").rglob("*.*"):
        ack.unlink()
    return root


def _loaded(spool: Path, store: EventStore) -> tuple[float, float]:
    """Events/s of the loader, and of inserting the same rows in the same batches."""
    store.arrow("SELECT 1")
    begun = time.perf_counter()
    result = Loader(spool, store, _SCHOOL).run_until_idle()
    loaded = result.events / (time.perf_counter() - begun)
    names = ", ".join(SCHEMAS["events"].names)
    rows = store.arrow(f"SELECT {names} FROM events ORDER BY gateway, segment, seq")  # noqa: S608 - our own columns
    if rows.num_rows != _SPOOLED:
        raise RuntimeError(f"{rows.num_rows} of {_SPOOLED} events were stored.")
    begun = time.perf_counter()
    for at in range(0, rows.num_rows, _BATCH):
        store.insert("events", rows.slice(at, _BATCH), f"raw/{at}")
    return loaded, rows.num_rows / (time.perf_counter() - begun)


def _person_page_ms(folder: Path, store: EventStore) -> float:
    with _school(folder) as (office, people):
        for day in range(_DAYS):
            store.insert("events", _day(day, people), f"day/{day}")
            Rebuilder(store, _SCHOOL).rebuild((person, _FIRST + timedelta(days=day)) for person in people)
        _settle(store)
        rule = Rule.of(load_policy().thresholds)
        door = Reading(store, office.governance, office.viewer(Role.HEADTEACHER), LookPurpose.WEEKLY_REVIEW, rule=rule)
        times = [_page(door, people[number % len(people)]) for number in range(_PAGES)]
    return statistics.median(times[5:])


def _settle(store: EventStore) -> None:
    """Wait for merges to end: a school's million events come over months, not in the minute before the page."""
    for table in ("events", "visits", "daily", "visit_builds"):
        store.command(f"OPTIMIZE TABLE {table}")
    while store.arrow("SELECT count() AS n FROM system.merges").to_pylist() != [{"n": 0}]:
        time.sleep(0.1)


@contextmanager
def _school(folder: Path) -> Iterator[tuple[Office, list[str]]]:
    governance = Governance.found(
        folder / "governance.sqlite", _SCHOOL, "Oakfield Primary", passwords=Passwords(time_cost=1, memory_kib=64)
    )
    office = open_office(governance, Role.HEADTEACHER)
    governance.notices.put_in_force("0123456789abcdef")
    people = [governance.people.add(f"Person {number}", from_ms=1) for number in range(_PEOPLE)]
    for person in people:
        governance.notices.record_told(person, "0123456789abcdef", Told.TRAINING_DAY, told_ms=1)
    yield office, people
    governance.close()


def _page(door: Reading, person: str) -> float:
    """Milliseconds for all that one Person page over four weeks asks."""
    last = _FIRST + timedelta(days=_DAYS - 1)
    first = last - timedelta(days=27)
    begun = time.perf_counter()
    data_up_to(door)
    found = person_summary(door, person, first, last)
    person_days(door, person, first, last)
    person_categories(door, person, first, last)
    visits = person_visits(door, person, last)
    person_sessions(door, person, last, last)
    spent = (time.perf_counter() - begun) * 1000
    if not len(visits) or not found.private_visits:
        raise RuntimeError("The page has no visits: the figure would mean nothing.")
    return spent


def _day(day: int, people: list[str]) -> pa.Table:
    """One day of everybody, a table for `events`."""
    count = len(people) * _A_DAY
    numbers = np.arange(count)
    begins = int((_FIRST - date(1970, 1, 1)).days + day) * _DAY_MS + _MORNING_MS
    navigation = numbers // len(people) % 8 == 0
    hosts = np.array([f"www.site{number}.example" for number in range(200)])[numbers * 7 % 200]
    varied = {
        "event_id": pa.array([f"{day:08d}-{number:027d}" for number in range(count)]),
        "seq": pa.array(numbers),
        "ts_ms": pa.array(begins + numbers // len(people) * 90_000),
        "person_id": pa.array(np.array(people)[numbers % len(people)]),
        "kind": pa.array(np.where(navigation, str(Kind.NAVIGATION), str(Kind.SUBRESOURCE))),
        "host": pa.array(hosts),
        "domain": pa.array(hosts),
        "purpose": pa.array(np.where(numbers // len(people) % 3 == 0, str(Purpose.PRIVATE), str(Purpose.WORK))),
    }
    plain = web_event(gateway="gate-0", segment=day)
    columns = [
        varied[field.name].cast(field.type)
        if field.name in varied
        else pa.repeat(pa.scalar(getattr(plain, field.name, begins), field.type), count)
        for field in SCHEMAS["events"]
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMAS["events"])


if __name__ == "__main__":
    print(json.dumps(measure()))  # noqa: T201
