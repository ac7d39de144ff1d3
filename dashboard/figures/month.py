"""One person's days: stacked bars of visits by standing, so that a day stands against the days around it."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from dashboard.chart import Chart
from dashboard.moments import short_day
from dashboard.theme import APART, COUNTED, LOOKS, bar_fill, bare_figure, nice_step, present
from dashboard.wording import count

TITLE = "Day by day"
_SHOWN = (*COUNTED, *APART)


def month_chart(counts: pd.DataFrame, days: Sequence[date], chosen: date) -> Chart:
    """`counts`: day (ISO date), standing, visits. Every one of `days` has its place, empty or not."""
    table = _wide(counts, days)
    return Chart("month", TITLE, _figure(table, days, chosen), _sentence(table), _words(table, days))


def _wide(counts: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    wide = counts.pivot_table(index="day", columns="standing", values="visits", aggfunc="sum", fill_value=0)
    places = [day.isoformat() for day in days]
    return wide.reindex(index=places, columns=[str(each) for each in LOOKS], fill_value=0).astype(int)


def _figure(table: pd.DataFrame, days: Sequence[date], chosen: date) -> go.Figure:
    figure = bare_figure(200, barmode="stack", bargap=0.3)
    names = [short_day(day) for day in days]
    for each in present(_SHOWN, table):
        figure.add_bar(
            x=list(range(len(days))),
            y=table[str(each)].tolist(),
            name=LOOKS[each].word,
            marker=bar_fill(each),
            customdata=names,
            hovertemplate="%{customdata}<br>" + LOOKS[each].word + ": %{y}<extra></extra>",
        )
    if chosen in days:
        place = days.index(chosen)
        figure.add_vrect(x0=place - 0.5, x1=place + 0.5, fillcolor="rgba(123,132,148,.22)", line_width=0, layer="below")
    named = [f"{day:%a} {day.day}" for day in days] if len(days) <= 7 else names
    ticks = [n for n, day in enumerate(days) if day.weekday() == 0 or len(days) <= 7]
    figure.update_xaxes(
        showgrid=False, tickvals=ticks, ticktext=[named[n] for n in ticks], range=[-0.6, len(days) - 0.4]
    )
    most = max(int(table[[str(each) for each in _SHOWN]].sum(axis=1).max()), 4)
    figure.update_yaxes(showgrid=True, range=[0, most * 1.08], dtick=nice_step(most, 5))
    return figure


def _sentence(table: pd.DataFrame) -> str:
    counted = table[[str(each) for each in COUNTED]].sum(axis=1)
    if not counted.sum():
        return f"No private or inappropriate visit that counts, on any of {count(len(table), 'day')}."
    worst = short_day(date.fromisoformat(str(counted.idxmax())))
    days = count(int((counted > 0).sum()), "day")
    return f"{count(int(counted.sum()), 'counted visit')} on {days}, the most on {worst} ({int(counted.max())})."


def _words(table: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    said = table.rename(columns={str(each): LOOKS[each].word for each in LOOKS})
    said.insert(0, "Day", [short_day(day) for day in days])
    return said.reset_index(drop=True).rename_axis(None, axis=1)
