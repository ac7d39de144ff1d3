"""The lower part of the Coverage page: what was not opened and why, ways past the gateway, what the record rests on."""

from collections.abc import Sequence

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analytics.queries import Coverage
from analytics.queries.conditions import CLOSED_BECAUSE
from analytics.queries.conditions_wording import MONITORS_ONLY, rests_on, ways_past
from dashboard.aria import aria
from dashboard.chart import plain_table


def limits(found: Coverage) -> list[Component]:
    """The sections, in their order."""
    return [
        _closed(found),
        _said("Ways past the gateway", ways_past(found)),
        _said("What the record rests on", rests_on(found)),
        _said("Monitoring is not filtering", [MONITORS_ONLY]),
    ]


def _closed(found: Coverage) -> html.Section:
    """Why connections were left as they were. The shield's stand in the figures above, by the hour alone."""
    counts = found.conditions.closed
    rows = [(CLOSED_BECAUSE[why], f"{count:,}") for why, count in counts.items() if count]
    if not rows:
        said = (
            "Some connections were not opened. Why is counted every few minutes, and is not known here yet."
            if found.passed_through
            else "No connection is known to have been left unopened."
        )
        return _said("What was not opened, and why", [said])
    table = plain_table(pd.DataFrame(rows, columns=["Why", "Connections"]), "Connections that were not opened")
    said = "Connections in sensitive areas are not among these: they are counted by the hour alone, and never opened."
    return html.Section(
        [
            html.H2("What was not opened, and why"),
            html.P(said, className="says"),
            html.Div(table, className="scroll", tabIndex=0, role="region", **aria(label="Not opened")),
        ],
        className="card",
    )


def _said(title: str, sentences: Sequence[str]) -> html.Section:
    return html.Section([html.H2(title), *(html.P(each, className="says") for each in sentences)], className="card")
