"""The rules of analytics.visits, one test a rule, and what must hold for any day at all."""

import random
from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analytics.visits import EVENT_COLUMNS, VISIT_COLUMNS, Visit, build_visits, exchanges_by_visit, visits_of

SECOND = 1000
MINUTE = 60 * SECOND
START = 1_790_000_000_000
SHOP, NEWS, FORWARDER = "www.shop.example", "news.example", "go.example"


def row(number: int, at_ms: int, kind: str = "navigation", host: str = SHOP, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "event_id": f"e{number:04d}",
        "school": "oakfield",
        "person_id": "p-01",
        "day": date(2026, 9, 21),
        "ts_ms": START + at_ms,
        "kind": kind,
        "status": 200,
        "initiator_host": "",
        "attribution_grade": "A",
        "attribution_method": "proxy",
        "device_id": "d-01",
        "host": host,
        "domain": host,
        "path": "/",
        "category": host,
        "purpose": "private",
        "gravity": 1,
        "reason": "listed",
        "rule": "r",
        "list_name": "sites",
        "list_version": "1",
        "permission_id": None,
        "hours": "contracted",
        "search_phrase": "",
        "not_inspected": "inspected",
    }
    return plain | changes


def test_a_day_without_events_has_no_visits_but_has_the_columns() -> None:
    assert list(build_visits(pd.DataFrame(columns=list(EVENT_COLUMNS))).columns) == list(VISIT_COLUMNS)


def test_a_lone_hit_shows_no_time_and_at_most_half_an_hour() -> None:
    [visit] = visits_of([row(1, 0)])
    assert (visit.lower_s, visit.upper_s, visit.session, visit.pulled_in) == (0, 1800, 0, 0)


def test_a_visit_lasts_at_most_until_the_next_and_surely_a_minute_of_that() -> None:
    first, second, third = visits_of([row(1, 0), row(2, 20 * SECOND + 1), row(3, 11 * MINUTE)])
    assert (first.lower_s, first.upper_s) == (20, 21)
    assert (second.lower_s, second.upper_s) == (60, 640)
    assert (third.lower_s, third.upper_s) == (0, 1800)


def test_a_gap_of_more_than_thirty_minutes_starts_a_session() -> None:
    visits = visits_of([row(1, 0), row(2, 30 * MINUTE), row(3, 60 * MINUTE + 1)])
    assert [visit.session for visit in visits] == [0, 0, 1]
    assert [visit.lower_s for visit in visits] == [60, 0, 0]


def test_what_a_page_fetches_is_pulled_in_and_makes_no_visit() -> None:
    events = [
        row(1, 0),
        row(2, SECOND, "subresource", "cdn.example", initiator_host=SHOP),
        row(3, 2 * SECOND, "embedded", "frame.example", initiator_host=SHOP),
        row(4, 3 * SECOND, "subresource", "pixel.example", initiator_host="frame.example"),
        row(5, 90 * MINUTE, "background", SHOP, initiator_host=SHOP),
        row(6, 91 * MINUTE, "background", SHOP),
        row(7, 92 * MINUTE, "background", "update.example"),
    ]
    [visit] = visits_of(events)
    assert visit.pulled_in == 5
    assert exchanges_by_visit(pd.DataFrame(events)) == dict.fromkeys(
        ["e0001", "e0002", "e0003", "e0004", "e0005", "e0006"], "e0001"
    )


def test_a_fetch_belongs_to_the_latest_visit_of_its_page_on_the_same_device() -> None:
    events = [
        row(1, 0),
        row(2, MINUTE, host=NEWS),
        row(3, 2 * MINUTE),
        row(4, 3 * MINUTE, "subresource", "cdn.example", initiator_host=SHOP),
        row(5, 3 * MINUTE, "subresource", "cdn.example", initiator_host=SHOP, device_id="d-02"),
    ]
    assert [visit.pulled_in for visit in visits_of(events)] == [0, 0, 1]


def test_forwarded_and_then_opened_is_one_visit_to_where_they_landed() -> None:
    events = [
        row(1, 0, "redirect", FORWARDER, status=302, category="forwarder"),
        row(2, 100, "redirect", "second.example", status=301),
        row(3, 200, "navigation", SHOP, category="shopping", gravity=2),
    ]
    [visit] = visits_of(events)
    assert (visit.visit_id, visit.host, visit.category, visit.gravity) == ("e0003", SHOP, "shopping", 2)
    assert (visit.start_ms, visit.pulled_in) == (START, 2)


def test_a_navigation_that_is_forwarded_lands_on_the_redirect() -> None:
    events = [row(1, 0, host=FORWARDER, status=302, attribution_grade="B"), row(2, 100, "redirect", SHOP)]
    [visit] = visits_of(events)
    assert (visit.visit_id, visit.host, visit.grade, visit.pulled_in) == ("e0001", SHOP, "B", 1)


