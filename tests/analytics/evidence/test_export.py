"""Gathering a report from a real store and governance database."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.event import Grade, Method, WebEvent
from analytics.evidence.export import export_report
from analytics.evidence.keys import open_key
from analytics.evidence.seal import Sealer
from analytics.evidence.verify import verify_bundle
from analytics.governance import Governance, Passwords, Role, Told, Viewer
from analytics.queries.london import day_bounds
from analytics.records import BindingChange, BindingStep
from analytics.store.remote import RemoteStore
from config.errors import AccessDenied, EvidenceError
from config.policy import load_policy
from config.settings import Settings
from config.state import StateFolder
from tests.analytics.evidence.samples import FIRST, LAST, MONDAY_MS, spooled, term_events
from tests.analytics.evidence.test_bundle import files_of
from tests.support.stores import running_daemon

SETTINGS = Settings(school="oakfield", school_name="Oakfield Primary School")
POLICY = "0123456789abcdef"


def found_school(state: StateFolder) -> tuple[str, str]:
    """Two staff members' ids; a Headteacher who is somebody else."""
    quick = Passwords(time_cost=1, memory_kib=64)
    governance = Governance.found(state.governance, "oakfield", "Oakfield Primary School", passwords=quick)
    robin, pat, head = (governance.people.add(name, from_ms=1) for name in ("Robin Marsh", "Pat Lowe", "Alex Head"))
    account = governance.accounts.add("head", "Alex Head", "a long enough pass phrase 7", person_id=head)
    governance.holdings.grant(account, Role.HEADTEACHER, from_ms=1)
    governance.notices.put_in_force(POLICY)
    for person_id in (robin, pat, head):
        governance.notices.record_told(person_id, POLICY, Told.TRAINING_DAY, told_ms=MONDAY_MS - 1000)
    permit_later(governance, governance.viewer(account), robin)
    governance.close()
    return robin, pat


def permit_later(governance: Governance, head: Viewer, person_id: str) -> None:
    """A permission given after the days of the report, noted as agreed on their first."""
    governance.permissions.grant(
        head, person_id, policy=load_policy(), reason="a house move", categories=["property"], said_earlier=FIRST,
        now=day_bounds(FIRST, LAST)[1] + 1,
    )  # fmt: skip


def ended_late(person_id: str, events: list[WebEvent]) -> BindingChange:
    """A sign-in of theirs of which it was known late that it had ended before their last event."""
    last = [event for event in events if event.person_id == person_id and event.attribution_grade is not Grade.C][-1]
    return BindingChange(
        school="oakfield",
        gateway="gate-0-identity",
        ts_ms=last.ts_ms + 240_000,
        binding_id=last.binding_id or "",
        step=BindingStep.SUPERSEDED,
        source=Method.RADIUS,
        person_id=person_id,
        device_id="",
        client_ip="",
        mac="",
        from_ms=last.binding_from_ms,
        until_ms=last.ts_ms,
    )


def loaded(store: RemoteStore, count: int) -> bool:
    events = store.arrow("SELECT count() AS n FROM events").to_pylist()[0]["n"]
    sealed = store.arrow("SELECT sum(count) AS n FROM seals").to_pylist()[0]["n"]
    visits = store.arrow("SELECT count() AS n FROM visits_now").to_pylist()[0]["n"]
    return bool(events == count and sealed == count + 1 and visits)


@pytest.mark.slow
def test_a_persons_report_comes_out_of_the_store_whole_and_verifies(tmp_path: Path) -> None:
    with running_daemon(tmp_path / "state") as (settings, state):
        (state.root / "DEMONSTRATION").touch()
        robin, pat = found_school(state)
        people = {"p-01": robin, "p-02": pat}
        events = [replace(event, person_id=people[str(event.person_id)]) for event in term_events(60)]
        end = ended_late(robin, events)
        sealer = Sealer(open_key(state.keys, demonstration=True))
        spooled([end], state.spool / end.gateway, sealer=sealer, gateway=end.gateway)
        spooled(events, state.spool / "gate-0", sealer=Sealer(open_key(state.keys, demonstration=True)))
        store = RemoteStore(state.store_socket)
        while not loaded(store, 60):
            time.sleep(0.05)
        store.close()
        export_report(settings, state, robin, FIRST, LAST, tmp_path / "b.zip")
        with pytest.raises(AccessDenied):
            export_report(settings, state, "nobody", FIRST, LAST, tmp_path / "c.zip")
    found = verify_bundle(tmp_path / "b.zip")
    assert found.problems == []
    theirs = [event for event in events if event.person_id == robin]
    graded = [event for event in theirs if event.attribution_grade is not Grade.C]
    surely = [event for event in graded if event.binding_id != end.binding_id or event.ts_ms < end.until_ms]
    assert 0 < len(surely) < len(graded) < len(theirs), "what may be somebody else's is among them, and stays out"
    assert found.manifest["events"] == len(surely)
    assert found.manifest["not_yet_sealed"] == 0
    assert found.manifest["made_by"]["name"] == "Alex Head"
    (permission,) = found.manifest["permissions"]
    assert permission["reason"].startswith("a house move (Noted by whoever gave it: agreed by word of mouth on ")
    files = files_of((tmp_path / "b.zip").read_bytes())
    assert not any(pat.encode() in data for data in files.values())
    governance = Governance(state.governance)
    assert any(entry.whom == robin and entry.what == "took_rows" for entry in governance.audit.entries(limit=100))
    governance.close()


def test_a_real_school_cannot_export_until_approvals_exist(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    with pytest.raises(EvidenceError, match="Until approvals exist, only a demonstration school can export"):
        export_report(SETTINGS, state, "p-01", FIRST, LAST, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_days_the_wrong_way_round_are_refused(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    (state.root / "DEMONSTRATION").touch()
    with pytest.raises(EvidenceError, match="the other way round"):
        export_report(SETTINGS, state, "p-01", date(2026, 11, 2), date(2026, 11, 1), tmp_path / "b.zip")
