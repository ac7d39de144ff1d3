"""Kinds: read off a flow when its answer begins, remembered for each client apart."""

from pathlib import Path

import pytest

from analytics.event import Kind
from analytics.snapshot import DeviceClass
from proxy_addons import kinds, seen
from tests.proxy_addons.pipeline import CHROME, NOW, OPENED, PULLED_IN, Pipeline, answer, client_at, only, request
from tests.proxy_addons.running_gateway import device

FETCHED = {"User-Agent": CHROME, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def test_a_typed_address_is_a_navigation(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    event = only(pipeline.events)
    assert (event.kind, event.kind_reason, event.kind_confidence) == (Kind.NAVIGATION, "typed_or_clicked", 95)


def test_a_redirect_is_one_and_where_it_leads_is_the_navigation(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://bit.ly/x", OPENED), answer(301, Location="https://www.amazon.co.uk/y"))
    later = {**OPENED, "Sec-Fetch-User": ""}
    pipeline.exchange(request("https://www.amazon.co.uk/y", later, at=NOW + 1), answer())
    assert [event.kind_reason for event in pipeline.events] == ["forwarded", "reached_by_redirect"]


def test_the_kind_is_known_before_a_long_answer_ends(pipeline: Pipeline) -> None:
    page = request("https://www.amazon.co.uk/", OPENED)
    pipeline.call("requestheaders", page)
    page.response = answer()
    pipeline.call("responseheaders", page)
    script = {**FETCHED, "Referer": "https://www.amazon.co.uk/"}
    pipeline.exchange(request("https://www.amazon.co.uk/api", script, at=NOW + 1), answer(kind="application/json"))
    assert only(pipeline.events).kind_reason == "page_script"


def test_two_people_behind_one_address_have_two_memories(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, devices=(device(DeviceClass.STAFF, "p-anne"),))
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    script = {**FETCHED, "Referer": "https://www.amazon.co.uk/"}
    other = client_at("10.0.0.8", tls=True)
    flow = request("https://www.amazon.co.uk/api", script, client=other, at=NOW + 1)
    pipeline.exchange(flow, answer())
    assert len(pipeline.events) == 1, "nobody is known at the other address"
    pipeline.exchange(request("https://www.amazon.co.uk/api", script, at=NOW + 1), answer())
    assert pipeline.events[-1].kind is Kind.SUBRESOURCE


def test_a_page_that_asked_is_named_by_its_host_alone(pipeline: Pipeline) -> None:
    referer = {"Referer": "https://www.amazon.co.uk/gp/secret?x=1"}
    pipeline.exchange(request("https://static.widgets.example/w.js", {**PULLED_IN, **referer}), answer())
    event = only(pipeline.events)
    assert event.initiator_host == "www.amazon.co.uk"
    assert "secret" not in str(event)


@pytest.mark.parametrize("referer", ["http://[::1", "://", "https://\udcff/", "javascript:x"])
def test_a_malformed_referer_names_nothing(pipeline: Pipeline, referer: str) -> None:
    pipeline.exchange(request("https://www.amazon.co.uk/w.js", {**PULLED_IN, "Referer": referer}), answer())
    assert (only(pipeline.events).initiator_host, pipeline.tally.hook_errors) == ("", 0)


def test_clients_are_remembered_up_to_a_limit(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "CLIENTS", 2)
    addon = next(addon for addon in pipeline.addons if isinstance(addon, kinds.Kinds))
    for last in range(5):
        flow = request("https://www.amazon.co.uk/", OPENED)
        pipeline.call("requestheaders", flow)
        known = seen.of(flow)
        assert known is not None
        flow.client_conn.peername = (f"10.0.0.{last}", 1)
        addon.error(flow)
        assert known.kind is not None
    assert len(addon._recent) == 2
