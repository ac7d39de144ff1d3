"""A grant binds the school and the person; nothing a query passes can change them."""

from analytics.governance import Action, Role
from analytics.queries import LookPurpose
from tests.analytics.queries.school_week import SchoolWeek


def test_what_a_grant_binds_wins_over_what_a_query_passes(school: SchoolWeek) -> None:
    ann = school.people["ann"]
    grant = school.reading(Role.HEADTEACHER).on_person("person_days", ann, Action.LOOKED_AT_PERSON)
    frame = grant.frame("SELECT {person_id:String} AS who, {school:String} AS school", person_id="p-x", school="other")
    assert frame.iloc[0].tolist() == [ann, "oakfield"]


def test_text_is_bound_never_rendered_into_a_query(school: SchoolWeek) -> None:
    grant = school.reading(Role.TECHNICIAN, LookPurpose.COVERAGE).on_school("coverage")
    for nasty in ("'; DROP TABLE events --", "\\", "\\'", "a\tb\nc", "{x:String}", "é—🐢"):
        assert grant.frame("SELECT {x:String} AS x", x=nasty)["x"].tolist() == [nasty]
        assert grant.frame("SELECT arrayJoin({x:Array(String)}) AS x", x=[nasty, "b"])["x"].tolist() == [nasty, "b"]
