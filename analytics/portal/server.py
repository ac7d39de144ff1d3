"""The portal's server: one process, two ports.

Owns the listening sockets and their limits. Promises: a plain port for what needs no secret, a TLS port for everything;
the TLS port opens as soon as there is a certificate authority; nothing of a request reaches a log; what is too large or
too slow is cut off.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from tornado.httpserver import HTTPServer
from tornado.web import Application

from analytics.portal.certificate import Certificates
from analytics.portal.route import Answering, Route
from analytics.sources.source import Identity
from config.errors import FairgateError

AUTHORITY_SECONDS: Final = 1.0
"""How often is looked for an authority that the gateway did not make yet."""
LIMITS: Final[dict[str, Any]] = {
    "max_header_size": 16_384,
    "max_body_size": 65_536,
    "body_timeout": 20.0,
    "idle_connection_timeout": 30.0,
}

log = structlog.get_logger("fairgate.identity")

type Contributor = Callable[[Identity], Sequence[Route]]


class PortalServer:
    """Answers with the routes of every contributor, until it is cancelled."""

    def __init__(self, identity: Identity, contributors: Sequence[Contributor]) -> None:
        self._identity = identity
        self._routes = [route for contributed in contributors for route in contributed(identity)]

    async def run(self) -> None:
        for name in ("tornado.access", "tornado.application", "tornado.general"):
            logging.getLogger(name).disabled = True  # they name addresses
        settings = self._identity.settings.identity
        plain = HTTPServer(self._application([route for route in self._routes if route.plain]), **LIMITS)
        open_servers = [plain]
        try:
            plain.listen(settings.portal_port, settings.listen_host)
            certificates = await self._certificates()
            secure = HTTPServer(self._application(self._routes), ssl_options=certificates.context(), **LIMITS)
            open_servers.append(secure)
            secure.listen(settings.portal_tls_port, settings.listen_host)
            log.info("portal_ready")
            await asyncio.Event().wait()
        finally:
            for server in open_servers:
                server.stop()
                await server.close_all_connections()

    def _application(self, routes: Sequence[Route]) -> Application:
        return Application(
            [(route.pattern, route.handler, {"identity": self._identity, **route.given}) for route in routes],
            default_handler_class=_Nothing,
            default_handler_args={"identity": self._identity},
            log_function=lambda _: None,
        )

    async def _certificates(self) -> Certificates:
        waited = False
        while True:
            try:
                return Certificates(
                    self._identity.state.ca / "mitmproxy-ca.pem", self._identity.settings.identity.portal_name
                )
            except FairgateError:
                if not waited:
                    log.warning("portal_waits_for_authority")
                waited = True
                await asyncio.sleep(AUTHORITY_SECONDS)


class _Nothing(Answering):
    """There is no such page."""

    def prepare(self) -> None:
        self.send_error(404)
