"""Was it recording: one row a day, recorded stretches solid, gaps hatched."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from dashboard.chart import Chart
from dashboard.moments import clock, day_bounds_ms, london_day, short_day
from dashboard.theme import bare_figure
from dashboard.wording import count

TITLE = "Was it recording?"
_LOOKS: dict[str, dict[str, object]] = {
    "recording": {"color": "#4a7cc0"},
    "gap": {"color": "#d0483f", "pattern": {"shape": "/", "bgcolor": "#d0483f", "fgcolor": "#ffffff"}},
}
_LEAST_HOURS = 0.1
"""A gap of a second is still drawn wide enough to be seen."""


def recording_chart(stretches: pd.DataFrame, gaps: pd.DataFrame, days: Sequence[date]) -> Chart:
    """`stretches`: from_ms, to_ms of recording; `gaps`: from_ms, to_ms, sentence, count. Cut at midnights here."""
    pieces = {"recording": _pieces(stretches, days), "gap": _pieces(gaps, days)}
    return Chart("recording", TITLE, _figure(pieces, days), _sentence(pieces, gaps, days), gap_table(gaps))


def _pieces(stretches: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    """day, start and length in hours since midnight, for each part of a stretch inside one of `days`."""
    rows = [piece for day in days for piece in _in_day(stretches, day)]
    return pd.DataFrame(rows, columns=["day", "start", "length"])


def _in_day(stretches: pd.DataFrame, day: date) -> Iterator[tuple[str, float, float]]:
    midnight, next_midnight = day_bounds_ms(day)
    for start, end in zip(stretches["from_ms"], stretches["to_ms"], strict=True):
        low, high = max(int(start), midnight), min(int(end), next_midnight)
        if low <= high and int(start) < next_midnight:
            yield short_day(day), (low - midnight) / 3_600_000, (high - low) / 3_600_000


def _figure(pieces: dict[str, pd.DataFrame], days: Sequence[date]) -> go.Figure:
    figure = bare_figure(48 + 24 * len(days), barmode="overlay", bargap=0.4)
    for what, look in _LOOKS.items():
        part = pieces[what]
        least = _LEAST_HOURS if what == "gap" else 0
        figure.add_bar(
            y=part["day"].tolist(),
            base=part["start"].tolist(),
            x=[max(length, least) for length in part["length"]],
            orientation="h",
            marker=look,
            name=what,
            hoverinfo="skip",
        )
    order = [short_day(day) for day in days]
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=order,
        range=[len(order) - 0.5, -0.5],
        tickvals=order,
        ticklabelstandoff=6,
    )
    hours = list(range(0, 25, 3))
    figure.update_xaxes(
        range=[0, 24.1], tickvals=hours, ticktext=[f"{hour:02d}:00" for hour in hours], side="top", tickangle=0
    )
    return figure


def _sentence(pieces: dict[str, pd.DataFrame], gaps: pd.DataFrame, days: Sequence[date]) -> str:
    on = pieces["recording"]["day"].nunique()
    if not on:
        return "Nothing was recorded on these days."
    missing = f"{count(len(gaps), 'gap')} in it" if len(gaps) else "no gap is known"
    return f"It was recording on {on} of {count(len(days), 'day')}; {missing}."


def gap_table(gaps: pd.DataFrame) -> pd.DataFrame:
    """Gaps in words, newest first."""
    ordered = gaps.sort_values("from_ms", ascending=False)
    return pd.DataFrame(
        {
            "From": [_when(int(ms)) for ms in ordered["from_ms"]],
            "To": [_when(int(ms)) for ms in ordered["to_ms"]],
            "Why": list(ordered["sentence"]),
            "Records lost": [f"{int(lost):,}" if int(lost) else "not known" for lost in ordered["count"]],
        }
    )


def _when(ms: int) -> str:
    return f"{short_day(london_day(ms))}, {clock(ms)}"
