"""The rules of analytics.visits, one test a rule, and what must hold for any day at all."""

import random
from datetime import date
from typing import Any

import pandas as pd
import pytest
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
        "kind_reason": "typed_or_clicked",
        "kind_confidence": 95,
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


def landed(number: int, at_ms: int, host: str = SHOP, **changes: Any) -> dict[str, Any]:
    """The page at which a chain of redirects ended."""
    return row(number, at_ms, host=host, **{"kind_reason": "reached_by_redirect"} | changes)


def sent_on(number: int, at_ms: int, host: str = SHOP, by: str = FORWARDER, **changes: Any) -> dict[str, Any]:
    """A page that a script of the page `by` opened."""
    stated = {"kind_reason": "forwarded_by_script", "initiator_host": by}
    return row(number, at_ms, "redirect", host, **stated | changes)


def test_a_lone_hit_shows_no_time_and_is_never_five_minutes() -> None:
    [visit] = visits_of([row(1, 0)])
    assert (visit.lower_s, visit.upper_s, visit.session, visit.pulled_in) == (0, 180, 0, 0)


def test_a_visit_lasts_at_most_until_the_next_and_surely_a_minute_of_that() -> None:
    first, second, third = visits_of([row(1, 0), row(2, 20 * SECOND + 1), row(3, 9 * MINUTE)])
    assert (first.lower_s, first.upper_s) == (20, 21)
    assert (second.lower_s, second.upper_s) == (60, 520)
    assert (third.lower_s, third.upper_s) == (0, 180)


def test_no_more_than_ten_minutes_are_credited_to_one_page() -> None:
    first, _ = visits_of([row(1, 0), row(2, 29 * MINUTE)])
    assert (first.lower_s, first.upper_s) == (60, 600)


def test_a_page_looked_at_briefly_and_left_open_all_day_shows_as_that() -> None:
    polls = [row(10 + n, n * MINUTE, "background", initiator_host=SHOP) for n in range(1, 7 * 60)]
    [visit] = visits_of([row(1, 0), *polls])
    assert (visit.lower_s, visit.upper_s) == (0, 180)
    assert visit.fetched_until_ms == START + (7 * 60 - 1) * MINUTE
    [alone] = visits_of([row(1, 0)])
    assert alone.fetched_until_ms == alone.start_ms


@pytest.mark.parametrize("status", [0, 204, 205])
def test_a_navigation_that_showed_nothing_makes_no_visit(status: int) -> None:
    assert visits_of([row(1, 0, status=status)]) == []
    [visit] = visits_of([row(1, 0, host=NEWS), row(2, MINUTE, status=status, initiator_host=NEWS)])
    assert (visit.host, visit.pulled_in, visit.lower_s) == (NEWS, 1, 0)


@pytest.mark.parametrize("status", [200, 206, 304, 403, 404, 500])
def test_any_page_that_came_back_was_seen(status: int) -> None:
    assert len(visits_of([row(1, 0, status=status)])) == 1


def test_what_happens_on_another_device_makes_no_time_certain() -> None:
    first, second, third = visits_of([row(1, 0, device_id="phone"), row(2, 55 * SECOND), row(3, 80 * SECOND)])
    assert (first.lower_s, first.upper_s) == (0, 55)
    assert (second.lower_s, second.upper_s) == (25, 25)
    assert third.lower_s == 0


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
        landed(3, 200, category="shopping", gravity=2),
    ]
    [visit] = visits_of(events)
    assert (visit.visit_id, visit.host, visit.category, visit.gravity) == ("e0003", SHOP, "shopping", 2)
    assert (visit.start_ms, visit.pulled_in) == (START, 2)


def test_a_page_that_forwards_by_script_is_one_visit_with_where_it_forwards_to() -> None:
    [visit] = visits_of([row(1, 0, host=FORWARDER), sent_on(2, SECOND)])
    assert (visit.visit_id, visit.host) == ("e0001", SHOP)


def test_a_script_that_leads_on_by_way_of_a_redirect_is_followed_to_the_end() -> None:
    events = [
        row(1, 0, host=FORWARDER),
        sent_on(2, SECOND, "second.example", status=302),
        row(3, SECOND + 90, "redirect", SHOP, kind_reason="reached_by_redirect"),
    ]
    [visit] = visits_of(events)
    assert (visit.visit_id, visit.host, visit.pulled_in) == ("e0001", SHOP, 2)


def test_nobody_is_charged_with_a_graver_page_that_a_script_led_to() -> None:
    [visit] = visits_of(
        [row(1, 0, host=NEWS, gravity=1), sent_on(2, SECOND, "bets.example", NEWS, purpose="inappropriate", gravity=3)]
    )
    assert (visit.host, visit.gravity, visit.pulled_in) == (NEWS, 1, 1)
    [shim] = visits_of([row(1, 0, host=FORWARDER, purpose="unknown", gravity=0), sent_on(2, SECOND, gravity=0)])
    assert (shim.host, shim.purpose) == (FORWARDER, "unknown")


