"""What stands around every page: skip link, DEMO banner, school, navigation, who is signed in, status, footer.

Owns the frame and the status line. Promises: every page says up to when there is data, and says so at once where the
store does not answer or nothing is heard from the gateway.
"""

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from flask import has_request_context

from analytics.governance import Role, Viewer
from analytics.queries import LookPurpose, data_up_to
from config.errors import StoreError
from dashboard.aria import aria
from dashboard.guard import DECIDERS, EVERYONE, READERS, WATCHERS, maybe_viewer, reading, serves
from dashboard.moments import clock, london_day, moment_words, now_ms
from dashboard.panels import link, post_form
from dashboard.school import school

_REFRESH_MS = 30_000
_MISSED_BEATS = 3
_GATHERING = html.P("Gathering this page …", className="gathering", role="status")
_PAGES = {
    "/": ("Overview", READERS),
    "/permissions": ("Permissions", EVERYONE),
    "/notices": ("Notices", DECIDERS),
    "/coverage": ("Coverage", WATCHERS),
    "/passed-through": ("Passed through", WATCHERS),
}


def frame() -> dmc.MantineProvider | html.Div:
    """The frame for the viewer of this request; nothing at all where there is none."""
    asking = maybe_viewer() if has_request_context() else None
    return dmc.MantineProvider(_parts(asking), id="look", **_LOOK) if asking else html.Div()


_LOOK: dict[str, Any] = {
    "forceColorScheme": "light",
    "theme": {
        "fontFamily": 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif',
        "primaryColor": "blue",
        "respectReducedMotion": True,
    },
}


def _parts(asking: Viewer) -> list[Component]:
    return [
        dcc.Location(id="address", refresh="callback-nav"),
        dcc.Store(id="title"),
        dcc.Interval(id="pulse", interval=_REFRESH_MS),
        html.Div(id="title-done", hidden=True),
        html.A("Skip to the content", href="#page", className="skip"),
        *_demonstration(),
        _masthead(asking),
        html.Div(id="status", className="status", role="status"),
        html.Main(html.Div(_GATHERING, id="page", className="wide", tabIndex=-1), **aria(busy="false")),
        dmc.Drawer(
            html.Div(id="visit-detail", className="detail"),
            id="visit-drawer",
            title="Visit",
            position="right",
            size="lg",
            closeButtonProps={"aria-label": "Close"},
        ),
        _footer(),
    ]


def _demonstration() -> list[Component]:
    if not school().demonstration:
        return []
    rest = " · invented people and visits; nothing here is evidence"
    return [html.P([html.Strong("DEMONSTRATION"), rest], className="demo")]


def _masthead(asking: Viewer) -> html.Header:
    name = html.Span(["Fairgate", html.Small(school().settings.school_name)])
    emblem = html.Img(src="/assets/favicon.svg", alt="")
    parts = [
        html.Div([emblem, name], className="brand"),
        html.Nav(id="sections", **aria(label="Pages")),
        _who(asking),
    ]
    return html.Header(html.Div(parts, className="wide"), className="masthead")


def _who(asking: Viewer) -> html.Div:
    toggle = html.Button(
        "◐",
        id="look-toggle",
        type="button",
        className="button small square",
        title="Dark page",
        **aria(label="Dark page", pressed="false"),
    )
    leave = post_form("/sign-out", html.Button("Sign out", type="submit", className="button small"))
    name = html.Span([asking.name, html.Small(asking.role.label)], className="name")
    return html.Div([name, toggle, leave], className="who")


def _footer() -> html.Footer:
    lines = (
        "Private use that was permitted, or fell in a break, is never counted. Not judged is never misuse.",
        "Every look at a person is on record.",
    )
    return html.Footer(html.Div([html.Span(line) for line in lines], className="wide"), className="foot")


def sections(role: Role, path: str) -> list[Component]:
    """The navigation for a role; `path` is where it stands."""
    return [
        link(words, address, current=address == path) for address, (words, roles) in _PAGES.items() if role in roles
    ]


def register(app: Dash) -> None:
    """The frame's callbacks."""

    @app.callback(Output("status", "children"), Output("status", "className"), Input("pulse", "n_intervals"))
    @serves(*EVERYONE)
    def status(_beat: int | None) -> tuple[Component, str]:
        trouble, said = _state_of_things()
        return html.Div([html.P(line) for line in said], className="wide"), "status trouble" if trouble else "status"

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("fairgate", "look"),
        Output("look", "forceColorScheme"),
        Output("look-toggle", "aria-pressed"),
        Input("look-toggle", "n_clicks"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("fairgate", "title"), Output("title-done", "children"), Input("title", "data")
    )


def _state_of_things() -> tuple[bool, list[str]]:
    """Whether something is wrong, and what the status line says."""
    now = now_ms()
    try:
        newest = data_up_to(reading(LookPurpose.COVERAGE))
    except StoreError:
        return True, [
            f"The store is not answering (looked at {clock(now)}).",
            "The gateway goes on recording; what it records meanwhile will appear here later.",
        ]
    if not newest:
        return False, ["No data yet: the gateway has not recorded anything."]
    when = moment_words(newest, london_day(now))
    if now - newest > _silence_ms():
        return True, [f"Nothing has been heard from the gateway since {when}. Later visits may be missing."]
    return False, [f"Data up to {when}"]


def _silence_ms() -> int:
    """How long the gateway may be silent: as the policy says, but never less than three of its heartbeats."""
    here = school()
    beats = _MISSED_BEATS * here.settings.gateway.heartbeat_seconds * 1000
    return max(here.policy.thresholds["stale_data_minutes"].value * 60_000, beats)
