"""One person's day, in London time, and what each visit pulled in."""

from datetime import date, timedelta

from analytics.governance import Action, Role, Told
from analytics.queries import overview, person_sessions, person_summary, person_visits, visit_exchanges
from tests.analytics.queries.school_week import MONDAY, POLICY, SUNDAY, SchoolWeek, at, insert, visit

TUESDAY = MONDAY + timedelta(days=1)


def test_visits_come_in_order_with_london_times_and_standing(school: SchoolWeek) -> None:
    frame = person_visits(school.reading(Role.HEADTEACHER), school.people["ann"], TUESDAY)
    assert frame["time"].tolist() == [
        "09:00:00", "09:01:00", "12:30:00", "12:40:00", "15:00:00", "15:00:30", "15:02:00",
    ]  # fmt: skip
    assert frame["standing"].tolist() == [
        "work", "private", "break", "permitted", "inappropriate", "inappropriate", "unknown",
    ]  # fmt: skip
    assert frame["day"].unique().tolist() == ["2026-11-17"]
    assert not frame["before_notice"].any()


def test_summer_times_are_summer_times(school: SchoolWeek) -> None:
    summer = date(2026, 7, 1)
    insert(school.store, [visit(school.people["zoe"], at(summer, 9))])
    frame = person_visits(school.reading(Role.HEADTEACHER), school.people["zoe"], summer)
    assert frame["start"].tolist() == ["2026-07-01 09:00:00"]
    assert frame["start_ms"].tolist() == [1_782_892_800_000]
    assert frame["before_notice"].tolist() == [True]


def test_a_day_without_visits_is_an_empty_frame_with_its_columns(school: SchoolWeek) -> None:
    frame = person_visits(school.reading(Role.HEADTEACHER), school.people["ann"], date(2020, 1, 1))
    assert frame.empty
    assert {"time", "standing", "before_notice", "search_phrase"} <= set(frame.columns)
    assert person_sessions(
        school.reading(Role.HEADTEACHER), school.people["ann"], date(2020, 1, 1), date(2020, 1, 2)
    ).empty


def test_sessions_add_up_to_their_visits(school: SchoolWeek) -> None:
    reading, ann = school.reading(Role.HEADTEACHER), school.people["ann"]
    sessions = person_sessions(reading, ann, TUESDAY, TUESDAY)
    assert sessions["visits"].tolist() == [2, 2, 3]
    assert sessions["inappropriate_visits"].tolist() == [0, 0, 2]
    assert sessions["start"].str[11:16].tolist() == ["09:00", "12:30", "15:00"]
    visits = person_visits(reading, ann, TUESDAY)
    assert sessions["lower_s"].tolist() == visits.groupby("session")["lower_s"].sum().tolist()


def test_a_visits_exchanges_are_those_it_counted(school: SchoolWeek) -> None:
    reading, ann = school.reading(Role.HEADTEACHER), school.people["ann"]
    for row in person_visits(reading, ann, TUESDAY).to_dict("records"):
        exchanges = visit_exchanges(reading, ann, str(row["visit_id"]))
        assert len(exchanges) == int(row["pulled_in"]) + 1
        assert row["visit_id"] in exchanges["event_id"].tolist()
    first = person_visits(reading, ann, TUESDAY).iloc[0]
    assert visit_exchanges(reading, ann, str(first["visit_id"]))["host"].tolist() == ["bbc.co.uk", "static.bbc.co.uk"]


def test_another_persons_visit_is_not_shown_under_this_one(school: SchoolWeek) -> None:
    reading = school.reading(Role.HEADTEACHER)
    visit_id = person_visits(reading, school.people["ann"], TUESDAY)["visit_id"].iloc[0]
    assert visit_exchanges(reading, school.people["zoe"], visit_id).empty


def test_after_the_notice_changed_what_is_recorded_is_labelled_until_they_were_told_of_it(school: SchoolWeek) -> None:
    ann, reading = school.people["ann"], school.reading(Role.HEADTEACHER)
    changed = at(TUESDAY, 12)
    school.governance.notices.put_in_force("the next one", from_ms=changed)
    try:
        school.governance.notices.record_told(ann, "the next one", Told.PAGE, told_ms=at(TUESDAY, 15, 1))
        frame = person_visits(reading, ann, TUESDAY)
        labelled = frame.loc[frame["notice_changed_ms"] == changed, "time"].tolist()
        assert labelled == ["12:30:00", "12:40:00", "15:00:00", "15:00:30"]
        assert person_visits(reading, school.people["zoe"], MONDAY)["notice_changed_ms"].tolist() == [0]
        (stretch,) = person_summary(reading, ann, MONDAY, SUNDAY).earlier_notices
        assert (stretch.from_ms, stretch.until_ms, stretch.changed_ms) == (changed, at(TUESDAY, 15, 1), changed)
        assert overview(reading, MONDAY, SUNDAY)["told"].sum() > 0, "whoever was told of an earlier notice is shown"
    finally:
        school.governance.notices.put_in_force(POLICY, from_ms=changed + 1)


def test_each_opened_day_is_one_audit_entry_a_session(school: SchoolWeek) -> None:
    ann, before = school.people["ann"], school.governance.audit.head().seq
    for _ in range(3):
        reading = school.reading(Role.HEADTEACHER, session="v-9")
        frame = person_visits(reading, ann, TUESDAY)
        visit_exchanges(reading, ann, frame["visit_id"].iloc[0])
        person_visits(reading, ann, MONDAY)
        person_sessions(reading, ann, MONDAY, SUNDAY)
    written = school.governance.audit.entries(limit=school.governance.audit.head().seq - before)
    assert [(entry.what, entry.detail["span"]) for entry in reversed(written)][:2] == [
        (Action.LOOKED_AT_DAY, "2026-11-17"),
        (Action.LOOKED_AT_DAY, "2026-11-16"),
    ]
    assert [entry.what for entry in written] == [
        Action.LOOKED_AT_PERSON, Action.LOOKED_AT_DAY, Action.LOOKED_AT_DAY,
    ]  # fmt: skip
