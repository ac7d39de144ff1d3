"""What one person was permitted in a range of days, and what was permitted only later."""

from datetime import date

from dash import html
from dash.development.base_component import Component

from analytics.governance.permissions import Granted
from analytics.queries import PersonSummary
from dashboard.moments import day_bounds_ms
from dashboard.pages.permission_entries import entries
from dashboard.permission_wording import (
    given_later_words,
    period_words,
    said_earlier_words,
    times_words,
    what_words,
)
from dashboard.school import school


def permissions_section(summary: PersonSummary, last: date) -> list[Component]:
    """The permissions of the range that ends with `last`; nothing where there was none."""
    if not summary.permissions:
        return []
    end = day_bounds_ms(last)[1]
    said = "Visits within these terms are shown as permitted. Visits before a permission stay as they were judged."
    return [entries("Permissions", said, [_entry(each, end) for each in summary.permissions])]


def _entry(granted: Granted, end_ms: int) -> html.Li:
    who = " (all staff)" if granted.person_id is None else ""
    what = what_words(granted.categories, granted.hosts, school().policy)
    times = f"{times_words(granted.windows)}. {period_words(granted.from_ms, granted.until_ms)}."
    lines = [html.P(times, className="line"), html.P(f"“{granted.reason}”", className="quote")]
    if note := _note(granted, end_ms):
        lines.append(html.P(note, className="line"))
    return html.Li(html.Div([html.H3(f"{what}{who}"), *lines]))


def _note(granted: Granted, end_ms: int) -> str:
    if granted.from_ms >= end_ms:
        return given_later_words(granted)
    words = said_earlier_words(granted) if granted.said_earlier else ""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
