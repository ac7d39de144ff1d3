"""Each look stands in the audit log once."""

from dataclasses import replace

from analytics.governance import Action, Role
from tests.analytics.governance.office import Office


def test_a_look_repeated_in_a_session_is_one_entry(office: Office) -> None:
    viewer = replace(office.viewer(Role.CHAIR), session_id="v-1")
    before = office.governance.audit.head().seq
    plain = {"whom": "p-1", "purpose": "matter", "why": "", "span": "2026-11-20"}
    for changes in ({}, {}, {"whom": "p-2"}, {"purpose": "export"}, {"why": "reply"}, {"span": "2026-11-21"}, {}):
        office.governance.looks.note(viewer, Action.LOOKED_AT_DAY, **{**plain, **changes})
    assert office.governance.audit.head().seq - before == 5
    office.governance.looks.note(replace(viewer, session_id="v-2"), Action.LOOKED_AT_DAY, **plain)
    assert office.governance.audit.head().seq - before == 6


def test_without_a_session_every_look_is_an_entry(office: Office) -> None:
    before = office.governance.audit.head().seq
    for _ in range(3):
        office.governance.looks.note(
            office.viewer(Role.CHAIR), Action.LOOKED_AT_DAY, whom="p-1", purpose="matter", why="", span=""
        )
    assert office.governance.audit.head().seq - before == 3
