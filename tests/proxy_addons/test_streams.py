"""Streams: what is large or endless passes in pieces, counted; nothing stays."""

from pathlib import Path

import pytest
from mitmproxy.test import tflow

from proxy_addons.streams import Streams
from proxy_addons.tally import Tally
from tests.proxy_addons.pipeline import Pipeline, answer, only, request


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def begun(pipeline: Pipeline, status: int = 200, *, method: str = "GET", **headers: str | None) -> object:
    """The stream of an answer whose headers have just come."""
    flow = request("https://www.amazon.co.uk/", method=method)
    pipeline.call("requestheaders", flow)
    flow.response = answer(status)
    for name, value in headers.items():
        if value is None:
            del flow.response.headers[name.replace("_", "-")]
    pipeline.call("responseheaders", flow)
    return flow.response.stream


def test_a_small_answer_is_not_streamed(pipeline: Pipeline) -> None:
    assert begun(pipeline) is False


def test_an_answer_of_unsaid_length_is_streamed(pipeline: Pipeline) -> None:
    assert callable(begun(pipeline, content_length=None))


@pytest.mark.parametrize(("status", "method"), [(204, "GET"), (304, "GET"), (101, "GET"), (200, "HEAD")])
def test_an_answer_that_has_no_body_is_not(pipeline: Pipeline, status: int, method: str) -> None:
    assert begun(pipeline, status, method=method, content_length=None) is False


def test_streamed_pieces_pass_unchanged_and_are_counted(pipeline: Pipeline) -> None:
    flow = request("https://www.amazon.co.uk/", method="POST")
    flow.request.stream = True
    pipeline.call("requestheaders", flow)
    sent = flow.request.stream
    assert callable(sent)
    assert [sent(b"abc"), sent(b"")] == [b"abc", b""]
    flow.response = answer()
    flow.response.stream = True
    pipeline.call("responseheaders", flow)
    received = flow.response.stream
    assert callable(received)
    assert received(b"12345") == b"12345"
    flow.response.raw_content = None
    flow.request.raw_content = None
    pipeline.call("response", flow)
    event = only(pipeline.events)
    assert (event.bytes_up, event.bytes_down) == (3, 5)


def test_an_upload_of_unsaid_length_is_streamed(pipeline: Pipeline) -> None:
    flow = request("https://www.amazon.co.uk/", method="POST")
    del flow.request.headers["content-length"]
    pipeline.call("requestheaders", flow)
    assert callable(flow.request.stream)


def test_messages_are_let_go_once_sent_on() -> None:
    addon = Streams(Tally())
    raw = tflow.ttcpflow()
    addon.tcp_message(raw)
    assert (raw.messages, addon.tally.hook_errors) == ([], 0)
