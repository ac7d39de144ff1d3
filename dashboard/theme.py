"""How a visit's standing looks, everywhere: one colour, one pattern, one mark and one word each, never colour alone.

Owns the palette and the bare look of figures. Colours are mid-tones with at least 3:1 against both the light and the
dark page; text and rules of a figure take their colour from the style sheet, so one figure serves both.
"""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics.queries import Standing


@dataclass(frozen=True, slots=True)
class Look:
    """`pattern` fills bars, `mark` is a scatter symbol, `sign` stands in text."""

    word: str
    colour: str
    pattern: str
    mark: str
    sign: str


LOOKS = {
    Standing.UNLAWFUL: Look("Possibly unlawful", "#9d1c5c", "+", "star", "★"),
    Standing.INAPPROPRIATE: Look("Inappropriate", "#d0483f", "x", "diamond", "◆"),
    Standing.PRIVATE: Look("Private", "#b9740e", "/", "square", "■"),
    Standing.BREAK: Look("Private, in a break", "#8f8a2c", "|", "square-open", "□"),
    Standing.PERMITTED: Look("Permitted", "#2f8f6b", ".", "circle-open", "○"),
    Standing.UNSURE: Look("Not sure who", "#7b8494", "\\", "hexagon-open", "⬡"),
    Standing.UNKNOWN: Look("Not judged", "#7b8494", "-", "triangle-up-open", "△"),
    Standing.WORK: Look("Work", "#4a7cc0", "", "circle", "●"),
    Standing.INFRASTRUCTURE: Look("Technical", "#7b8494", "", "cross", "+"),
}
"""In order of concern."""
COUNTED = (Standing.UNLAWFUL, Standing.INAPPROPRIATE, Standing.PRIVATE)
APART = (Standing.BREAK, Standing.PERMITTED)
"""Private use that is shown apart and never counted against anyone."""


def bar_fill(standing: Standing) -> dict[str, object]:
    """Colour and pattern of a bar."""
    look = LOOKS[standing]
    pattern = {"shape": look.pattern, "bgcolor": look.colour, "fgcolor": "rgba(255,255,255,.5)", "size": 7}
    return {"color": look.colour, "pattern": pattern, "line": {"width": 0}}


def present(among: tuple[Standing, ...], columns: Any) -> tuple[Standing, ...]:
    """Those of `among` with anything in them; what is unlawful has no empty place kept for it."""
    return tuple(each for each in among if each is not Standing.UNLAWFUL or int(columns[str(each)].sum()))


def nice_step(most: int, steps: int) -> int:
    """A round distance between the ticks of an axis that reaches `most`."""
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if most / step <= steps)


def bare_figure(height: int, **layout: Any) -> go.Figure:
    """An empty figure in the house look: transparent, system font, thin rules, no ornament."""
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13},
        hoverlabel={"align": "left", "font": {"size": 13}},
        showlegend=False,
        dragmode=False,
    )
    figure.update_xaxes(automargin=True, showgrid=True, gridwidth=1, zeroline=False, fixedrange=True)
    figure.update_yaxes(automargin=True, showgrid=False, zeroline=False, fixedrange=True)
    figure.update_layout(**layout)
    return figure
