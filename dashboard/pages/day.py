"""One day of one person: choosing it, the line of time, the visits, the sessions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component

from analytics.contracted_hours import works_on
from analytics.governance.permissions import Granted
from analytics.queries import (
    LookPurpose,
    Reading,
    Standing,
    coverage,
    person_sessions,
    person_visits,
)
from analytics.queries.permissions import given_later
from config.policy import WeeklyWindow
from dashboard.aria import aria
from dashboard.chart import chart_section, plain_table
from dashboard.figures.day import Band, day_chart
from dashboard.guard import reading
from dashboard.moments import clock, day_bounds_ms, long_day, range_words, short_day
from dashboard.panels import legend, link
from dashboard.permission_wording import given_later_words
from dashboard.school import school
from dashboard.theme import LOOKS
from dashboard.visit_wording import visit_why
from dashboard.wording import HOURS, HOW_WE_KNOW_WHO, count, words

_SWATCHES = (
    ("hours", "Contracted hours"),
    ("rest", "Break"),
    ("gap", "Not recorded"),
    ("range", "Longest it can have been"),
)


def day_section(door: Reading, subject: str, day: date, today: date, range_key: str) -> list[Component]:
    """Everything about `day`."""
    visits = person_visits(door, subject, day)
    bands = [*_hours(subject, day), *_gaps(day)]
    return [
        _chooser(f"/person/{subject}?range={range_key}", day, today),
        chart_section(day_chart(visits, bands), legend((), *_SWATCHES)),
        *(_grid(visits, subject) if len(visits) else []),
        *_sessions(person_sessions(door, subject, day, day)),
    ]


def _chooser(page: str, day: date, today: date) -> html.Div:
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    picker = dmc.DatePickerInput(
        id="day-picker",
        value=day.isoformat(),
        maxDate=today.isoformat(),
        valueFormat="D MMMM YYYY",
        w="12rem",
        **aria(label="Choose a day"),
    )
    steps = [_step("‹", short_day(before), page, before), picker]
    if after <= today:
        steps.append(_step("›", short_day(after), page, after))
    parts = [html.H2(long_day(day)), html.Div(steps, className="steps no-print")]
    # The day stands here for the picker's script, which must not answer to being drawn.
    return html.Div(parts, className="top day-top", id="day", **{"data-day": day.isoformat()})  # type: ignore[arg-type]


def _step(sign: str, said: str, page: str, day: date) -> Component:
    return link(sign, f"{page}&day={day.isoformat()}", "button square", label=said)


def _hours(subject: str, day: date) -> Iterator[Band]:
    """The contracted hours as they were then; none where the calendar says they did not work, or does not say."""
    midnight, policy = day_bounds_ms(day)[0], school().policy
    pattern = policy.hours.get(school().governance.people.hours_at(subject, midnight))
    if pattern is None or not works_on(pattern, policy.calendar, day):
        return
    breaks = [window for window in pattern.breaks if window.weekday == day.weekday()]
    for window in pattern.contracted:
        if window.weekday == day.weekday():
            yield from _bands(midnight, window, breaks)


def _bands(midnight: int, window: WeeklyWindow, breaks: list[WeeklyWindow]) -> Iterator[Band]:
    """A stretch of work cut at its breaks, so that the two never lie on each other."""
    reached = window.start
    for pause in sorted(breaks, key=lambda pause: pause.start):
        start, end = max(pause.start, reached), min(pause.end, window.end)
        if start < end:
            yield _band(midnight, reached, start, "contracted")
            yield _band(midnight, start, end, "break")
            reached = end
    yield _band(midnight, reached, window.end, "contracted")


def _band(midnight: int, start: int, end: int, what: str) -> Band:
    # The wall clock is read as minutes since midnight: exact but for the two nights when the clocks change.
    return Band(midnight + start * 60_000, midnight + end * 60_000, what)


def _gaps(day: date) -> list[Band]:
    """The day's gaps; those that overlap, by whatever reason or gateway, are one."""
    gaps = coverage(reading(LookPurpose.COVERAGE), day, day).gaps
    first, last = day_bounds_ms(day)
    merged: list[Band] = []
    for start, end in sorted(zip(gaps["from_ms"].astype(int), gaps["to_ms"].astype(int), strict=True)):
        low, high = max(start, first), min(end, last)
        if merged and low <= merged[-1].to_ms:
            before = merged.pop()
            low, high = before.from_ms, max(high, before.to_ms)
        if low < high:
            merged.append(Band(low, high, "gap"))
    return merged


