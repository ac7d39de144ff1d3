"""Reading a flow: the site it names, and its path without the rest."""

import pytest
from mitmproxy.http import Headers
from mitmproxy.test import tflow

from analytics.identity import Register
from analytics.snapshot import Snapshot
from proxy_addons import seen
from tests.proxy_addons.pipeline import request

NOBODY = Register(Snapshot(school="oak", made_ms=1, people=(), devices=(), permissions=())).attribute(
    "10.0.0.1", None, 1
)


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a?b=c#d", "/a", "b=c"),
        (b"/a#b?c", "/a", ""),
        (b"", "", ""),
        (b"*", "*", ""),
        (b"/\xff?\xfe", "/\ufffd", "\ufffd"),
        (b"/a?b?c", "/a", "b?c"),
    ],
)
def test_a_target_is_split_into_path_and_query_without_its_fragment(target: bytes, path: str, query: str) -> None:
    assert seen.split_path(target) == (path, query)


@pytest.mark.parametrize(
    ("named", "sni", "sent_to", "host"),
    [
        (b"WWW.Example.org:8443", None, "192.0.2.7", "www.example.org"),
        (b"", "www.example.org", "192.0.2.7", "www.example.org"),
        (b"..", "www.example.org", "192.0.2.7", "www.example.org"),
        (b"a b", None, "192.0.2.7", "192.0.2.7"),
        (b"\xff\xfe", None, "", None),
    ],
)
def test_the_site_is_what_the_request_names_else_what_the_connection_does(
    named: bytes, sni: str | None, sent_to: str, host: str | None
) -> None:
    flow = request("https://x.example/")
    flow.request.data.host, flow.client_conn.sni = sent_to, sni
    assert seen.site_host(flow, {b"host": named}) == host


def test_header_names_are_read_in_lower_case_and_the_last_of_two_counts() -> None:
    headers = Headers([(b"A", b"1"), (b"a", b"2"), (b"B", b"\xff")])
    assert seen.header_values(headers) == {b"a": b"2", b"b": b"\xff"}


def test_a_flow_nobody_marked_is_not_to_be_recorded() -> None:
    flow = tflow.tflow()
    assert seen.of(flow) is None
    seen.forget(flow)
    assert seen.of(flow) is None


def test_every_other_name_of_a_request_is_read() -> None:
    flow = request("https://x.example/", {"Host": "ignored"})
    flow.request.headers = Headers([(b"Host", b"A.example"), (b"host", b"b.example"), (b"X", b"y.example")])
    flow.request.data.authority, flow.request.data.host = b"C.example:443", "d.example"
    flow.client_conn.sni, flow.server_conn.address = "e.example", ("f.example", 443)
    known = seen.Seen(NOBODY, 1, {}, "a.example", "/", "")
    assert seen.other_hosts(flow, known) == {f"{letter}.example" for letter in "bcdef"}


def test_a_request_with_one_name_has_no_other() -> None:
    flow = request("https://x.example/")
    assert seen.other_hosts(flow, seen.Seen(NOBODY, 1, {}, "x.example", "/", "")) == frozenset()
