"""The dashboard's application: one school's pages on one Flask server.

Owns its assembly and the page it starts from. Promises: nothing answers without a session but the sign-in page and
the assets; no engine is opened in this process; nothing is fetched from outside; a store that is down is said on the
page, never a reason not to start.
"""

import os
import secrets
from pathlib import Path
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component
from flask import Flask

from analytics.governance import Governance
from analytics.store import open_store
from config.policy import load_policy
from config.settings import Settings
from config.state import StateFolder
from dashboard import notices, permit, report, router, shell, sign_in
from dashboard.guard import guard
from dashboard.pages import day, visit
from dashboard.school import School, keep_school
from dashboard.security import secure, style_nonce

_FOLDER = Path(__file__).parent
_INDEX = """<!DOCTYPE html>
<html lang="en-GB">
<head>
{%metas%}
<title>Fairgate</title>
<link id="style-nonce" nonce="{nonce}">
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<script src="/assets/style-nonce.js"></script>
<script src="/assets/early-look.js"></script>
{%css%}
</head>
<body>
{%app_entry%}
<footer hidden>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


class Pages(Dash):
    """Dash, starting from our own page: the response's nonce, and the scripts that must run first."""

    def interpolate_index(self, *args: Any, **parts: Any) -> str:
        """The start page of this response."""
        return str(super().interpolate_index(*args, **parts)).replace("{nonce}", style_nonce())  # type: ignore[no-untyped-call]


def create_app(settings: Settings, state: StateFolder) -> Pages:
    """The application for the school in `state`. The store may be down.

    Raises:
        ConfigError: the policy or the governance database cannot be used.
    """
    here = School(
        settings=settings,
        state=state,
        governance=Governance(state.governance),
        store=open_store(settings, state),
        policy=load_policy(settings.policy),
    )
    return assemble(here)


def assemble(here: School) -> Pages:
    """The application over parts already opened."""
    server = _server(here)
    app = _pages(server)
    app.validation_layout = html.Div(_callback_places())  # type: ignore[assignment]
    app.layout = shell.frame
    for part in (shell, router, day, visit):
        part.register(app)
    secure(server, list(app.csp_hashes()), here.settings.dashboard.behind_https)
    guard(server)
    server.register_blueprint(sign_in.pages)
    server.register_blueprint(report.pages)
    server.register_blueprint(permit.pages)
    server.register_blueprint(notices.pages)
    return app


def _server(here: School) -> Flask:
    server = Flask("dashboard", static_folder=None, template_folder=str(_FOLDER / "templates"))
    keep_school(server.extensions, here)
    server.config.update(
        SECRET_KEY=_secret(here.state.dashboard / "form-secret"),
        SESSION_COOKIE_NAME="fairgate_form",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=here.settings.dashboard.behind_https,
        MAX_CONTENT_LENGTH=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    return server


def _pages(server: Flask) -> Pages:
    return Pages(
        "dashboard",
        server=server,  # type: ignore[arg-type]
        assets_folder=str(_FOLDER / "assets"),
        assets_ignore=r"(style-nonce|early-look)\.js|.*\.svg",
        index_string=_INDEX,
        title="Fairgate",
        update_title="",
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        add_log_handler=False,
        enable_mcp=False,
        serve_locally=True,
    )


def _callback_places() -> list[Component]:
    """Every place a callback speaks of: Dash checks callbacks against these, since the real frame needs a viewer."""
    places = ("page", "status", "sections", "title-done", "visit-detail")
    return [
        dcc.Location(id="address"),
        dcc.Store(id="title"),
        dcc.Interval(id="pulse"),
        html.Button(id="look-toggle"),
        dmc.MantineProvider(id="look"),
        dmc.Drawer(id="visit-drawer"),
        dmc.DatePickerInput(id="day-picker"),
        dag.AgGrid(id="visits"),
        *(html.Div(id=place) for place in places),
    ]


def _secret(path: Path) -> str:
    """The key that signs form tokens, made at the first start; 0600."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(fresh := secrets.token_urlsafe(32))
    return fresh
