"""Requests with two readings: killed, or brought to one."""

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.test import tflow

from proxy_addons.one_reading import OneReading
from proxy_addons.tally import Tally


def asked(host: str, *fields: tuple[bytes, bytes], authority: str = "") -> HTTPFlow:
    """A request to an explicit proxy for http://host/."""
    flow = tflow.tflow()
    flow.client_conn.tls = False
    flow.request.data.host, flow.request.data.port = host, 80
    flow.request.data.scheme, flow.request.data.authority = b"http", authority.encode()
    flow.request.headers.fields = fields
    OneReading(Tally()).requestheaders(flow)
    return flow


@pytest.mark.parametrize(
    "fields",
    [
        ((b"Host", b"a.example"), (b"host", b"b.example")),
        ((b"Host", b"a.example"), (b"Host", b"a.example")),
        ((b"Host", b"a.example"), (b"Transfer-Encoding", b"chunked\x0b")),
        ((b"Host", b"a.example"), (b"Content-Length", b"5\xff")),
    ],
)
def test_what_can_be_read_in_two_ways_is_killed(fields: tuple[tuple[bytes, bytes], ...]) -> None:
    assert asked("a.example", *fields).error is not None


def test_a_host_other_than_the_authority_is_killed() -> None:
    assert asked("a.example", (b"host", b"b.example"), authority="a.example").error is not None
    assert asked("a.example", (b"host", b"A.example:80"), authority="a.example").error is None


def test_the_site_that_was_asked_of_the_proxy_is_the_one_named() -> None:
    flow = asked("a.example", (b"Host", b"b.example"))
    assert (flow.error, flow.request.headers["host"]) == (None, "a.example")


@pytest.mark.parametrize(("host", "named"), [("a.example", b"A.Example:80"), ("192.0.2.1", b"b.example")])
def test_the_same_site_written_otherwise_or_an_address_is_left_alone(host: str, named: bytes) -> None:
    assert asked(host, (b"Host", named)).request.headers["host"] == named.decode()
