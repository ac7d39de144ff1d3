"""A chart as everybody can read it: the figure, a sentence that says what it shows, and the same as a table.

Owns how the three stand together on a page. The table is the accessible route; nothing is in the picture alone.
"""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.aria import aria


@dataclass(frozen=True)
class Chart:
    """`table` holds the same facts as `figure`, already in words; its columns are the headings."""

    name: str
    title: str
    figure: go.Figure
    sentence: str
    table: pd.DataFrame


def chart_section(chart: Chart, *legend: Component) -> html.Section:
    """The chart with its heading, sentence, legend and table twin."""
    return html.Section(
        [
            html.H2(chart.title, id=f"{chart.name}-title"),
            html.P(chart.sentence, className="says"),
            *legend,
            html.Div(
                dcc.Graph(figure=chart.figure, config={"displayModeBar": False, "responsive": True}),
                role="img",
                className="figure",
                **aria(label=f"Chart. {chart.sentence} The table below holds the same figures."),
            ),
            html.Details([html.Summary("Show as a table"), table_twin(chart)], className="twin"),
        ],
        className="card",
        **aria(labelledby=f"{chart.name}-title"),
    )


def table_twin(chart: Chart) -> html.Div:
    """A plain table in a box that scrolls by itself, by keyboard too."""
    return html.Div(
        plain_table(chart.table, chart.title),
        className="scroll",
        tabIndex=0,
        role="region",
        **aria(label=f"{chart.title}, as a table"),
    )


def plain_table(table: pd.DataFrame, caption: str) -> html.Table:
    """Every row of `table`; the first column heads its row."""
    head = html.Tr([html.Th(str(name), scope="col") for name in table.columns])
    rows = [html.Tr(_cells(row)) for row in table.itertuples(index=False, name=None)]
    return html.Table([html.Caption(caption, className="unseen"), html.Thead(head), html.Tbody(rows)])


def _cells(row: tuple[object, ...]) -> list[Component]:
    first, *rest = (str(value) for value in row)
    return [html.Th(first, scope="row"), *(html.Td(value) for value in rest)]
