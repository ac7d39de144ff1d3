"""Sign-in at the proxy: right passwords remembered, wrong ones never, and nothing passed on."""

import asyncio
import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.http import HTTPFlow
from structlog.testing import capture_logs

from analytics.password_check import matches
from analytics.snapshot import DeviceClass, Person, Snapshot, write_snapshot
from proxy_addons import sign_in as module
from proxy_addons.sign_in import Credentials, parse_basic
from tests.proxy_addons.pipeline import Pipeline, client_at, request
from tests.proxy_addons.running_gateway import ANNE, BEN, PASSWORD, device


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def ask(pipeline: Pipeline, credentials: str | None, address: str = "10.0.0.9") -> HTTPFlow:
    headers = {} if credentials is None else {"Proxy-Authorization": credentials}
    flow = request("http://www.amazon.co.uk/", headers, client=client_at(address))
    pipeline.call("requestheaders", flow)
    return flow


def refused(flow: HTTPFlow) -> bool:
    return flow.response is not None and flow.response.status_code == 407


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def test_an_address_that_names_nobody_is_asked(pipeline: Pipeline) -> None:
    flow = ask(pipeline, None)
    assert refused(flow)
    assert flow.response is not None
    assert flow.response.headers["Proxy-Authenticate"].startswith("Basic realm=")
    assert "monitored" in (flow.response.text or "")


def test_an_address_that_names_somebody_is_not_asked(pipeline: Pipeline) -> None:
    assert not refused(ask(pipeline, None, "127.0.0.1"))


@pytest.mark.parametrize("device_class", [DeviceClass.PUPIL, DeviceClass.GUEST, DeviceClass.PERSONAL])
def test_devices_that_are_never_recorded_are_not_asked(tmp_path: Path, device_class: DeviceClass) -> None:
    assert not refused(ask(Pipeline(tmp_path, devices=(device(device_class),)), None, "127.0.0.1"))


def test_a_shared_device_is_asked(tmp_path: Path) -> None:
    assert refused(ask(Pipeline(tmp_path, devices=(device(DeviceClass.SHARED),)), None, "127.0.0.1"))


def test_a_right_password_signs_the_connection_in_and_is_taken_off(pipeline: Pipeline) -> None:
    flow = ask(pipeline, basic("anne", PASSWORD))
    assert not refused(flow)
    assert "proxy-authorization" not in flow.request.headers
    signed_in = pipeline.sign_in.of(flow.client_conn)
    assert signed_in is not None
    assert signed_in.person_id == "p-anne"
    pipeline.sign_in.client_disconnected(flow.client_conn)
    assert pipeline.sign_in.of(flow.client_conn) is None


@pytest.mark.parametrize(
    "credentials",
    [
        basic("anne", "wrong"),
        basic("nobody", PASSWORD),
        basic("", PASSWORD),
        basic("anne", ""),
        "Basic !!!",
        "Bearer x",
        "Basic",
        "",
        "Basic " + "A" * 5000,
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    ],
)
def test_anything_else_names_nobody_even_on_somebodys_device(pipeline: Pipeline, credentials: str) -> None:
    for address in ("10.0.0.9", "127.0.0.1"):
        flow = ask(pipeline, credentials, address)
        assert refused(flow)
        assert pipeline.sign_in.of(flow.client_conn) is None


def test_two_headers_at_once_are_refused(pipeline: Pipeline) -> None:
    flow = request("http://www.amazon.co.uk/", client=client_at("10.0.0.9"))
    flow.request.headers.fields += ((b"Proxy-Authorization", basic("anne", PASSWORD).encode()),) * 2
    pipeline.call("requestheaders", flow)
    assert refused(flow)
    assert "proxy-authorization" not in flow.request.headers


def test_a_wrong_password_ends_an_earlier_sign_in_on_the_connection(pipeline: Pipeline) -> None:
    first = ask(pipeline, basic("anne", PASSWORD))
    again = request("http://x.org/", {"Proxy-Authorization": basic("anne", "no")}, client=first.client_conn)
    pipeline.call("requestheaders", again)
    assert refused(again)
    assert pipeline.sign_in.of(first.client_conn) is None


