"""Who looked at whom is read by the Chair, the Auditor, and the one looked at."""

from analytics.governance import Action, Role
from analytics.queries import LookPurpose, audit_trail, person_visits
from analytics.queries.london import london_today
from tests.analytics.queries.school_week import MONDAY, SchoolWeek

TODAY = london_today()


def test_staff_read_who_looked_at_them_and_nothing_of_others(school: SchoolWeek) -> None:
    head = school.reading(Role.HEADTEACHER, LookPurpose.MATTER, "a parent asked")
    person_visits(head, school.people[Role.STAFF], MONDAY)
    person_visits(head, school.people["ann"], MONDAY)
    frame = audit_trail(school.reading(Role.STAFF, LookPurpose.OWN_DATA), TODAY, TODAY)
    assert set(frame["whom"]) == {school.people[Role.STAFF]}
    look = frame[frame["what"] == Action.LOOKED_AT_DAY].iloc[0]
    assert look["who_name"] == "The Headteacher"
    assert (look["why"], look["purpose"], look["span"]) == ("a parent asked", "matter", "2026-11-16")


def test_the_chair_and_the_auditor_read_everything_and_are_noted_themselves(school: SchoolWeek) -> None:
    for role in (Role.CHAIR, Role.AUDITOR):
        frame = audit_trail(school.reading(role, LookPurpose.AUDIT), TODAY, TODAY)
        assert frame["what"].iloc[0] == Action.LOOKED_AT_AUDIT
        assert frame["who"].iloc[0] == school.accounts[role]
        assert {Action.ROLE_GRANTED, Action.TOLD, Action.ACCOUNT_ADDED} <= set(frame["what"])


def test_a_day_without_entries_is_an_empty_frame(school: SchoolWeek) -> None:
    frame = audit_trail(
        school.reading(Role.AUDITOR, LookPurpose.AUDIT), MONDAY.replace(year=2001), MONDAY.replace(year=2001)
    )
    assert frame.empty
    assert "who_name" in frame.columns
