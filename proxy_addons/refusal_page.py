"""The page a person sees where a site could not be shown.

Owns the page, and that it stands in place of mitmproxy's own. Promises: it is whole and valid by itself (no script,
nothing fetched, readable by a screen reader, in the dark and on a phone); it says what happened and what to do in the
words of `refusals`, and that the message is about the connection and not about the person. Programs still get the HTTP
status that mitmproxy gives.
"""

import html
from typing import Any, Final

from mitmproxy import http
from mitmproxy.net.http import http1
from mitmproxy.proxy.layers.http import _http1, _http2

from proxy_addons.refusals import Refusal, refusal_for

_STYLE: Final = (
    ":root{color-scheme:light dark;--page:#f6f5f2;--card:#fff;--ink:#1d2330;--muted:#565d6b;--rule:#8a8f99}"
    "@media(prefers-color-scheme:dark){:root{--page:#14171d;--card:#1c2028;--ink:#e8eaf0;--muted:#a9b0be}}"
    "body{margin:0;background:var(--page);color:var(--ink);font:1.125rem/1.6 system-ui,sans-serif}"
    "main{max-width:38rem;margin:8vh auto;padding:1.5rem 2rem;background:var(--card);border:1px solid var(--rule);"
    "border-radius:.5rem}h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 1rem}"
    "h2{font-size:1.15rem;margin:1.5rem 0 0}"
    "ul{margin:.5rem 0;padding-left:1.25rem}p.from,footer{color:var(--muted);font-size:1rem}"
    "footer{margin-top:1.5rem;border-top:1px solid var(--rule);padding-top:.75rem}"
    "@media(max-width:44rem){main{margin:0;border:0;border-radius:0;min-height:100vh;box-sizing:border-box}}"
)


def page(refusal: Refusal, school_name: str) -> bytes:
    """The whole page, in UTF-8."""
    happened = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in refusal.happened)
    advice = (
        *refusal.do,
        f"If you need this site, tell the school’s technician which site it was, and quote “{refusal.quote}”.",
    )
    listed = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in advice)
    title, school = html.escape(refusal.title), html.escape(school_name)
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>'
        f'{title}</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><style>{_STYLE}</style></head><body><main>'
        f'<p class="from">{school}: a message from the school’s network</p><h1>{title}</h1>{happened}'
        f"<h2>What you can do</h2><ul>{listed}</ul>"
        "<footer>This message is about the connection to the site, not about you.</footer>"
        "</main></body></html>\n"
    ).encode()


def plain_refusals(school_name: str) -> None:
    """Show these pages in place of mitmproxy's own, for the whole process."""

    def format_error(status: int, message: str) -> bytes:
        return page(refusal_for(status, message), school_name)

    def make_error_response(status: int, message: str = "") -> bytes:
        headers = http.Headers(Connection="close", Content_Type="text/html; charset=utf-8", Cache_Control="no-store")
        raw: bytes = http1.assemble_response(http.Response.make(status, format_error(status, message), headers))
        return raw

    for module, name, ours in (
        (_http1, "format_error", format_error),
        (_http2, "format_error", format_error),
        (_http1, "make_error_response", make_error_response),
    ):
        _put(module, name, ours)


def _put(module: Any, name: str, ours: Any) -> None:
    # A mitmproxy that lost this seam would go on with its own page; the test of every fault says so.
    setattr(module, name, ours)
