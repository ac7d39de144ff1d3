"""Overview: who needs attention, and why; then everybody's private and inappropriate visits, side by side."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analytics.queries import LookPurpose, Standing, overview, per_day
from dashboard.aria import aria
from dashboard.chart import chart_section
from dashboard.figures.people import people_chart
from dashboard.guard import reading
from dashboard.moments import london_day, now_ms, short_day, span_words
from dashboard.panels import empty, legend, link, page_top, range_chooser
from dashboard.periods import Period, offered, period
from dashboard.school import school
from dashboard.theme import APART, COUNTED, LOOKS
from dashboard.wording import PERSON_TYPES, count, words

_LEVELS = {3: Standing.UNLAWFUL, 2: Standing.INAPPROPRIATE, 1: Standing.PRIVATE}


def build(_subject: str, wanted: Mapping[str, str]) -> list[Component]:
    """The page for the viewer and the range in the address."""
    today, calendar = london_day(now_ms()), school().policy.calendar
    chosen = period(wanted.get("range"), today, calendar)
    door = reading(LookPurpose.WEEKLY_REVIEW)
    people, days = overview(door, chosen.first, chosen.last), per_day(door, chosen.first, chosen.last)
    top = page_top(
        "Who needs attention",
        span_words(chosen.first, chosen.last),
        range_chooser("/", chosen.key, offered(today, calendar)),
    )
    if not len(people):
        said = "No member of staff whose records are for you has been entered yet."
        return [top, empty("Nobody to show yet", said)]
    return [top, html.P(_lead(people), className="lead"), *_attention(people, chosen), *_charts(people, days, chosen)]


def _lead(people: pd.DataFrame) -> str:
    listed, told = int((people["attention"] > 0).sum()), int(people["told"].sum())
    who = f"{count(listed, 'person', 'people')} of {told}" if listed else "Nobody"
    verb = "needs" if listed <= 1 else "need"
    untold = len(people) - told
    rest = (
        f" {count(untold, 'person', 'people')} not yet told of the policy: nothing is recorded of them."
        if untold
        else ""
    )
    return f"{who} {verb} attention. This is where to look first, not a finding.{rest}"


def _attention(people: pd.DataFrame, chosen: Period) -> list[Component]:
    rows = [row for row in people.to_dict("records") if row["attention"] > 0]
    if not rows:
        return []
    return [html.Ol([_card(row, chosen) for row in rows], className="attention", **aria(label="Who needs attention"))]


def _card(row: Mapping[object, object], chosen: Period) -> html.Li:
    level = _LEVELS[int(str(row["attention"]))]
    look = LOOKS[level]
    name = link(str(row["name"]), f"/person/{row['person_id']}?range={chosen.key}")
    kind = html.Small(words(PERSON_TYPES, row["person_type"]))
    grave = int(str(row["unlawful_visits"])) + int(str(row["inappropriate_visits"]))
    tally = [_figure(grave, "inappropriate"), _figure(int(str(row["private_visits"])), "private")]
    return html.Li(
        [
            html.Span([html.Span(f"{look.sign} ", **aria(hidden="true")), look.word], className=f"tag {level}"),
            html.Div([html.H2([name, kind]), html.P(str(row["why"]))]),
            html.Div(tally, className="tally"),
        ],
        className=str(level),
    )


def _figure(number: int, what: str) -> html.Span:
    return html.Span([html.B(f"{number:,}"), what])


def _charts(people: pd.DataFrame, days: pd.DataFrame, chosen: Period) -> list[Component]:
    shown = days[days["standing"].isin([str(each) for each in (*COUNTED, *APART)])]
    if not len(days):
        said = f"Nothing was recorded of anybody in this range ({chosen.title.lower()})."
        return [empty("No visits in this range", said, "Choose a longer range above, or see Coverage for gaps.")]
    marks = legend([each for each in (*COUNTED, *APART) if (shown["standing"] == str(each)).any()])
    return [chart_section(people_chart(shown), marks), _strip(people, shown, chosen)]


def _strip(people: pd.DataFrame, shown: pd.DataFrame, chosen: Period) -> html.Section:
    """The same as a table of days, each a link to that person's day: chart and table in one."""
    head = [html.Th("Person", scope="col"), *(html.Th(_head(day), scope="col") for day in chosen.days)]
    tally = shown.groupby(["person_id", "day", "standing"])["visits"].sum().to_dict()
    rows = [
        html.Tr([html.Th(link(str(who["name"]), f"/person/{who['person_id']}?range={chosen.key}"), scope="row"),
                 *(_cell(who, day, tally, chosen) for day in chosen.days)])
        for who in people.to_dict("records") if who["told"]
    ]  # fmt: skip
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)])
    said = "Counted visits on each day. Choose a number to see that day. A ring marks permitted or break use only."
    return html.Section(
        [
            html.H2("Person by person, day by day", id="strip-title"),
            html.P(said, className="says"),
            html.Div(
                table,
                className="scroll strip few" if len(chosen.days) <= 7 else "scroll strip",
                tabIndex=0,
                role="region",
                **aria(labelledby="strip-title"),
            ),
        ],
        className="card",
    )


def _head(day: date) -> list[Component | str]:
    return [f"{day:%a}", html.Br(), str(day.day)]


def _cell(who: Mapping[object, object], day: date, tally: Mapping[object, int], chosen: Period) -> html.Td:
    def visits(*standings: Standing) -> int:
        return sum(tally.get((who["person_id"], day.isoformat(), str(each)), 0) for each in standings)

    grave, counted, apart = visits(Standing.UNLAWFUL, Standing.INAPPROPRIATE), visits(*COUNTED), visits(*APART)
    if not counted and not apart:
        return html.Td(html.Span("·", **aria(label="none")), className="rest")
    kind = "inappropriate" if grave else "private" if counted else "permitted"
    said = f"{who['name']}, {short_day(day)}: {count(counted, 'counted visit')}"
    said += f", {grave} of them inappropriate" if grave else ""
    said += f"; {apart} in a break or permitted" if apart else ""
    address = f"/person/{who['person_id']}?range={chosen.key}&day={day.isoformat()}"
    return html.Td(link(f"{counted}{'!' if grave else ''}", address, label=said), className=kind)
