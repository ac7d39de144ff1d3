"""What the browser is told to refuse, and which requests are refused at once.

Owns the response headers and the cross-site check. Promises: scripts come from this server only, none inline but
the one Dash starts with (by hash), no eval; style elements carry a nonce of this response; nothing is framed,
nothing is loaded from outside, nothing is kept by caches; a POST from another site never reaches a callback.
Style attributes stay allowed: plotly draws its text with them, and they load nothing under this policy.
"""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

_STEADY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def style_nonce() -> str:
    """This response's nonce, made at first use."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(18)
    return str(g.style_nonce)


def secure(server: Flask, script_hashes: list[str], behind_https: bool) -> None:
    """Put the headers on every response of `server`, and refuse what other sites send."""

    @server.before_request
    def refuse_other_sites() -> None:
        if request.method not in ("GET", "HEAD") and not _same_site():
            abort(403, "This came from another site and was refused.")

    @server.after_request
    def headers(response: Response) -> Response:
        response.headers.update(_STEADY)
        response.headers["Content-Security-Policy"] = _policy(script_hashes)
        if not request.path.startswith(("/assets/", "/_dash-component-suites/")):
            response.headers["Cache-Control"] = "no-store"
        if behind_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def _policy(script_hashes: list[str]) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *script_hashes)),
            f"style-src 'self' 'nonce-{style_nonce()}'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _same_site() -> bool:
    """Browsers state one or the other on every POST; whatever states neither is no browser page of ours."""
    fetch_site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return False
    if origin is not None:
        return urlsplit(origin).netloc == request.host
    return fetch_site is not None
