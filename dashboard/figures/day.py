"""One person's day as a line of time: every visit a mark in its standing's lane, with hours and gaps behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from analytics.queries import Standing
from dashboard.chart import Chart
from dashboard.moments import clock, day_bounds_ms, london_day, range_words, wall
from dashboard.theme import LOOKS, bare_figure
from dashboard.wording import count, listed

TITLE = "The day, visit by visit"
LANES = (Standing.INAPPROPRIATE, Standing.PRIVATE, Standing.BREAK, Standing.PERMITTED, Standing.UNKNOWN, Standing.WORK)
"""Always shown; the others only where they hold something."""
_HOUR_MS = 3_600_000
_BANDS = {"contracted": "rgba(74,124,192,.15)", "break": "rgba(185,116,14,.14)", "gap": "rgba(123,132,148,.38)"}


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch behind the marks: `what` is contracted, break or gap."""

    from_ms: int
    to_ms: int
    what: str


def day_chart(visits: pd.DataFrame, bands: Sequence[Band]) -> Chart:
    """`visits`: start_ms, host, standing, lower_s, upper_s; one row a visit of one London day, by time."""
    return Chart("day", TITLE, _figure(visits, bands), _sentence(visits, bands), _words(visits))


def _figure(visits: pd.DataFrame, bands: Sequence[Band]) -> go.Figure:
    lanes = [each for each in LOOKS if each in LANES or (visits["standing"] == str(each)).any()]
    figure = bare_figure(70 + 36 * len(lanes), margin={"l": 8, "r": 8, "t": 22, "b": 8})
    for band in bands:
        figure.add_vrect(
            x0=wall(band.from_ms), x1=wall(band.to_ms), fillcolor=_BANDS[band.what], line_width=0, layer="below"
        )
        if band.what == "gap":
            middle = wall((band.from_ms + band.to_ms) // 2)
            figure.add_annotation(x=middle, y=1, yref="paper", yanchor="bottom", text="not recorded", showarrow=False)
    for each in lanes:
        _add_lane(figure, visits[visits["standing"] == str(each)], each)
    order = [_lane(each) for each in reversed(lanes)]
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=order, range=[-0.6, len(order) - 0.4])
    figure.update_xaxes(type="date", range=_reach(visits, bands), tickformat="%H:%M", nticks=14)
    return figure


def _lane(each: Standing) -> str:
    return f"{LOOKS[each].word} {LOOKS[each].sign} "


def _add_lane(figure: go.Figure, visits: pd.DataFrame, each: Standing) -> None:
    look, lane = LOOKS[each], _lane(each)
    spans: list[object] = []
    for start, upper in zip(visits["start_ms"], visits["upper_s"], strict=True):
        spans += [wall(int(start)), wall(int(start) + int(upper) * 1000), None]
    line = {"width": 6, "color": look.colour}
    figure.add_scatter(x=spans, y=[lane] * len(spans), mode="lines", line=line, opacity=0.3, hoverinfo="skip")
    figure.add_scatter(
        # A lane without a visit still keeps its place, by a mark without a time.
        x=[*(wall(int(start)) for start in visits["start_ms"]), None],
        y=[lane] * (len(visits) + 1),
        mode="markers",
        name=look.word,
        marker={"symbol": look.mark, "size": 10, "color": look.colour, "line": {"width": 2, "color": look.colour}},
        customdata=[*(_hover(row) for row in visits.to_dict("records")), ""],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _hover(row: dict[object, object]) -> str:
    length = range_words(int(str(row["lower_s"])), int(str(row["upper_s"])))
    return f"<b>{clock(int(str(row['start_ms'])))}</b> {row['host']}<br>{length}"


def _reach(visits: pd.DataFrame, bands: Sequence[Band]) -> list[object]:
    """Whole hours around everything but the gaps; a day with nothing but gaps is shown whole."""
    hours = [band for band in bands if band.what != "gap"]
    if not hours and not len(visits):
        return [wall(ms) for ms in day_bounds_ms(london_day(bands[0].from_ms))] if bands else [wall(0), wall(_HOUR_MS)]
    starts = [*(int(ms) for ms in visits["start_ms"]), *(band.from_ms for band in hours)]
    ends = [int(start) + int(upper) * 1000 for start, upper in zip(visits["start_ms"], visits["upper_s"], strict=True)]
    ends += [band.to_ms for band in hours]
    first, last = min(starts) // _HOUR_MS * _HOUR_MS, -(-max(ends) // _HOUR_MS) * _HOUR_MS
    return [wall(first - _HOUR_MS // 4), wall(last + _HOUR_MS // 4)]


def _sentence(visits: pd.DataFrame, bands: Sequence[Band]) -> str:
    if not len(visits):
        return "No visit was recorded on this day." + _gap_words(bands)
    tally = visits["standing"].value_counts()
    parts = [f"{int(tally[str(each)])} {LOOKS[each].word.lower()}" for each in LOOKS if str(each) in tally]
    first, last = clock(int(visits["start_ms"].min())), clock(int(visits["start_ms"].max()))
    between = f"between {first} and {last}" if first != last else f"at {first}"
    return f"{count(len(visits), 'visit')} {between}: {listed(parts)}.{_gap_words(bands)}"


def _gap_words(bands: Sequence[Band]) -> str:
    gaps = [f"{clock(band.from_ms)} to {clock(band.to_ms)}" for band in bands if band.what == "gap"]
    return f" Not recorded: {listed(gaps)}." if gaps else ""


def _words(visits: pd.DataFrame) -> pd.DataFrame:
    lengths = zip(visits["lower_s"], visits["upper_s"], strict=True)
    return pd.DataFrame(
        {
            "Time": [clock(int(ms)) for ms in visits["start_ms"]],
            "Site": list(visits["host"]),
            "Judged": [LOOKS[Standing(value)].word for value in visits["standing"]],
            "How long": [range_words(int(lower), int(upper)) for lower, upper in lengths],
        }
    )
