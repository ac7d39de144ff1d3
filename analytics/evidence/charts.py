"""Charts for the printed report, as SVG: no library, no script, good in black and white.

Promises: series differ by pattern as well as shade; text uses the report's own font; every chart has a sentence that
says what it shows (`alt`), which the report also prints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 680
_PLOT: Final = (40, 20, 8, 40)
"""Room around the plot: left, top, right, bottom."""
_HEIGHT: Final = 210
_FONT: Final = 'font-family="Libertinus Serif" font-size="11"'
_PATTERNS: Final = """<defs>
<pattern id="hatched" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="5" height="5" fill="#ffffff"/><rect width="2.4" height="5" fill="#3a3a3a"/></pattern></defs>"""


@dataclass(frozen=True, slots=True)
class Series:
    """One stacked part of every bar. `fill` is an SVG paint."""

    title: str
    fill: str
    values: Sequence[int]


SOLID: Final = "#111111"
HATCHED: Final = "url(#hatched)"
OPEN: Final = "#ffffff"


def stacked_bars(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    """Bars, one a label, each stacked of the series from the bottom up."""
    left, top, right, bottom = _PLOT
    wide, high = WIDTH - left - right, _HEIGHT - top - bottom
    totals = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    step = scale_step(max(totals, default=0))
    largest = step * max(-(-max(totals, default=0) // step), 1)
    parts = [_grid(step, largest, left, top, wide, high, unit)]
    slot = wide / max(len(labels), 1)
    for at, label in enumerate(labels):
        x, base = left + at * slot, float(top + high)
        for each in series:
            tall = high * each.values[at] / largest
            base -= tall
            if tall:
                parts.append(_bar(x + slot * 0.18, base, slot * 0.64, tall, each.fill))
        if label:
            parts.append(_text(x + slot / 2, top + high + 14, label, "middle"))
    return _svg("".join(parts) + _legend(series, left))


def scale_step(largest: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 ... that reaches `largest` in at most five steps."""
    step = 1
    while step * 5 < largest:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def _grid(step: int, largest: int, left: int, top: int, wide: int, high: int, unit: str) -> str:
    lines = []
    for value in range(0, largest + 1, step):
        y = top + high - high * value / largest
        shade = "#111111" if value == 0 else "#bbbbbb"
        lines.append(f'<path d="M{left} {y:.1f}H{left + wide}" stroke="{shade}" stroke-width="0.7"/>')
        lines.append(_text(left - 5, y + 3.5, str(value), "end"))
    lines.append(_text(left, 12, unit, "start"))
    return "".join(lines)


def _bar(x: float, y: float, wide: float, tall: float, fill: str) -> str:
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{tall:.2f}" fill="{fill}" '
        'stroke="#111111" stroke-width="0.8"/>'
    )


def _legend(series: Sequence[Series], left: int) -> str:
    parts, x = [], float(left)
    for each in series:
        parts.append(_bar(x, _HEIGHT - 14, 14, 9, each.fill))
        parts.append(_text(x + 19, _HEIGHT - 6, each.title, "start"))
        x += 40 + 5.4 * len(each.title)
    return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_FONT} fill="#111111">{escape(words)}</text>'


def _svg(body: str) -> str:
    size = f'width="{WIDTH}" height="{_HEIGHT}" viewBox="0 0 {WIDTH} {_HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{_PATTERNS}{body}</svg>'


def in_words(labels: Sequence[str], totals: Mapping[str, int], slot: str = "day") -> str:
    """The sentence beside a chart: how many in all, in how many slots, and which was the largest."""
    busy = {label: totals[label] for label in labels if totals[label]}
    if not busy:
        return "No such visits were recorded in this period."
    peak = max(busy, key=lambda label: busy[label])
    visits, slots = sum(busy.values()), len(labels)
    return (
        f"{visits} visit{'s' * (visits != 1)} on {len(busy)} of {slots} {slot}{'s' * (slots != 1)}; "
        f"the most on {peak}: {busy[peak]}."
    )
