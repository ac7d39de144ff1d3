"""Notices: who was told, how, and who is outstanding since when. For whoever sees to it that everybody is told."""

from collections.abc import Mapping

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analytics.queries import LookPurpose, NoticeRegister, NoticeRow, notice_register
from dashboard.aria import aria
from dashboard.chart import plain_table
from dashboard.guard import reading
from dashboard.moments import london_day, now_ms, short_date
from dashboard.panels import empty, page_top
from dashboard.wording import PERSON_TYPES, TOLD, count, words

RECORD, IMPORT = "/notices/record", "/notices/import"
_DAY_MS = 86_400_000


def build(_subject: str, wanted: Mapping[str, str]) -> list[Component]:
    """The page for the viewer."""
    register = notice_register(reading(LookPurpose.DECISION))
    controls = [
        html.A("Import a list", href=IMPORT, className="button"),
        html.A("Record who was told", href=RECORD, className="button main"),
    ]
    under = "Nothing is recorded of anybody before they were told. To be told is not to consent."
    parts = [page_top("Notices", under, html.Div(controls, className="actions")), *_done(wanted.get("done"))]
    if not register.notice_version:
        return [*parts, empty("No notice is in force yet", "The technician puts it in force: fairgate publish.")]
    return [*parts, html.P(_lead(register), className="lead"), *_outstanding(register), *_told(register)]


def _done(number: str | None) -> list[Component]:
    if not number or not number.isdecimal() or len(number) > 5:
        return []
    said = f"Recorded: {count(int(number), 'person', 'people')} told. The gateway has been handed it."
    return [html.P(said, className="done", role="status")]


def _lead(register: NoticeRegister) -> str:
    waiting = sum(row.outstanding_ms > 0 for row in register.rows)
    notice = f"the notice in force, which holds since {short_date(register.in_force_ms)}"
    if not waiting:
        return f"Everybody has been told of {notice}."
    return f"{count(waiting, 'person', 'people')} of {len(register.rows)} not yet told of {notice}."


def _outstanding(register: NoticeRegister) -> list[Component]:
    rows = [row for row in register.rows if row.outstanding_ms]
    if not rows:
        return []
    table = pd.DataFrame(
        {
            "Name": [row.name for row in rows],
            "Who": [words(PERSON_TYPES, row.person_type) for row in rows],
            "Outstanding since": [_since(row) for row in rows],
            "Told before": [_before(row) for row in rows],
            "Recorded": ["Yes, under the earlier notice" if row.state == "earlier" else "No" for row in rows],
        }
    )
    said = "The longest outstanding first. They are shown the notice at their computers until they have answered it."
    return [_section("Outstanding", said, table)]


def _told(register: NoticeRegister) -> list[Component]:
    rows = sorted((row for row in register.rows if row.state == "told"), key=lambda row: row.name.casefold())
    if not rows:
        return []
    table = pd.DataFrame(
        {
            "Name": [row.name for row in rows],
            "Who": [words(PERSON_TYPES, row.person_type) for row in rows],
            "Told": [short_date(row.told_ms - 1) for row in rows],
            "How": [words(TOLD, row.how) for row in rows],
            "Last reminded": [short_date(row.last_ms - 1) if row.last_ms > row.told_ms else "" for row in rows],
        }
    )
    return [_section("Told", "By name. Reminders come once a term.", table)]


def _since(row: NoticeRow) -> str:
    days = max(0, (london_day(now_ms()) - london_day(row.outstanding_ms)).days)
    return f"{short_date(row.outstanding_ms)} ({count(days, 'day') if days else 'today'})"


def _before(row: NoticeRow) -> str:
    return f"{short_date(row.told_ms - 1)}, {words(TOLD, row.how)}" if row.told_ms else "Never"


def _section(title: str, said: str, table: pd.DataFrame) -> html.Section:
    scroll = html.Div(plain_table(table, title), className="scroll", tabIndex=0, role="region", **aria(label=title))
    return html.Section([html.H2(title), html.P(said, className="says"), scroll], className="card")
