"""A chart, its sentence and its table."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.chart import Chart, chart_section, plain_table

CHART = Chart("people", "Visits", go.Figure(), "Two visits.", pd.DataFrame({"Person": ["A", "B"], "Private": [1, 2]}))


def test_the_sentence_stands_in_text_and_for_screen_readers() -> None:
    section = chart_section(CHART)
    picture = next(part for part in section.children if getattr(part, "role", None) == "img")
    assert section.children[1].children == "Two visits."
    assert "Two visits." in getattr(picture, "aria-label")


def test_the_table_twin_has_every_row_and_headed_cells() -> None:
    table = plain_table(CHART.table, "Visits")
    rows = table.children[2].children
    assert [[cell.children for cell in row.children] for row in rows] == [["A", "1"], ["B", "2"]]
    assert all(row.children[0].scope == "row" for row in rows)
