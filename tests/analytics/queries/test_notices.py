"""Who is outstanding and since when, and how each was told: for those who see to it, of those they decide for."""

from analytics.governance import Action, Role, Told
from analytics.queries import LookPurpose, NoticeRow, notice_register, own_notice
from tests.analytics.queries.school_week import MONDAY, POLICY, SchoolWeek, at


def rows(school: SchoolWeek, role: Role = Role.HEADTEACHER) -> dict[str, NoticeRow]:
    found = notice_register(school.reading(role, LookPurpose.DECISION))
    assert found.notice_version == POLICY
    return {row.name: row for row in found.rows}


def test_the_outstanding_come_first_with_since_when(school: SchoolWeek) -> None:
    found = notice_register(school.reading(Role.HEADTEACHER, LookPurpose.DECISION))
    first, *rest = found.rows
    assert (first.name, first.state, first.told_ms, first.how) == ("Untold Bell", "never", 0, "")
    assert first.outstanding_ms == found.in_force_ms
    assert not any(row.outstanding_ms for row in rest)
    assert school.governance.audit.entries(limit=1)[0].what == Action.LOOKED_AT_NOTICES


def test_how_and_when_each_was_told_and_last_reminded(school: SchoolWeek) -> None:
    ann = school.people["ann"]
    school.governance.notices.record_told(ann, POLICY, Told.PAGE, told_ms=at(MONDAY, 12))
    row = rows(school)["Ann Bell"]
    assert (row.state, row.how, row.told_ms, row.last_ms) == ("told", "training_day", at(MONDAY, 0), at(MONDAY, 12))


def test_the_headteacher_is_the_chairs_and_nobody_sees_to_themselves(school: SchoolWeek) -> None:
    assert "The Headteacher" not in rows(school)
    assert list(rows(school, Role.CHAIR)) == ["The Headteacher"]


def test_everybodys_own(school: SchoolWeek) -> None:
    own = own_notice(school.reading(Role.STAFF, LookPurpose.OWN_DATA))
    assert own is not None
    assert (own.told_ms, own.ever_ms, own.last_ms) == (at(MONDAY, 0),) * 3


def test_after_a_new_notice_they_are_outstanding_from_then_on_and_told_of_an_earlier_one(school: SchoolWeek) -> None:
    school.governance.notices.put_in_force("another", from_ms=at(MONDAY, 15))
    try:
        found = notice_register(school.reading(Role.HEADTEACHER, LookPurpose.DECISION))
        (ann,) = [row for row in found.rows if row.name == "Ann Bell"]
        assert (ann.state, ann.outstanding_ms, ann.how) == ("earlier", at(MONDAY, 15), "page")
    finally:
        school.governance.notices.put_in_force(POLICY)
