"""Reading a flow: the site it names, and its path without the rest."""

import pytest
from mitmproxy.http import Headers
from mitmproxy.test import tflow

from proxy_addons import seen
from tests.proxy_addons.pipeline import request


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