def _grid(visits: pd.DataFrame, subject: str) -> list[Component]:
    permissions = school().governance.permissions.of(subject)
    said = f"{count(len(visits), 'visit')}. Choose a row, by a click or the space bar, to see what the page pulled in."
    grid = dag.AgGrid(
        id="visits",
        columnDefs=_COLUMNS,
        rowData=[_row(visit, permissions) for visit in visits.to_dict("records")],
        defaultColDef={"resizable": True, "sortable": True, "wrapText": True, "autoHeight": True},
        dashGridOptions={
            "domLayout": "autoHeight",
            "ensureDomOrder": True,
            "pagination": len(visits) > _PAGE,
            "paginationPageSize": _PAGE,
            "paginationPageSizeSelector": False,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "suppressCellFocus": False,
        },
        style={"height": None},
    )
    return [html.Section([html.H2("Visits"), html.P(said, className="says"), grid], className="card visits")]


_PAGE = 20
_COLUMNS: list[dict[str, Any]] = [
    {"field": "time", "headerName": "Time", "width": 85},
    {"field": "site", "headerName": "Site", "flex": 2, "minWidth": 170},
    {"field": "judged", "headerName": "Judged", "width": 165},
    {"field": "why", "headerName": "Why", "flex": 3, "minWidth": 210},
    {"field": "length", "headerName": "How long", "width": 125},
    {"field": "hours", "headerName": "When", "width": 140},
    {"field": "who", "headerName": "How we know who", "flex": 2, "minWidth": 180},
]


def _row(visit: Mapping[Any, Any], permissions: Sequence[Granted]) -> dict[str, str]:
    look, later = LOOKS[Standing(visit["standing"])], given_later(permissions, visit)
    return {
        "visit_id": str(visit["visit_id"]),
        "time": clock(int(visit["start_ms"])),
        "site": str(visit["host"]),
        "judged": f"{look.sign} {look.word}",
        "why": f"{visit_why(visit, school().policy)} {given_later_words(later) if later else ''}".strip(),
        "length": range_words(int(visit["lower_s"]), int(visit["upper_s"])),
        "hours": words(HOURS, visit["hours"]),
        "who": words(HOW_WE_KNOW_WHO, visit["method"]).capitalize(),
    }


def _sessions(found: pd.DataFrame) -> list[Component]:
    if not len(found):
        return []
    table = pd.DataFrame(
        {
            "Session": [
                f"{clock(int(start))} to {clock(int(last))}"
                if clock(int(start)) != clock(int(last))
                else clock(int(start))
                for start, last in zip(found["start_ms"], found["last_ms"], strict=True)
            ],
            "Visits": list(found["visits"]),
            "Private": list(found["private_visits"]),
            "Inappropriate": list(found["inappropriate_visits"]),
            "How long": [
                range_words(int(lower), int(upper))
                for lower, upper in zip(found["lower_s"], found["upper_s"], strict=True)
            ],
        }
    )
    said = "Visits with only short pauses between them make one session."
    body = html.Div(plain_table(table, "Sessions"), className="scroll", tabIndex=0, role="region")
    return [html.Section([html.H2("Sessions"), html.P(said, className="says"), body], className="card")]


def register(app: Dash) -> None:
    """The day picker."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("fairgate", "day"),
        Output("address", "search"),
        Input("day-picker", "value"),
        State("address", "search"),
        prevent_initial_call=True,
    )
