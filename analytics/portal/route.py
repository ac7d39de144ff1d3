"""A page of the portal: where it is, who answers, and over which port.

Owns what all of them share. Promises: what is not marked `plain` is never answered without TLS; nothing that was asked
for stands in a log, not even where it made a page fail; a failed page says so in a sentence and shows no inner word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog
from tornado.web import RequestHandler

from analytics.sources.source import Identity

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

log = structlog.get_logger("fairgate.identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`pattern` is a regular expression for the whole path."""

    pattern: str
    handler: type["Answering"]
    plain: bool = False
    """Answered over plain HTTP too. Nothing there may ask for a password."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the handler's `initialize` is given besides `identity`."""


class Answering(RequestHandler):
    """Answers one request. `content_security_policy` may be loosened by a page that needs it."""

    content_security_policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    identity: Identity

    def initialize(self, identity: Identity) -> None:
        self.identity = identity

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", self.content_security_policy)
        for name, value in HEADERS.items():
            self.set_header(name, value)

    @property
    def client_ip(self) -> str:
        """Where the request came from, as the socket has it; no header is believed."""
        return str(self.request.remote_ip)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{HTTPStatus(status_code).phrase}.\n")

    def log_exception(self, kind: Any, fault: Any, at: Any) -> None:
        if getattr(fault, "status_code", 500) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("portal_page_failed", page=type(self).__name__, fault=getattr(kind, "__name__", "unknown"))
