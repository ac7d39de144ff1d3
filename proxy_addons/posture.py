"""How mitmproxy must stand for this gateway: its options, set in one place.

Owns every option that differs from mitmproxy's default, with the reason. Promises: upstream certificates are always
verified; no body is kept; a setting of ours wins over mitmproxy's own configuration files.
"""

from pathlib import Path
from typing import Any, Final

import certifi
import structlog
from cryptography import x509
from mitmproxy import ctx
from mitmproxy.addonmanager import Loader
from mitmproxy.certs import CertStore

from analytics.durable import write_whole
from config.errors import ConfigError
from config.settings import GatewaySettings
from config.state import StateFolder

STREAMED_FROM: Final = 64 * 1024
"""Bodies of more bytes than this pass through in pieces and are never whole in memory."""
CERTIFICATES_KEPT: Final = 5_000
"""mitmproxy's 100 is fewer than one staff room's sites, and each eviction rebuilds its table."""
log = structlog.get_logger("fairgate.gateway")

TRUST_FILE: Final = "upstream-trust.pem"


def listening(settings: GatewaySettings) -> dict[str, Any]:
    """mitmproxy options that say where and how it listens."""
    return {"mode": [settings.mode], "listen_host": settings.listen_host, "listen_port": settings.listen_port}


def options(settings: GatewaySettings, state: StateFolder) -> dict[str, Any]:
    """mitmproxy options that say how it treats traffic."""
    return {
        "confdir": str(state.ca),
        # mitmproxy refuses clients with public addresses by default, which is every client on IPv6;
        # who may reach the port is the firewall's business.
        "block_global": False,
        "http3": False,
        # Frames pass as they are: mitmproxy would keep each message until it is whole, however long, unread.
        "websocket": False,
        "ssl_insecure": False,
        "stream_large_bodies": str(STREAMED_FROM),
        "store_streamed_bodies": False,
        "show_ignored_hosts": False,
        # Eagerly, mitmproxy opens a redirected connection before any layer of ours stands: round the filter.
        "connection_strategy": "lazy" if settings.upstream.proxy else "eager",
        "ssl_verify_upstream_trusted_ca": trusted(settings, state),
    }


def trusted(settings: GatewaySettings, state: StateFolder) -> str | None:
    """The file of authorities to trust upstream; None for the public ones alone.

    Further authorities are added to the public ones, not put in their place: OpenSSL takes one file.

    Raises:
        ConfigError: the file with the further ones cannot be read, or holds none.
    """
    if settings.upstream_ca is None:
        return None
    together = state.gateway / TRUST_FILE
    bundle = _public_authorities() + b"\n" + _further_authorities(settings.upstream_ca)
    # Workers that start side by side find what the first one wrote.
    if not together.exists() or together.read_bytes() != bundle:
        write_whole(together, bundle)
    return str(together)


def _further_authorities(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        x509.load_pem_x509_certificates(data)
    except OSError as fault:
        raise ConfigError(f"gateway.upstream_ca: {path} cannot be read ({fault.strerror}).") from fault
    except ValueError as fault:
        raise ConfigError(f"gateway.upstream_ca: {path} holds no PEM certificate.") from fault
    return data


def _public_authorities() -> bytes:
    return Path(certifi.where()).read_bytes()


class Posture:
    """The addon that sets the options, whichever `Master` runs."""

    def __init__(self, settings: GatewaySettings, state: StateFolder) -> None:
        self._options, self._mode = options(settings, state), [settings.mode]
        # Set here and not at import: another mitmproxy in the process keeps its own habits.
        CertStore.STORE_CAP = CERTIFICATES_KEPT

    def load(self, loader: Loader) -> None:
        # Options of addons that are not loaded (block_global under the lean master) are not known, nor needed.
        ctx.options.update_known(**self._options)

    def running(self) -> None:
        # mitmdump opens its port before it loads a script, so there the command line decided; sign-in hangs on it.
        if ctx.options.mode != self._mode:
            log.error("gateway_refused", why="mitmdump runs in another mode than gateway.mode says", mode=self._mode)
            ctx.master.shutdown()