def test_one_password_is_checked_once_and_makes_one_binding(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    plain = matches

    def noted(person: Person | None, password: str) -> bool:
        checked.append(password)
        return plain(person, password)

    monkeypatch.setattr(module, "matches", noted)
    bindings = set()
    for _ in range(3):
        signed_in = pipeline.sign_in.of(ask(pipeline, basic("anne", PASSWORD)).client_conn)
        assert signed_in is not None
        bindings.add(signed_in.binding_id)
        ask(pipeline, basic("anne", "wrong"))
    assert (len(bindings), len(checked)) == (1, 2)


def test_the_same_password_from_another_address_is_another_sign_in(pipeline: Pipeline) -> None:
    here, there = (
        pipeline.sign_in.of(ask(pipeline, basic("anne", PASSWORD), address).client_conn)
        for address in ("10.0.0.8", "10.0.0.9")
    )
    assert here is not None
    assert there is not None
    assert here.binding_id != there.binding_id


def test_what_is_remembered_runs_out_and_is_bounded(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RIGHT_SECONDS", -1.0)
    first, second = (pipeline.sign_in.of(ask(pipeline, basic("anne", PASSWORD)).client_conn) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.binding_id != second.binding_id
    monkeypatch.setattr(module, "REMEMBERED", 3)
    for number in range(6):
        ask(pipeline, basic("anne", f"wrong {number}"))
    assert len(pipeline.sign_in._remembered) == 3


def test_a_changed_password_is_asked_for_again(pipeline: Pipeline, tmp_path: Path) -> None:
    assert not refused(ask(pipeline, basic("anne", PASSWORD)))
    people = (replace(ANNE, password_hash=""), BEN)
    write_snapshot(
        Snapshot(school="oak", made_ms=2, people=people, devices=(), permissions=()), tmp_path / "snapshot.json"
    )
    assert pipeline.register.look()
    assert refused(ask(pipeline, basic("anne", PASSWORD)))


def test_more_checks_than_can_wait_are_refused_at_once(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 2)

    async def rush() -> list[HTTPFlow]:
        flows = [
            request(
                "http://x.org/", {"Proxy-Authorization": basic("ben", f"wrong {n}")}, client=client_at(f"10.0.0.{n}")
            )
            for n in range(6)
        ]
        await asyncio.gather(*filter(None, (pipeline.sign_in.requestheaders(flow) for flow in flows)))
        return flows

    assert all(refused(flow) for flow in asyncio.run(rush()))
    assert pipeline.sign_in._waiting == 0
    assert len(pipeline.sign_in._remembered) == 2, "what was not checked is not remembered as wrong"


def test_a_large_body_without_sign_in_is_cut_off(pipeline: Pipeline) -> None:
    flow = request("http://www.amazon.co.uk/", method="POST", client=client_at("10.0.0.9"))
    flow.request.stream = True
    pipeline.call("requestheaders", flow)
    assert flow.response is None
    assert flow.error is not None


def test_inside_a_tunnel_nobody_is_asked_and_the_header_still_goes_no_further(pipeline: Pipeline) -> None:
    flow = request("https://www.amazon.co.uk/", {"Proxy-Authorization": basic("anne", PASSWORD)})
    flow.client_conn.peername = ("10.0.0.9", 1)
    pipeline.call("requestheaders", flow)
    assert flow.response is None
    assert "proxy-authorization" not in flow.request.headers


def test_where_the_proxy_is_not_explicit_it_does_nothing(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, explicit=False)
    flow = ask(pipeline, basic("anne", PASSWORD))
    assert flow.response is None
    assert pipeline.sign_in.of(flow.client_conn) is None


def test_a_fault_lets_nobody_through_and_logs_no_password(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> bool:
        raise RuntimeError(PASSWORD)

    monkeypatch.setattr(module, "matches", fail)
    with capture_logs() as logs:
        assert refused(ask(pipeline, basic("anne", PASSWORD)))
    assert pipeline.tally.hook_errors == 1
    assert PASSWORD not in str(logs)


@given(st.text(), st.text())
def test_what_a_browser_sends_is_read_back(username: str, password: str) -> None:
    try:
        encoded = base64.b64encode(f"{username}:{password}".encode())
    except UnicodeEncodeError:
        return
    expected = Credentials(username, password) if username and password and ":" not in username else None
    if ":" not in username and len(encoded) <= module.LONGEST:
        assert parse_basic(b"Basic " + encoded) == expected


@given(st.binary())
def test_whatever_is_sent_is_read_or_refused(given_bytes: bytes) -> None:
    parse_basic(given_bytes)
    parse_basic(b"Basic " + given_bytes)
