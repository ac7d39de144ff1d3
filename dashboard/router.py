"""From an address to a page.

Owns the list of pages and who they serve. Dash's own `use_pages` is not used: its registry is one for the whole
process, and it hands whatever stands in an address to the page as arguments. Addresses hold opaque ids and ranges of
days, never a name or a site.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from dash import Dash, Input, Output
from dash.development.base_component import Component

from analytics.governance import Role
from config.errors import AccessDenied, StoreError
from dashboard.guard import DECIDERS, EVERYONE, READERS, WATCHERS, refuse_unless, serves, viewer
from dashboard.pages import coverage, notices, overview, passed_through, permissions, person
from dashboard.panels import empty, not_permitted, page_top, store_down
from dashboard.shell import sections

_log = structlog.get_logger("fairgate.dashboard")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: `subject` is the opaque id behind the page's path, if it has one."""

    path: str
    subject: str
    wanted: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `title` stands in the browser's history, so it names nobody."""

    title: str
    roles: tuple[Role, ...]
    build: Callable[[str, Mapping[str, str]], list[Component]]


_PAGES = {
    "/": Page("Who needs attention", READERS, overview.build),
    "/person": Page("One person", READERS, person.build),
    "/permissions": Page("Permissions", EVERYONE, permissions.build),
    "/notices": Page("Notices", DECIDERS, notices.build),
    "/coverage": Page("Coverage", WATCHERS, coverage.build),
    "/passed-through": Page("Passed through", WATCHERS, passed_through.build),
}
_HOME = dict.fromkeys(Role, "/permissions") | dict.fromkeys(READERS, "/") | {Role.TECHNICIAN: "/coverage"}


def asked(path: str | None, search: str | None) -> Asked:
    """An address taken apart; anything may stand in one."""
    parts = [part for part in (path or "/").split("/") if part]
    wanted = dict(parse_qsl((search or "").lstrip("?")[:500]))
    if len(parts) == 2 and parts[0] == "person":
        return Asked("/person", parts[1][:64], wanted)
    return Asked("/" + "/".join(parts), "", wanted)


def register(app: Dash) -> None:
    """The one callback that builds pages."""

    @app.callback(
        Output("page", "children"),
        Output("title", "data"),
        Output("sections", "children"),
        Input("address", "pathname"),
        Input("address", "search"),
    )
    @serves(*EVERYONE)
    def page(path: str | None, search: str | None) -> tuple[list[Component], str, list[Component]]:
        role = viewer().role
        want = asked(path, search)
        if want.path == "/":
            want = Asked(_HOME[role], "", want.wanted)
        found = _PAGES.get(want.path)
        title = f"{found.title if found else 'No such page'} – Fairgate"
        return _built(found, want), title, sections(role, want.path)


def _built(found: Page | None, want: Asked) -> list[Component]:
    if found is None:
        return [page_top("No such page", ""), empty("There is nothing at this address", "Choose a page above.")]
    try:
        refuse_unless(found.roles, f"page {found.title}")
        return found.build(want.subject, want.wanted)
    except AccessDenied as refused:
        return [page_top(found.title, ""), not_permitted(str(refused))]
    except StoreError as fault:
        _log.warning("store_failed", page=found.title, fault=str(fault))
        return [page_top(found.title, ""), store_down()]
