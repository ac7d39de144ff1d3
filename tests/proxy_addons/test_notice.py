"""Who is sent to the notice and who is not, without a socket but the portal's door."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.http import HTTPFlow

from analytics.carried import VOUCHED
from analytics.snapshot import DeviceClass
from config.settings import IdentitySettings
from proxy_addons import notice
from tests.proxy_addons.page_headers import BROWSER
from tests.proxy_addons.pipeline import OPENED, Pipeline, answer, now_ms, request
from tests.proxy_addons.running_gateway import ANNE, UNTOLD, device

PAGE = "http://www.bbc.co.uk/news?id=1"


@pytest.fixture
def door() -> Iterator[int]:
    """A port that answers as the portal's would."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def gateway(tmp_path: Path, door: int, *people: Any, device_class: DeviceClass = DeviceClass.STAFF) -> Pipeline:
    person = people[0] if people else UNTOLD
    return Pipeline(
        tmp_path,
        devices=(device(device_class, person.person_id),),
        people=(person,),
        identity=IdentitySettings(portal_port=door),
        notice_version="v1",
    )


def sent(pipeline: Pipeline, flow: HTTPFlow) -> str:
    """Where the browser is sent; "" where nowhere."""
    pipeline.call("requestheaders", flow)
    return flow.response.headers.get("Location", "") if flow.response is not None else ""


def test_where_they_were_going_stands_in_the_token_alone(tmp_path: Path, door: int) -> None:
    pipeline = gateway(tmp_path, door)
    to = sent(pipeline, request(PAGE, BROWSER))
    assert to.startswith(f"http://127.0.0.1:{door}/notice?to=")
    carried = pipeline.carrier.read(to.partition("to=")[2], now_ms())
    assert carried is not None
    assert (carried.url, carried.person_id, carried.how) == (PAGE, "p-una", "page_visit")
    assert pipeline.tally.untold == 1


def test_a_port_and_an_ipv6_address_are_kept_and_credentials_never_are(tmp_path: Path, door: int) -> None:
    pipeline = gateway(tmp_path, door)
    for url in ("http://intranet.example:8000/a", "http://[fd77::5]/a"):
        to = sent(pipeline, request(url, BROWSER))
        carried = pipeline.carrier.read(to.partition("to=")[2], now_ms())
        assert carried is not None
        assert carried.url == url


@pytest.mark.parametrize("kind", [DeviceClass.PUPIL, DeviceClass.GUEST, DeviceClass.PERSONAL, DeviceClass.SHARED])
def test_nobody_is_sent_from_a_device_that_is_nobodys(tmp_path: Path, door: int, kind: DeviceClass) -> None:
    pipeline = gateway(tmp_path, door, device_class=kind)
    assert sent(pipeline, request(PAGE, BROWSER)) == ""


def test_a_reminder_leaves_no_event_of_what_was_answered_and_the_page_is_recorded_when_it_opens(
    tmp_path: Path, door: int
) -> None:
    pipeline = gateway(tmp_path, door, ANNE)
    assert sent(pipeline, request(PAGE, BROWSER))
    assert pipeline.events == []
    assert pipeline.tally.requests == 1
    pipeline.exchange(request(PAGE, BROWSER), answer())
    assert [event.host for event in pipeline.events] == ["www.bbc.co.uk"]


def test_probes_lead_to_the_notice_for_a_while_and_then_not(
    tmp_path: Path, door: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, clock = gateway(tmp_path, door), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    probe = "http://connectivitycheck.gstatic.com/generate_204"
    seen = []
    for clock[0] in (1000.0, 1060.0, 1119.0, 1121.0, 3000.0, 1000.0 + 120 + 3600 + 1):
        seen.append(bool(sent(pipeline, request(probe, {"User-Agent": "Dalvik"}))))
    assert seen == [True, True, True, False, False, True]


def test_the_portal_itself_is_neither_answered_nor_recorded(tmp_path: Path, door: int) -> None:
    pipeline = gateway(tmp_path, door, ANNE)
    flow = request(f"http://127.0.0.1:{door}/notice", OPENED)
    pipeline.exchange(flow, answer())
    assert flow.response is not None
    assert flow.response.status_code == 200
    assert pipeline.events == []


def test_the_portal_is_told_whose_connection_it_is_and_by_nobody_but_the_worker(tmp_path: Path, door: int) -> None:
    pipeline = gateway(tmp_path, door)
    flow = request(f"http://127.0.0.1:{door}/notice", {VOUCHED: "forged"})
    assert sent(pipeline, flow) == ""
    assert pipeline.carrier.vouched(flow.request.headers[VOUCHED], now_ms()) == "p-una"
    nobody = gateway(tmp_path, door, device_class=DeviceClass.PUPIL)
    for url in (f"http://127.0.0.1:{door}/notice", PAGE):
        asked = request(url, {VOUCHED: "forged"} if "notice" in url else BROWSER)
        sent(nobody, asked)
        assert VOUCHED not in asked.request.headers


def test_nothing_shielded_by_any_of_its_names_is_answered(tmp_path: Path, door: int) -> None:
    pipeline = gateway(tmp_path, door)
    assert sent(pipeline, request("http://www.samaritans.org/", BROWSER)) == ""
    hidden = request(PAGE, BROWSER)
    hidden.request.headers["Host"] = "www.samaritans.org"
    assert sent(pipeline, hidden) == ""
    assert sent(pipeline, request("http://www.google.co.uk/search?q=suicide+helpline", BROWSER)) == ""


def test_without_a_version_in_force_or_a_portal_nobody_is_sent(tmp_path: Path, door: int) -> None:
    closed = Pipeline(
        tmp_path, devices=(device(DeviceClass.STAFF, "p-una"),), identity=IdentitySettings(portal_port=door)
    )
    assert sent(closed, request(PAGE, BROWSER)) == ""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert sent(gateway(tmp_path, port), request(PAGE, BROWSER)) == ""


def test_who_left_is_nobody(tmp_path: Path, door: int) -> None:
    pipeline = gateway(tmp_path, door, replace(UNTOLD, until_ms=2))
    assert sent(pipeline, request(PAGE, BROWSER)) == ""


def test_a_fault_of_ours_is_counted_and_the_request_goes_its_way(
    tmp_path: Path, door: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise ValueError("no")

    pipeline = gateway(tmp_path, door)
    monkeypatch.setattr(pipeline.carrier, "token", fail, raising=False)
    monkeypatch.setattr(notice, "channel", fail)
    assert sent(pipeline, request(PAGE, BROWSER)) == ""
    assert pipeline.tally.hook_errors == 1
