"""Every event of some days as it was judged then: each once, in pages, noted before the first is read."""

from datetime import timedelta

import pytest

from analytics.event import Kind
from analytics.governance import SYSTEM, Action
from analytics.judged_again import Judged
from analytics.queries import judged_then
from analytics.queries.judged_then import Look, read_judged
from tests.analytics.queries.school_week import MONDAY, SchoolWeek, at, insert, visit

DAY = MONDAY - timedelta(weeks=20)


def look(first: int = 0, last: int = 1) -> Look:
    return Look(
        account="someone",
        first=DAY + timedelta(days=first),
        last=DAY + timedelta(days=last),
        policy_version="p1",
        rules_shown=True,
    )


@pytest.fixture(scope="module", autouse=True)
def five_events(school: SchoolWeek) -> None:
    """Two days with five events, three in one millisecond; one is stored twice, one is another school's."""
    ann, second = school.people["ann"], at(DAY, 9)
    events = [visit(ann, second) for _ in range(3)]
    events.append(visit(ann, second + 1, kind=Kind.BACKGROUND, search_phrase="a phrase", category="search"))
    events.append(visit(ann, at(DAY + timedelta(days=1), 0), host="other.example"))
    insert(school.store, events)
    insert(school.store, events[:1])
    insert(school.store, [visit(ann, second, school="elsewhere"), visit(ann, at(DAY, 0) - 1)])


@pytest.mark.parametrize("page", [1, 2, 3, 20_000])
def test_each_event_of_these_days_and_this_school_comes_once(
    school: SchoolWeek, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(judged_then, "PAGE", page)
    rows = list(read_judged(school.store, school.governance, look()).rows)
    assert len({row["event_id"] for row in rows}) == len(rows) == 5
    assert [row["ts_ms"] for row in rows] == sorted(row["ts_ms"] for row in rows)
    assert {row["person_id"] for row in rows} == {school.people["ann"]}
    assert Judged.of(rows[-1]).host == "other.example"
    assert len(list(read_judged(school.store, school.governance, look(1, 1)).rows)) == 1


def test_what_the_events_show_of_the_policies_that_judged_them(school: SchoolWeek) -> None:
    known = read_judged(school.store, school.governance, look()).known
    (event, *_) = read_judged(school.store, school.governance, look()).rows
    assert known.phrased == {(event["policy_version"], "search")}
    assert known.lists == {(event["policy_version"], event["list_name"], event["list_version"])}


def test_the_look_is_noted_before_the_first_row_is_read(school: SchoolWeek) -> None:
    before = school.governance.audit.head().seq
    opened = read_judged(school.store, school.governance, look())
    entry = school.governance.audit.entries(limit=1)[0]
    assert (entry.seq, entry.what, entry.who, entry.whom) == (before + 1, Action.REJUDGED, SYSTEM, "")
    assert (entry.detail["account"], entry.detail["rules_shown"]) == ("someone", 1)
    assert next(iter(opened.rows))
