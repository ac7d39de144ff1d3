"""One person: totals with time as a range, the days, one day visit by visit, categories and sessions."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analytics.governance.earlier import EarlierNotice
from analytics.queries import (
    LookPurpose,
    PersonSummary,
    Reading,
    Standing,
    person_categories,
    person_days,
    person_summary,
)
from dashboard.aria import aria
from dashboard.chart import chart_section, plain_table
from dashboard.figures.month import month_chart
from dashboard.guard import reading
from dashboard.moments import london_day, long_day, now_ms, range_words, short_date, span_words
from dashboard.pages.day import day_section
from dashboard.pages.person_permissions import permissions_section
from dashboard.panels import empty, hidden, legend, page_top, post_form, range_chooser, totals
from dashboard.periods import Period, day_in_address, offered, period
from dashboard.school import school
from dashboard.theme import APART, COUNTED, LOOKS
from dashboard.visit_wording import earlier_notice_words
from dashboard.wording import PERSON_TYPES, count, words


def build(subject: str, wanted: Mapping[str, str]) -> list[Component]:
    """The page of the person with the opaque id `subject`."""
    today = london_day(now_ms())
    chosen = period(wanted.get("range"), today, school().policy.calendar)
    door = reading(LookPurpose.WEEKLY_REVIEW)
    summary = person_summary(door, subject, chosen.first, chosen.last)
    days = person_days(door, subject, chosen.first, chosen.last)
    day = day_in_address(wanted.get("day"), _latest(days, chosen.last), today)
    top = page_top(
        summary.name,
        _under(summary, chosen),
        range_chooser(f"/person/{subject}", chosen.key, offered(today, school().policy.calendar)),
    )
    return [
        top,
        html.P(_lead(summary), className="lead"),
        *_earlier(summary),
        _totals(summary),
        *_range(door, summary, days, chosen, day),
        *permissions_section(summary, chosen.last),
        *day_section(door, subject, day, today, chosen.key),
        _report(subject, chosen),
    ]


def _latest(days: pd.DataFrame, last: date) -> date:
    return date.fromisoformat(str(days["day"].max())) if len(days) else last


def _under(summary: PersonSummary, chosen: Period) -> list[Component | str]:
    told = f"told of the policy on {long_day(london_day(summary.told_ms))}" if summary.told_ms else "not yet told"
    return [f"{words(PERSON_TYPES, summary.person_type)}, {told}", html.Br(), span_words(chosen.first, chosen.last)]


def _earlier(summary: PersonSummary) -> list[Component]:
    """What was recorded between a change of the notice and their acknowledgement of it is said to be that."""
    said = "What is recorded of that time was recorded under the earlier notice, and each visit says so."
    return [html.P(f"{_stretch_words(each)} {said}", className="says") for each in summary.earlier_notices]


def _stretch_words(each: EarlierNotice) -> str:
    until = f"to {short_date(each.until_ms)}" if each.until_ms else "on"
    return f"{earlier_notice_words(each.changed_ms)}: from {short_date(each.from_ms)} {until}."


def _lead(summary: PersonSummary) -> str:
    return summary.why if summary.attention else "Nothing out of the ordinary in this range."


def _totals(summary: PersonSummary) -> html.Dl:
    grave = summary.unlawful_visits + summary.inappropriate_visits
    counted = grave + summary.private_visits
    apart = summary.permitted_visits + summary.break_visits + summary.unsure_visits
    length = range_words(summary.lower_s, summary.upper_s) if counted else "no time"
    usual = (
        f"usual: {summary.usual_per_week:.0f} a week" if summary.usual_per_week is not None else "no usual known yet"
    )
    return totals(
        (
            ("inappropriate", "Inappropriate visits", f"{grave:,}", _gravity(summary) if grave else "none"),
            ("private", "Private visits", f"{summary.private_visits:,}", usual),
            ("", "Time on these", length, "a range: nobody can know exactly"),
            ("permitted", "Not counted", f"{apart:,}", _apart(summary)),
            ("work", "Work", f"{summary.work_visits:,}", f"and {summary.unknown_visits:,} not judged"),
        )
    )


def _gravity(summary: PersonSummary) -> str:
    return f"gravest suggested: {summary.max_gravity} of 4" if summary.max_gravity else "none"


def _apart(summary: PersonSummary) -> str:
    unsure = f", {summary.unsure_visits:,} where it is not sure who it was" if summary.unsure_visits else ""
    return f"{summary.permitted_visits:,} permitted, {summary.break_visits:,} in a break{unsure}"


def _range(door: Reading, summary: PersonSummary, days: pd.DataFrame, chosen: Period, day: date) -> list[Component]:
    if not len(days):
        said = f"No visit of this person was recorded in this range ({chosen.title.lower()})."
        return [empty("No visits in this range", said, "Choose a longer range above, or see Coverage for gaps.")]
    marks = legend([each for each in (*COUNTED, *APART) if (days["standing"] == str(each)).any()])
    chart = chart_section(month_chart(days, chosen.days, day), marks)
    found = person_categories(door, summary.person_id, chosen.first, chosen.last)
    return [html.Div([chart, _categories(found)], className="pair")]


def _categories(found: pd.DataFrame) -> html.Section:
    titles = school().policy.categories
    table = pd.DataFrame(
        {
            "Category": [titles[key].title if key in titles else words({}, key) for key in found["category"]],
            "Judged": [LOOKS[Standing(each)].word for each in found["standing"]],
            "Visits": [f"{int(visits):,}" for visits in found["visits"]],
            "How long": [
                range_words(int(lower), int(upper))
                for lower, upper in zip(found["lower_s"], found["upper_s"], strict=True)
            ],
        }
    )
    said = f"{count(len(table), 'kind')} of site, the most visited first."
    return html.Section(
        [
            html.H2("What kind of sites"),
            html.P(said, className="says"),
            html.Div(
                plain_table(table, "Categories"),
                className="scroll tall",
                tabIndex=0,
                role="region",
                **aria(label="Categories"),
            ),
        ],
        className="card",
    )


def _report(subject: str, chosen: Period) -> html.Section:
    if not school().demonstration:
        said = "A report that names a person needs the approval of two people, which this version cannot take yet."
        return html.Section([html.H2("Report"), html.P(said, className="says")], className="card no-print")
    button = html.Button("Download report", type="submit", className="button main")
    fields = (
        hidden("person", subject),
        hidden("first", chosen.first.isoformat()),
        hidden("last", chosen.last.isoformat()),
    )
    said = (
        f"A signed report of this range ({chosen.title.lower()}) with its proofs, that anybody can check. "
        "Downloading it is put on record."
    )
    parts = [html.H2("Report"), html.P(said, className="says"), post_form("/report", button, *fields)]
    return html.Section(parts, className="card no-print")
