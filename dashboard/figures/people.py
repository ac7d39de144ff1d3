"""Who did how much: private and inappropriate visits per person as bars; breaks and permitted use apart."""

import pandas as pd
import plotly.graph_objects as go

from analytics.queries import Standing
from dashboard.chart import Chart
from dashboard.theme import APART, COUNTED, LOOKS, bar_fill, bare_figure, nice_step, present
from dashboard.wording import count

TITLE = "Private and inappropriate visits, by person"
_SHOWN = (*COUNTED, *APART)
_AXIS = {"zeroline": False, "fixedrange": True, "automargin": True, "showgrid": True}


def people_chart(counts: pd.DataFrame) -> Chart:
    """`counts`: name, standing, visits; any number of rows each."""
    table = _wide(counts)
    return Chart("people", TITLE, _figure(table), _sentence(table), _words(table))


def _wide(counts: pd.DataFrame) -> pd.DataFrame:
    """One row a person, one column a standing, most concerning first."""
    wide = counts.pivot_table(index="name", columns="standing", values="visits", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=[str(each) for each in _SHOWN], fill_value=0).astype(int)
    wide = wide[wide.sum(axis=1) > 0]
    return wide.sort_values([str(each) for each in COUNTED], ascending=False, kind="stable")


def _figure(table: pd.DataFrame) -> go.Figure:
    figure = bare_figure(64 + 30 * max(len(table), 1), barmode="stack", bargap=0.38)
    for each in present(_SHOWN, table):
        figure.add_bar(**_bar(table, each, "x" if each in COUNTED else "x2"))
    most = max(4, _longest(table, COUNTED), _longest(table, APART))
    axis = {**_AXIS, "side": "top", "range": [0, most * 1.05], "dtick": nice_step(most, 6), "tickangle": 0}
    figure.update_layout(
        xaxis={**axis, "domain": [0, 0.56], "title": _title("Counted")},
        xaxis2={**axis, "domain": [0.64, 1], "title": _title("Not counted")},
        yaxis={"autorange": "reversed", "type": "category", "ticklabelstandoff": 6},
        margin={"l": 8, "r": 8, "t": 52, "b": 4},
    )
    return figure


def _longest(table: pd.DataFrame, half: tuple[Standing, ...]) -> int:
    return int(table[[str(each) for each in half]].sum(axis=1).to_numpy().max(initial=0))


def _title(text: str) -> dict[str, object]:
    return {"text": text, "font": {"size": 12}, "standoff": 6}


def _bar(table: pd.DataFrame, each: Standing, axis: str) -> dict[str, object]:
    visits = table[str(each)]
    return {
        "y": list(table.index),
        "x": visits.tolist(),
        "orientation": "h",
        "name": LOOKS[each].word,
        "xaxis": axis,
        "marker": bar_fill(each),
        "hovertemplate": "%{y}<br>" + LOOKS[each].word + ": %{x}<extra></extra>",
    }


def _sentence(table: pd.DataFrame) -> str:
    if not len(table):
        return "Nobody made a private or inappropriate visit."
    sums = {each: int(table[str(each)].sum()) for each in _SHOWN}
    counted = table[[str(each) for each in COUNTED]].sum(axis=1)
    apart = sum(sums[each] for each in APART)
    parts = [count(sums[each], f"{LOOKS[each].word.lower()} visit") for each in present(COUNTED, table)]
    people = count(int((counted > 0).sum()), "person", "people")
    said = f"{' and '.join(parts)}, by {people}; {count(apart, 'visit')} in a break or permitted, not counted."
    return said[0].upper() + said[1:]


def _words(table: pd.DataFrame) -> pd.DataFrame:
    renamed = table.rename(columns={str(each): LOOKS[each].word for each in LOOKS})
    return renamed.rename_axis("Person").reset_index().rename_axis(None, axis=1)