def test_a_script_of_a_page_that_may_not_be_named_joins_no_page_before_it() -> None:
    """What a shielded page leads to names no page that asked; the page before it had nothing to do with it."""
    events = [row(1, 0, host=NEWS), sent_on(2, SECOND, "bets.example", "", purpose="inappropriate", gravity=3)]
    [visit] = visits_of(events)
    assert (visit.host, visit.gravity) == (NEWS, 1)


def test_where_a_redirect_came_to_nothing_the_page_before_it_is_what_was_seen() -> None:
    events = [row(1, 0, host=NEWS), sent_on(2, SECOND, FORWARDER, NEWS, status=302, category="forwarder")]
    [visit] = visits_of(events)
    assert (visit.host, visit.pulled_in) == (NEWS, 1)


def test_a_page_typed_while_another_forwards_is_a_visit_of_its_own() -> None:
    events = [row(1, 0, "redirect", FORWARDER, status=302), row(2, 3 * SECOND)]
    [visit] = visits_of(events)
    assert (visit.host, visit.start_ms, visit.pulled_in) == (SHOP, START + 3 * SECOND, 0)


def test_a_click_through_a_forwarder_leaves_the_page_before_as_it_was() -> None:
    events = [
        row(1, 0, host=NEWS),
        row(2, 5 * SECOND, "redirect", FORWARDER, status=302, initiator_host=NEWS),
        landed(3, 6 * SECOND, initiator_host=NEWS),
    ]
    first, second = visits_of(events)
    assert (first.host, first.pulled_in) == (NEWS, 0)
    assert (second.host, second.pulled_in, second.start_ms) == (SHOP, 1, START + 5 * SECOND)


def test_a_redirect_that_leads_nowhere_is_pulled_in_by_its_page() -> None:
    events = [row(1, 0, host=NEWS), row(2, MINUTE, "redirect", FORWARDER, status=302, initiator_host=NEWS)]
    [visit] = visits_of(events)
    assert (visit.host, visit.pulled_in) == (NEWS, 1)


def test_a_redirect_long_ago_is_not_of_the_chain() -> None:
    [visit] = visits_of([row(1, 0, "redirect", FORWARDER, status=302), landed(2, 11 * SECOND)])
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
            kind_reason=draw(st.sampled_from(["typed_or_clicked", "reached_by_redirect", "forwarded_by_script"])),
            purpose=draw(st.sampled_from(["private", "work", "inappropriate"])),
            gravity=draw(st.integers(0, 3)),
            device_id=draw(st.sampled_from(["d-01", "d-02", None])),
        )
        for number in range(length)
    ]


def _chosen(visits: list[Visit]) -> list[dict[str, Any]]:
    """All of each visit but what counts and dates the page's own fetches."""
    own = [name for name in VISIT_COLUMNS if name not in ("pulled_in", "fetched_until_ms")]
    return [{name: getattr(visit, name) for name in own} for visit in visits]


@given(days())
def test_each_navigation_that_showed_a_page_makes_one_visit_and_nothing_else_makes_any(
    events: list[dict[str, Any]],
) -> None:
    chosen = {event["event_id"]: event["status"] for event in events if event["kind"] == "navigation"}
    visits = visits_of(events)
    assert {event_id for event_id, status in chosen.items() if status in (200, 404)} <= {v.visit_id for v in visits}
    assert {visit.visit_id for visit in visits} <= set(chosen)
    assert len(visits) == len({visit.visit_id for visit in visits})


@given(days(), days(NOISE, start=500))
def test_frames_subresources_and_background_change_no_visit_no_time_and_no_verdict(
    events: list[dict[str, Any]], noise: list[dict[str, Any]]
) -> None:
    assert _chosen(visits_of(events)) == _chosen(visits_of(events + noise))


@given(days(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(events: list[dict[str, Any]], chance: random.Random) -> None:
    again = events + events[: len(events) // 2]
    chance.shuffle(again)
    assert visits_of(again) == visits_of(events)


@given(days())
def test_time_is_a_range_and_its_certain_part_never_exceeds_the_clock(events: list[dict[str, Any]]) -> None:
    visits = visits_of(events)
    assert all(0 <= visit.lower_s <= min(visit.upper_s, 60) and visit.upper_s <= 600 for visit in visits)
    if visits:
        assert sum(visit.lower_s for visit in visits) * 1000 <= visits[-1].start_ms - visits[0].start_ms


@given(days())
def test_no_exchange_is_pulled_in_twice(events: list[dict[str, Any]]) -> None:
    visits = visits_of(events)
    belonging = exchanges_by_visit(pd.DataFrame(events, columns=list(EVENT_COLUMNS)))
    assert sum(visit.pulled_in + 1 for visit in visits) == len(belonging)
