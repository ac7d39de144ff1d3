"""Coverage: is it recording, since when, what is missing and why, and what is not opened. Nobody's browsing."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analytics.queries import Coverage, LookPurpose, coverage
from dashboard.aria import aria
from dashboard.chart import chart_section, plain_table
from dashboard.figures.recording import gap_table, recording_chart
from dashboard.guard import DECIDERS, reading, viewer
from dashboard.moments import clock, london_day, now_ms, span_words
from dashboard.pages.coverage_limits import limits
from dashboard.panels import empty, legend, link, page_top, range_chooser, totals
from dashboard.periods import offered, period
from dashboard.school import school
from dashboard.wording import count

_SWATCHES = (("recording", "Recording"), ("gone", "Gap"))
_SHOWN_GAPS = 50


def build(_subject: str, wanted: Mapping[str, str]) -> list[Component]:
    """The page for the range in the address."""
    today = london_day(now_ms())
    chosen = period(wanted.get("range"), today, school().policy.calendar)
    found = coverage(reading(LookPurpose.COVERAGE), chosen.first, chosen.last)
    top = page_top(
        "Coverage",
        span_words(chosen.first, chosen.last),
        range_chooser("/coverage", chosen.key, offered(today, school().policy.calendar)),
    )
    if not len(found.stretches) and not len(found.gaps):
        said = f"The gateway recorded nothing in this range ({chosen.title.lower()}), and was not heard of before it."
        return [top, empty("No data yet", said), _people(found)]
    chart = chart_section(recording_chart(found.stretches, found.gaps, chosen.days), legend((), *_SWATCHES))
    lead = html.P(_lead(found, today), className="lead")
    told = _people(found)
    return [top, lead, _totals(found), chart, _gaps(found.gaps), told, *limits(found), _root()]


def _lead(found: Coverage, today: date) -> str:
    if not len(found.stretches):
        return "Not recording on any of these days."
    newest = found.stretches.sort_values("to_ms").iloc[-1]
    since, until = int(newest["from_ms"]), int(newest["to_ms"])
    day = london_day(since)
    began = clock(since) if day == today else f"{clock(since)} on {day:%A} {day.day} {day:%B}"
    if london_day(until) == today:
        return f"Recording without a break since {began}, last heard of at {clock(until)}."
    return f"Last recording began at {began} and ended at {clock(until)}."


def _totals(found: Coverage) -> html.Dl:
    return totals(
        (
            ("work", "Time recorded", _hours(found.recorded_s), "with at least one gateway at work"),
            ("", "Gaps", f"{len(found.gaps):,}", "listed below with their reasons"),
            ("", "Not opened", f"{found.passed_through_percent}%", f"of {found.requests:,} requests and connections"),
            ("permitted", "Shielded", f"{found.shielded:,}", "sensitive areas: only this count is kept"),
            ("", "Not yet told", f"{found.untold:,}", "requests counted, not recorded"),
        )
    )


def _hours(seconds: int) -> str:
    return f"{seconds // 3600:,} h" if seconds >= 7200 else f"{seconds // 60} min"


def _gaps(gaps: pd.DataFrame) -> html.Section:
    if not len(gaps):
        return empty("No gaps", "Nothing is known to be missing in this range.")
    said = "Visits within a gap may be missing. A gap is never counted for or against anybody."
    table = plain_table(gap_table(gaps).head(_SHOWN_GAPS), "Gaps, newest first")
    more = [html.P(f"The newest {_SHOWN_GAPS} of {len(gaps):,} are shown.", className="muted")]
    return html.Section(
        [
            html.H2("What is missing, and why"),
            html.P(said, className="says"),
            html.Div(table, className="scroll", tabIndex=0, role="region", **aria(label="Gaps")),
            *(more if len(gaps) > _SHOWN_GAPS else []),
        ],
        className="card",
    )


def _people(found: Coverage) -> html.Section:
    """How many were not told; who, stands on the Notices page for those who see to it."""
    never, earlier = found.people_not_told, found.people_told_earlier
    said = [f"All {found.people} people entered have been told of the notice in force."]
    if never or earlier:
        said = [f"{never} of {count(found.people, 'person', 'people')} not yet told. Nothing is recorded of them."]
    if earlier:
        said.append(
            f"{count(earlier, 'person', 'people')} told of an earlier notice and not yet of the one in force: what is "
            "recorded of them meanwhile says so."
        )
    parts: list[Component] = [html.H2("Who has been told"), *(html.P(line, className="says") for line in said)]
    if (never or earlier) and viewer().role in DECIDERS:
        parts.append(html.P(link("Who is outstanding, and since when", "/notices")))
    return html.Section(parts, className="card")


def _root() -> html.Section:
    said = (
        "Whoever administers the gateway's computer could switch recording off. That shows here as a gap. They could "
        "also alter records not yet sealed; what is sealed and handed out can be checked by anybody."
    )
    return html.Section([html.H2("What this cannot rule out"), html.P(said, className="says")], className="card")
