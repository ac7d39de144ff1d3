"""The stand-in: in a demonstration only, and under the site's own name."""

import pytest
from mitmproxy.connection import Client, Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import tflow

from config.errors import ConfigError
from proxy_addons.stand_in import StandIn


def connect(stand_in: StandIn, host: str, port: int, *, tls: bool = False) -> ServerConnectionHookData:
    client = Client(peername=("10.0.0.1", 5), sockname=("10.0.0.2", 8080))
    data = ServerConnectionHookData(client=client, server=Server(address=(host, port)))
    data.server.tls = tls
    stand_in.server_connect(data)
    return data


def test_it_is_refused_outside_a_demonstration() -> None:
    with pytest.raises(ConfigError, match="this is not a demonstration"):
        StandIn("127.0.0.1:8443", demonstration=False)


@pytest.mark.parametrize("address", ["", "8443", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:65535"])
def test_an_address_without_host_and_port_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="allowed: host:port"):
        StandIn(address, demonstration=True)


@pytest.mark.parametrize(
    ("port", "tls", "to"), [(443, False, 9000), (80, False, 9001), (8443, True, 9000), (8081, False, 9001)]
)
def test_tls_goes_to_its_port_and_plain_http_to_the_next(port: int, tls: bool, to: int) -> None:
    data = connect(StandIn("127.0.0.1:9000", demonstration=True), "www.example.org", port, tls=tls)
    assert data.server.address == ("127.0.0.1", to)


def test_the_sites_name_is_kept() -> None:
    assert (
        connect(StandIn("127.0.0.1:9000", demonstration=True), "www.example.org", 443).server.sni == "www.example.org"
    )


def test_an_unusual_port_asked_for_by_connect_is_taken_for_tls() -> None:
    stand_in = StandIn("127.0.0.1:9000", demonstration=True)
    flow = tflow.tflow()
    stand_in.http_connect(flow)
    data = ServerConnectionHookData(client=flow.client_conn, server=Server(address=("www.example.org", 8443)))
    stand_in.server_connect(data)
    assert data.server.address == ("127.0.0.1", 9000)


def test_once_connected_the_connection_is_known_by_the_address_asked_for() -> None:
    stand_in = StandIn("127.0.0.1:9000", demonstration=True)
    data = connect(stand_in, "www.example.org", 443)
    stand_in.server_connected(data)
    assert data.server.address == ("www.example.org", 443)
