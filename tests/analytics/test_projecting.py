"""`fairgate store` takes acknowledgements from the spool into governance and hands them to the gateway."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.governance import Governance, Passwords, Told
from analytics.governance.publish import publish_snapshot
from analytics.projecting import Projecting
from analytics.records import Acknowledgement
from analytics.snapshot import read_snapshot
from analytics.spool import SpoolWriter
from config.state import StateFolder
from tests.analytics.spool.samples import SEALER
from tests.support.stores import embedded_store, running_daemon


def _waited(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 180
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_from_the_spool_to_governance_and_the_snapshot(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    governance = Governance.found(
        state.governance, "oakfield", "Oakfield Primary", passwords=Passwords(time_cost=1, memory_kib=64)
    )
    ann = governance.people.add("Ann Bell", from_ms=1)
    publish_snapshot(governance, "v1", state.snapshot)
    assert read_snapshot(state.snapshot).people[0].told_ms == 0
    told = Acknowledgement(
        school="oakfield",
        gateway="gate-identity",
        ts_ms=5_000,
        person_id=ann,
        notice_version="v1",
        how="page_visit",
        device_id="",
        reminder=0,
    )
    writer = SpoolWriter(state.spool / "gate-identity", "oakfield", "gate-identity", SEALER)
    with running_daemon(tmp_path), writer:
        assert writer.put(told)
        _waited(lambda: read_snapshot(state.snapshot).people[0].told_ms == 5_000)
    (kept,) = governance.notices.acknowledged()
    assert (kept.person_id, kept.told_ms, kept.how) == (ann, 5_000, Told.PAGE)
    governance.close()


def test_without_governance_and_with_a_damaged_one_loading_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    with embedded_store(tmp_path / "store") as store:
        projecting = Projecting(state, store)
        projecting.after_loading()
        state.governance.write_bytes(b"no database at all, but long enough to be looked at as one")
        projecting.after_loading()
        projecting.after_loading()
        projecting.close()
    assert capsys.readouterr().out.count("projection_failed") == 1