def test_a_page_that_forwards_by_script_is_one_visit_with_where_it_forwards_to() -> None:
    [visit] = visits_of([row(1, 0, host=FORWARDER), row(2, SECOND, "redirect", SHOP, initiator_host=FORWARDER)])
    assert (visit.visit_id, visit.host) == ("e0001", SHOP)


def test_a_click_through_a_forwarder_leaves_the_page_before_as_it_was() -> None:
    events = [
        row(1, 0, host=NEWS),
        row(2, 5 * SECOND, "redirect", FORWARDER, status=302, initiator_host=NEWS),
        row(3, 6 * SECOND, "navigation", SHOP, initiator_host=NEWS),
    ]
    first, second = visits_of(events)
    assert (first.host, first.pulled_in) == (NEWS, 0)
    assert (second.host, second.pulled_in, second.start_ms) == (SHOP, 1, START + 5 * SECOND)


def test_a_redirect_that_leads_nowhere_is_pulled_in_by_its_page() -> None:
    events = [row(1, 0, host=NEWS), row(2, MINUTE, "redirect", FORWARDER, status=302, initiator_host=NEWS)]
    [visit] = visits_of(events)
    assert (visit.host, visit.pulled_in) == (NEWS, 1)


def test_a_redirect_long_ago_is_not_of_the_chain() -> None:
    [visit] = visits_of([row(1, 0, "redirect", FORWARDER, status=302), row(2, 11 * SECOND)])
    assert (visit.start_ms, visit.pulled_in) == (START + 11 * SECOND, 0)


def test_absent_values_stay_absent_through_pandas() -> None:
    frame = build_visits(pd.DataFrame([row(1, 0, device_id=None)]))
    assert frame["permission_id"].isna().all()
    assert frame["device_id"].isna().all()
    assert frame["pulled_in"].tolist() == [0]


HOSTS = st.sampled_from([SHOP, NEWS, FORWARDER, "cdn.example"])
KINDS = st.sampled_from(["navigation", "redirect", "embedded", "subresource", "background"])
NOISE = st.sampled_from(["embedded", "subresource", "background"])


@st.composite
def days(draw: st.DrawFn, kinds: st.SearchStrategy[str] = KINDS, start: int = 0) -> list[dict[str, Any]]:
    length = draw(st.integers(0, 25))
    return [
        row(
            start + number,
            draw(st.integers(0, 4 * 60 * MINUTE)),
            draw(kinds),
            draw(HOSTS),
            initiator_host=draw(st.one_of(st.just(""), HOSTS)),
            status=draw(st.sampled_from([200, 302, 404, 0])),
            device_id=draw(st.sampled_from(["d-01", "d-02", None])),
        )
        for number in range(length)
    ]


def _without_pulled_in(visits: list[Visit]) -> list[dict[str, Any]]:
    return [{name: getattr(visit, name) for name in VISIT_COLUMNS if name != "pulled_in"} for visit in visits]


@given(days())
def test_each_navigation_makes_one_visit_and_nothing_else_makes_any(events: list[dict[str, Any]]) -> None:
    chosen = {event["event_id"] for event in events if event["kind"] == "navigation"}
    visits = visits_of(events)
    assert {visit.visit_id for visit in visits} == chosen
    assert len(visits) == len(chosen)


@given(days(), days(NOISE, start=500))
def test_frames_subresources_and_background_change_no_visit_no_time_and_no_verdict(
    events: list[dict[str, Any]], noise: list[dict[str, Any]]
) -> None:
    assert _without_pulled_in(visits_of(events)) == _without_pulled_in(visits_of(events + noise))


@given(days(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(events: list[dict[str, Any]], chance: random.Random) -> None:
    again = events + events[: len(events) // 2]
    chance.shuffle(again)
    assert visits_of(again) == visits_of(events)


@given(days())
def test_time_is_a_range_and_its_certain_part_never_exceeds_the_clock(events: list[dict[str, Any]]) -> None:
    visits = visits_of(events)
    assert all(0 <= visit.lower_s <= min(visit.upper_s, 60) and visit.upper_s <= 1800 for visit in visits)
    if visits:
        assert sum(visit.lower_s for visit in visits) * 1000 <= visits[-1].start_ms - visits[0].start_ms


@given(days())
def test_no_exchange_is_pulled_in_twice(events: list[dict[str, Any]]) -> None:
    visits = visits_of(events)
    belonging = exchanges_by_visit(pd.DataFrame(events, columns=list(EVENT_COLUMNS)))
    assert sum(visit.pulled_in + 1 for visit in visits) == len(belonging)
