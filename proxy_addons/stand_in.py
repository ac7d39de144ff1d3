"""The demonstration's shortcut: every site is answered by the stand-in web server on this machine.

Owns where a connection really goes in a demonstration. Promises: it is refused outside a demonstration, and there no
connection leaves for the site's own address; names (SNI, Host) stay what the browser asked for.
The stand-in serves TLS on the port it is named with, and plain HTTP on the next.
"""

from typing import Final

from mitmproxy.connection import Server
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from config.errors import ConfigError
from config.host_name import is_address

PLAIN_PORT: Final = 80
TLS_PORT: Final = 443


class StandIn:
    """Sends every upstream connection to `address` ("host:port")."""

    def __init__(self, address: str, *, demonstration: bool, portal: tuple[int, ...] = ()) -> None:
        """`portal` are the ports of `fairgate identity`, which answers for itself.

        Raises:
            ConfigError: this is no demonstration, or `address` is not host:port.
        """
        if not demonstration:
            raise ConfigError(
                "gateway.stand_in is set, and this is not a demonstration: every site would be answered by a stand-in. "
                "Take stand_in out of fairgate.toml."
            )
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65535:
            raise ConfigError(f"gateway.stand_in: found {address!r}; allowed: host:port, such as 127.0.0.1:8443.")
        self._host, self._port, self._portal = host, int(port), portal
        self._tunnels: set[str] = set()
        self._asked: dict[str, tuple[str, int]] = {}

    def http_connect(self, flow: HTTPFlow) -> None:
        # mitmproxy connects before it knows whether TLS will follow; after CONNECT it nearly always does.
        self._tunnels.add(flow.client_conn.id)

    def client_disconnected(self, client: object) -> None:
        self._tunnels.discard(getattr(client, "id", ""))

    def server_connect(self, data: ServerConnectionHookData) -> None:
        server = data.server
        if server.address is None or server.address[0] == self._host or server.address[1] in self._portal:
            return
        if server.sni is None and data.client.sni is None and not is_address(server.address[0]):
            server.sni = server.address[0]
        self._asked[server.id] = server.address
        plain = not self._tls(data)
        server.address = (self._host, self._port + plain)

    def server_connected(self, data: ServerConnectionHookData) -> None:
        self._give_back(data.server)

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        self._give_back(data.server)

    def _tls(self, data: ServerConnectionHookData) -> bool:
        port = data.server.address[1] if data.server.address else TLS_PORT
        if port in (PLAIN_PORT, TLS_PORT):
            return port == TLS_PORT
        return data.server.tls or data.client.id in self._tunnels

    def _give_back(self, server: Server) -> None:
        # mitmproxy finds a connection to use again by the address that was asked for.
        if asked := self._asked.pop(server.id, None):
            object.__setattr__(server, "address", asked)
