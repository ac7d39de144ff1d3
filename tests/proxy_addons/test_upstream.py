"""The filter as a named proxy: everything goes to it, and only it is told the client; its pages are harmless."""

import asyncio
import socket

import pytest
from mitmproxy.connection import Server
from mitmproxy.http import HTTPFlow
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.layers import TCPLayer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from config.settings import UpstreamSettings
from proxy_addons.tally import Tally
from proxy_addons.through_filter import NO_ANSWER, REFUSED, Refusal, ThroughFilter
from proxy_addons.upstream import Upstream, answers
from tests.proxy_addons.local_web import free_port
from tests.proxy_addons.pipeline import client_at, request

PROXY = "http://filter.school:3128"


def upstream(forward: str = "x_forwarded_for") -> Upstream:
    return Upstream(UpstreamSettings.model_validate({"proxy": PROXY, "forward": forward}), Tally())


def refused_with(refusal: Refusal, **headers: str) -> HTTPFlow:
    """A request on a connection whose tunnel was refused so."""
    addon, flow = upstream(), request("https://www.amazon.co.uk/", headers)
    addon.refused(Context(flow.client_conn, Options()), flow.server_conn, refusal)
    addon.requestheaders(flow)
    return flow


def test_a_connection_that_came_by_the_layer_goes_to_the_filter_and_keeps_its_name() -> None:
    addon, data = upstream(), ServerConnectionHookData(Server(address=("www.amazon.co.uk", 443)), client_at("10.1.2.3"))
    addon.expect(data.server)
    addon.server_connect(data)
    assert (data.server.error, tuple(data.server.address or ())) == (None, ("filter.school", 3128))
    addon.server_connected(data)
    assert data.server.address == ("www.amazon.co.uk", 443)


def test_any_other_connection_is_not_made_at_all() -> None:
    addon, data = upstream(), ServerConnectionHookData(Server(address=("www.amazon.co.uk", 443)), client_at("10.1.2.3"))
    addon.server_connect(data)
    assert data.server.error


def test_connections_to_the_filter_do_not_wait_for_each_other() -> None:
    addon, addresses = upstream(), []
    for _ in range(2):
        data = ServerConnectionHookData(Server(address=("www.amazon.co.uk", 443)), client_at("10.1.2.3"))
        addon.expect(data.server)
        addon.server_connect(data)
        addresses.append(data.server.address)
    assert len(set(addresses)) == 2


def test_the_layer_stands_under_mitmproxys_mode_once() -> None:
    addon, context = upstream(), Context(client_at("10.1.2.3"), Options())
    first = NextLayer(context)
    addon.next_layer(first)
    assert first.layer is None, "mitmproxy has not decided yet"
    first.layer = TCPLayer(context)
    addon.next_layer(first)
    assert isinstance(first.layer, ThroughFilter)
    second = NextLayer(context)
    chosen = second.layer = TCPLayer(context)
    addon.next_layer(second)
    assert second.layer is chosen


@pytest.mark.parametrize(
    ("url", "host", "asked"),
    [
        ("http://www.argos.co.uk/a?b", "www.argos.co.uk", "www.argos.co.uk"),
        ("http://www.argos.co.uk:8080/", "www.argos.co.uk", "www.argos.co.uk:8080"),
        ("http://203.0.113.7/", "www.argos.co.uk", "www.argos.co.uk"),
        ("http://203.0.113.7/", "", "203.0.113.7"),
        ("http://[fd00::1]/", "", "[fd00::1]"),
        ("http://www.argos.co.uk/", "elsewhere.uk", "www.argos.co.uk"),
    ],
)
def test_in_the_clear_the_filter_is_asked_for_the_whole_address(url: str, host: str, asked: str) -> None:
    flow = request(url, client=client_at("::ffff:10.1.2.3"))
    flow.request.headers["Host"] = host
    upstream().requestheaders(flow)
    assert flow.request.authority == asked
    assert flow.request.headers["X-Forwarded-For"] == "10.1.2.3"


@pytest.mark.parametrize("forward", ["none", "proxy_protocol", "proxy_protocol_v2"])
def test_a_header_says_nothing_where_another_way_is_set(forward: str) -> None:
    addon, flow = upstream(forward), request("http://www.argos.co.uk/")
    addon.requestheaders(flow)
    assert "X-Forwarded-For" not in flow.request.headers
    context = Context(client_at("127.0.0.1"), Options())
    assert addon.connect_headers(context) == []
    assert bool(addon.preface(context)) is forward.startswith("proxy_protocol")


def test_inside_a_decrypted_connection_nothing_is_told() -> None:
    flow = request("https://www.amazon.co.uk/")
    before = flow.request.headers.fields
    upstream().requestheaders(flow)
    assert flow.request.headers.fields is before
    assert flow.response is None


def test_the_filters_page_can_do_nothing_on_the_site_it_stands_in_for() -> None:
    flow = refused_with(Refusal(403, "text/html", b"<script>steal()</script>Blocked"))
    assert flow.response is not None
    assert (flow.response.status_code, flow.response.content) == (403, b"<script>steal()</script>Blocked")
    assert flow.response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert {name.lower() for name in flow.response.headers} == {
        *{"content-type", "content-security-policy", "x-content-type-options", "cache-control", "content-length"}
    }


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refusal(302, "text/html", b"moved"), 403),
        (Refusal(403, "application/octet-stream", b"x"), 403),
        (Refusal(451, "text/html", b""), 451),
    ],
)
def test_where_there_is_no_page_to_show_the_refusal_is_said(refusal: Refusal, status: int) -> None:
    flow = refused_with(refusal)
    assert flow.response is not None
    assert (flow.response.status_code, flow.response.text) == (status, REFUSED)


def test_an_upload_under_way_is_left_to_mitmproxys_own_page() -> None:
    assert refused_with(Refusal(403, "text/html", b"No"), **{"Transfer-Encoding": "chunked"}).response is None


def test_a_filter_that_did_not_answer_is_asked_again_for_the_next_page() -> None:
    flow, addon = request("https://www.amazon.co.uk/"), upstream()
    flow.server_conn.error = NO_ANSWER
    addon.requestheaders(flow)
    assert flow.server_conn.error == NO_ANSWER, "this one is told at once, without waiting again"
    addon.error(flow)
    assert flow.server_conn.error is None


def test_refusals_are_forgotten_with_the_client() -> None:
    addon, flow = upstream(), request("https://www.amazon.co.uk/")
    addon.refused(Context(flow.client_conn, Options()), flow.server_conn, Refusal(403, "text/html", b"No"))
    addon.client_disconnected(flow.client_conn)
    addon.requestheaders(flow)
    assert flow.response is None


def test_whether_the_filter_answers_is_found_by_asking_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert asyncio.run(answers(("127.0.0.1", listening.getsockname()[1])))
    assert not asyncio.run(answers(("127.0.0.1", free_port())))
    assert not asyncio.run(answers(("no.such.name.invalid", 3128)))
