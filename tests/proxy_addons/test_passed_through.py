"""Opaque connections: one event, by host alone."""

import time
from pathlib import Path

import pytest
from mitmproxy.tcp import TCPFlow, TCPMessage
from mitmproxy.test import tflow

from analytics.event import Kind, NotInspected
from analytics.records import decode, encode
from analytics.snapshot import DeviceClass
from proxy_addons.passed_through import HELD_MS
from tests.proxy_addons.pipeline import Pipeline, client_at, only
from tests.proxy_addons.running_gateway import device


def raw_to(host: str) -> TCPFlow:
    flow = tflow.ttcpflow(client_conn=client_at("127.0.0.1"))
    flow.server_conn.address = None
    flow.server_conn.state = flow.server_conn.state.CLOSED
    flow.server_conn.address = (host, 8443)
    return flow


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def test_a_raw_connection_is_one_event(pipeline: Pipeline) -> None:
    flow = raw_to("www.amazon.co.uk")
    pipeline.passed_through.tcp_start(flow)
    assert pipeline.events == []
    for from_client, content in ((True, b"abc"), (False, b"defgh")):
        flow.messages.append(TCPMessage(from_client, content))
        pipeline.call("tcp_message", flow)
    pipeline.call("client_disconnected", flow.client_conn)
    event = only(pipeline.events)
    assert (event.host, event.port, event.scheme, event.not_inspected) == (
        "www.amazon.co.uk",
        8443,
        "tcp",
        NotInspected.OPAQUE,
    )
    assert (event.kind, event.kind_confidence, event.kind_reason) == (Kind.BACKGROUND, 0, "not_decrypted")
    assert (event.method, event.path, event.status, event.bytes_up, event.bytes_down) == ("", "", 0, 3, 5)
    assert decode(encode(event)) == event


def test_one_that_still_goes_on_at_a_stop_is_recorded_then(pipeline: Pipeline) -> None:
    flow = raw_to("www.amazon.co.uk")
    pipeline.passed_through.tcp_start(flow)
    pipeline.passed_through.done()
    pipeline.call("client_disconnected", flow.client_conn)
    assert only(pipeline.events).host == "www.amazon.co.uk"


def test_one_that_goes_on_and_on_is_recorded_after_ten_minutes_and_once(pipeline: Pipeline) -> None:
    flow = raw_to("www.amazon.co.uk")
    pipeline.passed_through.tcp_start(flow)
    now = time.time_ns() // 1_000_000
    pipeline.passed_through.record_held(now + HELD_MS - 5_000)
    assert pipeline.events == []
    pipeline.passed_through.record_held(now + HELD_MS + 5_000)
    pipeline.call("client_disconnected", flow.client_conn)
    pipeline.passed_through.done()
    assert only(pipeline.events).host == "www.amazon.co.uk"


def test_to_a_shielded_site_it_is_only_counted(pipeline: Pipeline) -> None:
    pipeline.passed_through.tcp_start(raw_to("www.samaritans.org"))
    assert pipeline.spool.records == []
    assert [count for _, count in pipeline.tally.take_all_shielded()] == [1]


def test_of_somebody_not_told_it_is_only_counted(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, devices=(device(DeviceClass.STAFF, "p-una"),))
    pipeline.passed_through.tcp_start(raw_to("www.amazon.co.uk"))
    assert (pipeline.spool.records, pipeline.tally.untold) == ([], 1)
