"""Records and writers for the spool's tests."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analytics.event import Grade, Hours, Kind, Method, NotInspected, Purpose, WebEvent
from analytics.event_id import new_event_id
from analytics.evidence import seal as seals
from analytics.evidence.keys import new_key
from analytics.evidence.seal import Seal, Sealer
from analytics.records import Gap, Heartbeat, Record
from analytics.spool import SpoolWriter, read_records, segments

SEALER = Sealer(new_key(demonstration=True))
START_MS = 1_790_000_000_000


def web_event(number: int = 0, **changes: Any) -> WebEvent:
    """A plausible event, `number` seconds after START_MS."""
    fields: dict[str, Any] = {
        "event_id": new_event_id(START_MS + number * 1000),
        "school": "oakfield",
        "gateway": "",
        "segment": -1,
        "seq": -1,
        "ts_ms": START_MS + number * 1000,
        "duration_ms": 120,
        "person_id": "p-01",
        "attribution_method": Method.REGISTER,
        "attribution_grade": Grade.B,
        "binding_id": "b-01",
        "binding_from_ms": START_MS,
        "device_id": "d-01",
        "client_ip": "10.0.0.7",
        "method": "GET",
        "scheme": "https",
        "host": "www.shop.example",
        "port": 443,
        "domain": "shop.example",
        "path": "/",
        "search_phrase": "",
        "status": 200,
        "content_type": "text/html",
        "bytes_up": 512,
        "bytes_down": 20_480,
        "kind": Kind.NAVIGATION,
        "kind_confidence": 95,
        "kind_reason": "fetch_navigate_user",
        "initiator_host": "",
        "category": "shopping",
        "purpose": Purpose.PRIVATE,
        "gravity": 1,
        "rule": "site:shop.example",
        "list_name": "sites",
        "list_version": "1",
        "policy_version": "0123456789abcdef",
        "reason": "listed",
        "permission_id": None,
        "hours": Hours.CONTRACTED,
        "upload": False,
        "media": False,
        "not_inspected": NotInspected.INSPECTED,
    }
    return WebEvent(**fields | changes)


def heartbeat(number: int = 0) -> Heartbeat:
    """A heartbeat, `number` seconds after START_MS."""
    return Heartbeat(
        school="oakfield",
        gateway="",
        ts_ms=START_MS + number * 1000,
        since_ms=START_MS,
        requests=3,
        passed_through=1,
        untold=0,
        dropped=0,
        hook_errors=0,
        policy_version="0123456789abcdef",
        software="0.1.0",
    )


def writer(folder: Path, **options: Any) -> SpoolWriter:
    """A writer with a demonstration key."""
    return SpoolWriter(folder, "oakfield", "gate-0", SEALER, **options)


def fill(folder: Path, count: int, **options: Any) -> None:
    """Put `count` events and close cleanly."""
    with writer(folder, **options) as spool:
        for number in range(count):
            assert spool.put(web_event(number))


def all_records(folder: Path) -> list[Record]:
    """Every whole record in the folder, in order."""
    lines = [line for segment in segments(folder) for line in read_records(segment.path)]
    return [line.record for line in lines if line.record is not None]


def gaps(folder: Path) -> list[Gap]:
    """The folder's gap records, in order."""
    return [record for record in all_records(folder) if isinstance(record, Gap)]


def read_seals(folder: Path) -> list[Seal]:
    """The folder's seals, in order."""
    return [seals.read(segment.seal.read_bytes()) for segment in segments(folder) if segment.seal]


def until(condition: Callable[[], bool]) -> None:
    """Wait for the writing thread; the suite's time limit ends a wait that never comes true."""
    while not condition():
        time.sleep(0.005)
