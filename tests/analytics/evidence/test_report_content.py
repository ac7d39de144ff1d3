"""What the report says."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from analytics.evidence.proofs import Proven, prove
from analytics.evidence.report_content import MOST_LISTED, content, standing_of
from analytics.evidence.request import BundleRequest
from analytics.queries.standing import Standing
from tests.analytics.evidence.samples import DAY_MS, MONDAY_MS, request, visit_of
from tests.analytics.spool.samples import web_event


def said(asked: BundleRequest) -> dict[str, Any]:
    return content(asked, prove(asked), asked.visits)


def made_up(*changes: dict[str, Any]) -> BundleRequest:
    """A request with these visits only."""
    plain = visit_of(web_event(ts_ms=MONDAY_MS))
    visits = [plain | {"visit_id": f"v-{number:05d}"} | change for number, change in enumerate(changes)]
    return replace(request(), events=(), visits=visits)


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({}, Standing.PRIVATE),
        ({"hours": "outside"}, Standing.PRIVATE),
        ({"hours": "break"}, Standing.BREAK),
        ({"permission_id": "m-1"}, Standing.PERMITTED),
        ({"permission_id": "m-1", "hours": "break"}, Standing.PERMITTED),
        ({"purpose": "inappropriate", "hours": "break"}, Standing.INAPPROPRIATE),
        ({"purpose": "inappropriate", "permission_id": "m-1"}, Standing.PERMITTED),
        ({"purpose": "unlawful", "permission_id": "m-1"}, Standing.UNLAWFUL),
        ({"purpose": "unknown"}, Standing.UNKNOWN),
        ({"purpose": "work", "hours": "break"}, Standing.WORK),
        ({"kind_confidence": 49}, Standing.UNKNOWN),
        ({"kind_confidence": 50}, Standing.PRIVATE),
        ({"purpose": "inappropriate", "kind_confidence": 45}, Standing.UNKNOWN),
        ({"purpose": "work", "kind_confidence": 45}, Standing.WORK),
    ],
)
def test_a_visit_stands_as_on_every_page(change: dict[str, Any], standing: Standing) -> None:
    (visit,) = made_up(change).visits
    assert standing_of(visit) is standing


def test_every_visit_is_counted_once() -> None:
    asked = request()
    assert sum(row["visits"] for row in said(asked)["summary"]) == len(asked.visits)


def test_time_is_a_range() -> None:
    shown = said(made_up({"lower_s": 50, "upper_s": 3700}, {"lower_s": 20, "upper_s": 200}))
    row = next(row for row in shown["summary"] if row["visits"])
    assert row["time"] == "1 min and 1 h 05 min"


def test_nothing_permitted_or_in_a_break_is_listed_as_counted() -> None:
    shown = said(made_up({}, {"hours": "break"}, {"permission_id": "m-1"}, {"purpose": "work"}))
    assert len(shown["listed"]) == 1
    assert len(shown["apart"]) == 2
    assert shown["counted_line"].startswith("One visit on 1 day")


def test_the_gravest_are_listed_where_not_all_can_be() -> None:
    mild = [{"gravity": 1, "start_ms": MONDAY_MS + number * 1000} for number in range(MOST_LISTED + 20)]
    grave = {"gravity": 3, "purpose": "inappropriate", "start_ms": MONDAY_MS + DAY_MS}
    shown = said(made_up(*mild, grave))
    assert (len(shown["listed"]), shown["unlisted"]) == (MOST_LISTED, 21)
    assert shown["listed"][-1]["gravity"] == 3
    assert [row["number"] for row in shown["listed"]] == list(range(1, MOST_LISTED + 1))


def test_a_rule_names_its_list_and_the_lists_stand_below_with_their_versions() -> None:
    shown = said(made_up({"list_version": "2"}, {"list_version": "1"}, {"list_version": "2", "rule": "x"}))
    assert shown["lists"] == [["1", "sites", "1"], ["2", "sites", "2"]]
    assert [row["rule"] for row in shown["listed"]] == [
        "site:shop.example on list 2",
        "site:shop.example on list 1",
        "x on list 2",
    ]


def test_times_are_london_times_over_the_clock_change() -> None:
    shown = said(replace(made_up({"start_ms": 1_792_886_400_000}), first_day=date(2026, 10, 1)))
    assert shown["listed"][0]["when"] == "Sun 25 Oct 2026, 01:00:00"


def test_long_periods_are_charted_by_week() -> None:
    shown = said(replace(made_up({}, {}), first_day=date(2026, 9, 1), last_day=date(2026, 11, 29)))
    assert shown["chart_rows"] == [["Week of 27 Oct", 0, 2, 0]]
    assert "on 1 of 13 weeks" in shown["chart_alt"]


def points(asked: BundleRequest, unsealed: int = 0) -> str:
    waiting = [web_event(ts_ms=MONDAY_MS)] * unsealed
    return " ".join(content(asked, Proven(prove(asked).events, waiting), asked.visits)["favour"])


@pytest.mark.parametrize(
    ("change", "point"),
    [
        ({"grade": "C"}, "1 visit was made where it is not sure who it was"),
        ({"grade": "B"}, "Somebody else may have used it"),
        ({"hours": "break"}, "1 visit was private, in a break"),
        ({"permission_id": "m-1"}, "1 visit was private and permitted"),
        ({"hours": "outside"}, "1 of the 1 counted visit was made outside contracted hours"),
        ({"hours": "not_stated"}, "hours are not stated"),
        ({"not_inspected": "pinned"}, "not decrypted: only the site's name is known"),
        ({"purpose": "unknown"}, "may well have been work"),
    ],
)
def test_a_point_in_the_employees_favour_is_made_exactly_where_it_holds(change: dict[str, Any], point: str) -> None:
    assert point in points(made_up({"grade": "A"} | change))
    assert point not in points(made_up({"grade": "A"}))


def test_the_records_own_limits_are_points_too() -> None:
    asked = request()
    assert "has 1 gap in this period" in points(asked)
    assert "gap" not in points(replace(asked, recorded=replace(asked.recorded, gaps=())))
    assert "no record that this person was told" in points(replace(asked, told_ms=0))
    assert "only during this period" in points(replace(asked, told_ms=MONDAY_MS + DAY_MS))
    assert "2 events had not been sealed" in points(asked, unsealed=2)
    assert "were made by pages and programs, not chosen" in points(asked)


@pytest.mark.parametrize(
    ("change", "said_so"),
    [
        ({"status": 403}, "answered with a refusal or an error"),
        ({"fetched_until_ms": 1_900_000_000_000}, "left open and went on fetching by itself"),
    ],
)
def test_what_speaks_for_the_employee_of_a_visit_is_a_point(change: dict[str, Any], said_so: str) -> None:
    asked = request()
    assert said_so not in points(asked)
    visits = [{**visit, **change} for visit in asked.visits]
    assert said_so in points(replace(asked, visits=visits))


def test_what_was_not_opened_and_what_else_the_record_must_be_read_with_stand_in_it() -> None:
    coverage = said(request())["coverage"]
    assert coverage["closed"][1] == ["An app that accepts no other.", "3,189"]
    assert coverage["read_with"][0] == "For 12 minutes monitored devices went past the gateway."


def test_unsure_navigations_are_a_point() -> None:
    asked = request()
    assert "less than 80 % confidence" not in points(asked)
    proven = prove(asked)
    doubtful = [replace(row, event=replace(row.event, kind_confidence=50)) for row in proven.events]
    made = content(asked, Proven(doubtful, ()), asked.visits)["favour"]
    assert any("less than 80 % confidence" in point for point in made)


def test_what_always_holds_is_always_said() -> None:
    said_of_nothing = points(replace(request(), events=(), visits=(), recorded=replace(request().recorded, gaps=())))
    assert "does not show why a page was opened" in said_of_nothing
    assert "A category is a judgement about a site" in said_of_nothing
