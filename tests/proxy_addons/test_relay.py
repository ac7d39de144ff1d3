"""Bytes of what goes through unopened are counted, and nothing else of it."""

from mitmproxy.connection import Client, Server
from mitmproxy.options import Options
from mitmproxy.proxy import events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import tcp
from mitmproxy.proxy.layers.tcp import TCPLayer

from proxy_addons import relay
from proxy_addons.relay import CountedRelay
from tests.proxy_addons.pipeline import client_at


def a_context() -> Context:
    context = Context(client_at("127.0.0.1"), Options())
    context.server = Server(address=("192.0.2.7", 443))
    context.server.timestamp_start = 1.0
    return context


def pass_on(layer: TCPLayer, connection: Client | Server, data: bytes) -> None:
    list(layer.handle_event(events.DataReceived(connection, data)))


def test_both_ways_are_counted_from_when_it_was_asked_for() -> None:
    context = a_context()
    relayed = relay.watch(context.client.id)
    layer = CountedRelay(context, ignore=True)
    list(layer.handle_event(events.Start()))
    pass_on(layer, context.client, b"hello")
    pass_on(layer, context.server, b"x" * 70_000)
    pass_on(layer, context.client, b"more")
    assert (relayed.up, relayed.down) == (9, 70_000)
    relay.ended(context.client.id)
    assert relay._watched == {}


def test_what_nobody_watches_is_relayed_uncounted() -> None:
    context = a_context()
    layer = CountedRelay(context, ignore=True)
    list(layer.handle_event(events.Start()))
    (sent,) = layer.handle_event(events.DataReceived(context.client, b"hello"))
    assert getattr(sent, "data", b"") == b"hello"


def test_it_takes_the_place_of_mitmproxys_own() -> None:
    own = tcp.TCPLayer
    try:
        relay.count_relayed()
        assert tcp.TCPLayer is CountedRelay
    finally:
        tcp.TCPLayer = own  # type: ignore[misc]
