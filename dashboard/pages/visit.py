"""One visit: everything known of it, and what the page pulled in by itself. Opened from the day's table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from analytics.queries import LookPurpose, person_visits, visit_exchanges
from analytics.queries.permissions import given_later
from dashboard.chart import plain_table
from dashboard.guard import READERS, reading, serves
from dashboard.moments import london_day
from dashboard.school import school
from dashboard.visit_wording import visit_facts
from dashboard.wording import KINDS, count, words

_GONE = "This visit is no longer held."


def register(app: Dash) -> None:
    """The drawer that a chosen row opens. Of the row only its id is taken, and access is decided anew."""

    @app.callback(
        Output("visit-detail", "children"),
        Output("visit-drawer", "opened"),
        Input("visits", "selectedRows"),
        State("address", "pathname"),
        prevent_initial_call=True,
    )
    @serves(*READERS)
    def visit_detail(selected: list[dict[str, Any]] | None, path: str) -> tuple[list[Component], bool]:
        if not selected:
            return [], False
        return _detail(path.rstrip("/").rsplit("/", 1)[-1], str(selected[0].get("visit_id", ""))), True


def _detail(subject: str, visit_id: str) -> list[Component]:
    door = reading(LookPurpose.WEEKLY_REVIEW)
    exchanges = visit_exchanges(door, subject, visit_id)
    chosen = exchanges[exchanges["event_id"] == visit_id]
    if not len(chosen):
        return [html.P(_GONE)]
    visits = person_visits(door, subject, london_day(int(chosen["ts_ms"].iloc[0])))
    rows = visits[visits["visit_id"] == visit_id].to_dict("records")
    if not rows:
        return [html.P(_GONE)]
    return [_facts(rows[0], subject), *_pulled_in(exchanges[exchanges["event_id"] != visit_id])]


def _facts(visit: Mapping[Any, Any], subject: str) -> html.Dl:
    later = given_later(school().governance.permissions.of(subject), visit)
    facts = visit_facts(visit, school().policy, later)
    return html.Dl([part for name, said in facts for part in (html.Dt(name), html.Dd(said))])


def _pulled_in(others: pd.DataFrame) -> list[Component]:
    heading = html.H3("What the page pulled in by itself")
    if not len(others):
        return [heading, html.P("Nothing was recorded.", className="muted")]
    by_site = others.groupby(["host", "kind"], sort=False).size().reset_index(name="times")
    table = pd.DataFrame(
        {
            "Site": list(by_site["host"]),
            "What": [words(KINDS, kind) for kind in by_site["kind"]],
            "Times": list(by_site["times"]),
        }
    )
    said = f"{count(len(others), 'request')} that nobody chose. None of them counts as a visit."
    return [heading, html.P(said, className="says"), html.Div(plain_table(table, "Pulled in"), className="scroll")]
