"""What of an exchange becomes its event: least data, whatever the client sends."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mitmproxy.http import Headers, HTTPFlow

from analytics import records
from analytics.event import Kind, NotInspected, decode, encode
from proxy_addons import seen
from tests.proxy_addons.pipeline import NOW, OPENED, Pipeline, answer, client_at, only, request


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def test_an_answered_request_is_one_event(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.amazon.co.uk/gp/x?secret=1", OPENED), answer(body=b"12345"))
    event = only(pipeline.events)
    assert (event.method, event.scheme, event.host, event.port) == ("GET", "https", "www.amazon.co.uk", 443)
    assert (event.ts_ms, event.duration_ms, event.status, event.bytes_down) == (int(NOW * 1000), 250, 200, 5)
    assert (event.kind, event.not_inspected) == (Kind.NAVIGATION, NotInspected.INSPECTED)
    assert "secret" not in str(event)
    assert decode(encode(event)) == event


def test_a_request_that_is_never_answered_has_status_0(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED))
    event = only(pipeline.events)
    assert (event.status, event.content_type, event.bytes_down) == (0, "", 0)


def test_an_answer_that_breaks_off_keeps_its_status(pipeline: Pipeline) -> None:
    flow = request("https://www.amazon.co.uk/", OPENED)
    pipeline.call("requestheaders", flow)
    flow.response = answer(206)
    pipeline.call("responseheaders", flow)
    pipeline.call("error", flow)
    assert only(pipeline.events).status == 206


def test_an_exchange_is_recorded_once_even_if_it_ends_twice(pipeline: Pipeline) -> None:
    flow = pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    pipeline.call("error", flow)
    pipeline.call("response", flow)
    assert len(pipeline.events) == 1


def test_what_is_under_way_at_the_end_is_recorded(pipeline: Pipeline) -> None:
    pipeline.call("requestheaders", request("https://www.amazon.co.uk/", OPENED))
    assert pipeline.events == []
    pipeline.recorder.done()
    assert only(pipeline.events).status == 0
    pipeline.recorder.done()
    assert len(pipeline.events) == 1


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("Text/HTML; charset=utf-8", "text/html"), ("", ""), ("x" * 300, "x" * 100), ("té/x", "t??/x")],
)
def test_the_content_type_is_kept_without_parameters(pipeline: Pipeline, stated: str, kept: str) -> None:
    pipeline.exchange(request("https://www.amazon.co.uk/"), answer(kind=stated))
    assert only(pipeline.events).content_type.replace("??", "?") == kept.replace("??", "?")


def test_media_is_noted(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.bbc.co.uk/"), answer(kind="video/mp4"))
    assert only(pipeline.events).media


@pytest.mark.parametrize(
    ("method", "body", "headers", "upload"),
    [
        ("POST", b"x" * 20_000, {}, True),
        ("POST", b"x", {}, False),
        ("PUT", b"x", {"Content-Type": "multipart/form-data; boundary=x"}, True),
        ("GET", b"x" * 20_000, {}, False),
    ],
)
def test_an_upload_is_noted_by_its_size_or_form(
    pipeline: Pipeline, method: str, body: bytes, headers: dict[str, str], upload: bool
) -> None:
    pipeline.exchange(request("https://www.amazon.co.uk/", headers, method=method, body=body), answer())
    event = only(pipeline.events)
    assert (event.upload, event.bytes_up) == (upload, len(body))


def test_a_search_phrase_is_kept_of_the_search_alone_and_not_of_what_it_pulls_in(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.google.com/search?q=fractions+games&hl=en", OPENED), answer())
    pipeline.exchange(request("https://www.google.com/complete?q=fractions", {"Sec-Fetch-Dest": "empty"}), answer())
    assert [event.search_phrase for event in pipeline.events] == ["fractions games", ""]


def connect_failure(host: str, status: int = 502) -> HTTPFlow:
    flow = request(f"http://{host}/", method="CONNECT", client=client_at("127.0.0.1"))
    flow.request.host, flow.request.port = host, 443
    flow.response = answer(status)
    return flow


def test_a_tunnel_that_could_not_be_opened_is_recorded(pipeline: Pipeline) -> None:
    pipeline.call("http_connect_error", connect_failure("gone.amazon.co.uk"))
    event = only(pipeline.events)
    assert (event.host, event.port, event.status, event.kind_reason) == ("gone.amazon.co.uk", 443, 0, "no_answer")


def test_a_tunnel_refused_for_want_of_a_password_is_not(pipeline: Pipeline) -> None:
    pipeline.call("http_connect_error", connect_failure("www.amazon.co.uk", 407))
    assert pipeline.events == []


def test_a_tunnel_to_a_shielded_site_is_only_counted(pipeline: Pipeline) -> None:
    pipeline.call("http_connect_error", connect_failure("www.samaritans.org"))
    assert pipeline.events == []
    assert [count for _, count in pipeline.tally.take_all_shielded()] == [1]


def test_a_full_spool_never_reaches_the_traffic(pipeline: Pipeline) -> None:
    pipeline.spool.full = True
    flow = pipeline.exchange(request("https://www.amazon.co.uk/"), answer())
    assert flow.error is None
    assert (pipeline.spool.dropped, pipeline.tally.hook_errors) == (1, 0)


_BYTES = st.binary(max_size=60)
_NAMES = st.sampled_from(
    [
        *(b"Host", b"Referer", b"Origin", b"Content-Type", b"User-Agent", b"Sec-Fetch-Dest", b"Sec-Fetch-Mode"),
        *(b"Proxy-Authorization", b"Upgrade", b"Accept", b"Sec-Purpose", b"Content-Length", b"Transfer-Encoding"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    headers=st.lists(st.tuples(_NAMES | _BYTES, _BYTES | st.just(b"https://www.samaritans.org/x")), max_size=8),
    answered=st.lists(st.tuples(st.sampled_from([b"Content-Type", b"Location"]), _BYTES), max_size=3),
    path=_BYTES,
    method=_BYTES,
    authority=_BYTES,
    status=st.integers(0, 999),
)
def test_whatever_is_sent_no_hook_fails_and_every_event_can_be_kept(
    pipeline: Pipeline,
    headers: list[tuple[bytes, bytes]],
    answered: list[tuple[bytes, bytes]],
    path: bytes,
    method: bytes,
    authority: bytes,
    status: int,
) -> None:
    pipeline.spool.records.clear()
    flow = request("https://www.amazon.co.uk/")
    flow.request.headers = Headers(headers)
    flow.request.data.path, flow.request.data.method, flow.request.data.authority = path, method, authority
    made = answer()
    made.headers, made.status_code = Headers(answered), status
    pipeline.exchange(flow, made)
    assert pipeline.tally.hook_errors == 0
    for event in pipeline.events:
        assert records.decode(records.encode(event)) == event
        assert "samaritans" not in str(event)
    assert seen.of(flow) is None
