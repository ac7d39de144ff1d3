"""What was acknowledged at the gateway stands in governance once, with its own time and channel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.governance import SYSTEM, Action, Governance, Told
from analytics.governance.projection import GATEWAY, project_acknowledgements
from analytics.store import EventStore
from analytics.store.columns import table_of
from tests.support.stores import embedded_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with embedded_store(tmp_path / "store") as opened:
        yield opened


def put(store: EventStore, token: str, *rows: tuple[str, str, int, str]) -> None:
    """(person, version, time, channel)."""
    plain = [
        {
            "school": "oakfield", "gateway": "gate-identity", "segment": 0, "seq": seq, "ts_ms": ts_ms,
            "person_id": person, "notice_version": version, "how": how, "device_id": "d-1", "reminder": 0,
            "received_ms": ts_ms,
        }
        for seq, (person, version, ts_ms, how) in enumerate(rows)
    ]  # fmt: skip
    store.insert("acknowledgements", table_of("acknowledgements", plain), token)


def test_each_is_taken_in_once_with_its_time_and_channel_and_audited(governance: Governance, store: EventStore) -> None:
    ann, zoe = governance.people.add("Ann Bell"), governance.people.add("Zoe Quill")
    governance.notices.put_in_force("v1")
    put(store, "1", (ann, "v1", 5_000, "page_visit"), (zoe, "v1", 6_000, "portal_probe"))
    put(store, "2", (ann, "v1", 5_000, "page_visit"), (ann, "v1", 9_000, "dhcp_portal"))
    assert project_acknowledgements(governance, store) == 3
    assert project_acknowledgements(governance, store) == 0
    kept = [(each.person_id, each.told_ms, each.how, each.recorded_by) for each in governance.notices.acknowledged()]
    assert kept == [
        (ann, 5_000, Told.PAGE, GATEWAY),
        (zoe, 6_000, Told.PORTAL_PROBE, GATEWAY),
        (ann, 9_000, Told.DHCP_PORTAL, GATEWAY),
    ]
    assert governance.notices.told() == {ann: 5_000, zoe: 6_000}
    assert governance.notices.last_told() == {ann: 9_000, zoe: 6_000}
    entries = [entry for entry in governance.audit.entries() if entry.what == Action.TOLD]
    assert {(entry.who, entry.whom) for entry in entries} == {(SYSTEM, ann), (SYSTEM, zoe)}
    assert governance.verify_audit() == []


def test_strangers_and_other_schools_are_left_out(governance: Governance, store: EventStore) -> None:
    put(store, "1", ("p-stranger", "v1", 5_000, "page_visit"))
    assert project_acknowledgements(governance, store) == 0
    assert governance.notices.acknowledged() == ()
