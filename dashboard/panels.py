"""Parts that every page is made of: links, its top, the range chooser, honest empty states, totals, legends.

Owns their markup. The four empty states are told apart: nothing yet, nothing in this range, the store or gateway
down, not permitted.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component
from flask_wtf.csrf import generate_csrf

from analytics.queries import Standing
from dashboard.aria import aria
from dashboard.theme import LOOKS

type Content = Component | str | Sequence[Component | str]


def link(words: Content, href: str, className: str = "", *, current: bool = False, label: str = "") -> Component:
    """A link inside the dashboard, followed without loading everything anew."""
    said: dict[str, Any] = {"aria-current": "page"} if current else {}
    if label:
        said["aria-label"] = label
    anchor: Component = dmc.Anchor(words, href=href, className=className, unstyled=True, refresh=False, **said)
    return anchor


def page_top(title: str, under: Content, *controls: Component) -> html.Div:
    """The page's one h1, the line below it, and controls to the right."""
    heading = html.Div([html.H1(title, tabIndex=-1), html.P(under, className="under")])
    return html.Div([heading, *controls], className="top")


def range_chooser(path: str, chosen: str, presets: Mapping[str, str]) -> html.Nav:
    """The ranges as links, so that Back and a copied address work."""
    items = [html.Li(link(words, f"{path}?range={key}", current=key == chosen)) for key, words in presets.items()]
    return html.Nav(html.Ul(items, className="chooser"), **aria(label="Range of days"))


def post_form(action: str, button: Component, *fields: Component, className: str = "") -> html.Form:
    """A form that is sent the plain way, with the token against forged posts."""
    token = hidden("csrf_token", generate_csrf())
    return html.Form([token, *fields, button], action=action, method="POST", className=className)


def hidden(name: str, value: str) -> Component:
    """A field nobody sees; Dash's html has no <input>, and dcc.Input is one with another name."""
    return dcc.Input(type="hidden", name=name, value=value)


def empty(title: str, *lines: Content) -> html.Section:
    """An empty state: what it is, and what to do."""
    return html.Section([html.H2(title), *(html.P(line) for line in lines)], className="card empty")


def store_down() -> html.Section:
    """The records cannot be read just now."""
    return empty(
        "The records cannot be read just now",
        "The store is not answering. Nothing is lost: the gateway keeps what it records until the store is back.",
        "Please tell the technician, and open this page again when the notice above has gone.",
    )


def not_permitted(why: str) -> html.Section:
    """The viewer may not see this."""
    return empty("Not permitted", why)


def totals(items: Iterable[tuple[str, str, str, str]]) -> html.Dl:
    """Headline figures: (class, name, big figure, line below)."""
    return html.Dl(
        [
            html.Div(
                [
                    html.Dt(name),
                    html.Dd(big, className="big" if big[:1].isdigit() and len(big) < 8 else "big text"),
                    html.Dd(below),
                ],
                className=kind,
            )
            for kind, name, big, below in items
        ],
        className="totals",
    )


def legend(shown: Iterable[Standing], *more: tuple[str, str]) -> html.Ul:
    """Which pattern means what; `more` adds (swatch class, words)."""
    pairs = [(str(each), LOOKS[each].word) for each in shown]
    items = [html.Li([html.Span(className=f"swatch {kind}"), words]) for kind, words in (*pairs, *more)]
    return html.Ul(items, className="legend")
