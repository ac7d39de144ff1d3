"""How long a sign-in at a shared device is sure: from page to page, and not past a pause."""

from pathlib import Path

import pytest

from analytics.bindings import Binding, IdentityView
from analytics.event import Grade, Method
from analytics.snapshot import Device, DeviceClass
from proxy_addons import attended
from tests.proxy_addons.pipeline import OPENED, PULLED_IN, Pipeline, answer, client_at, request
from tests.proxy_addons.running_gateway import device
from tests.proxy_addons.test_event_writer import TUESDAY_MORNING

SHARED = device(DeviceClass.SHARED)
PAUSE = attended.PAUSE_MS // 1000


def signed_in(folder: Path, source: Method = Method.PORTAL, at: Device = SHARED) -> Pipeline:
    """Anne signed in on Tuesday morning, and her sign-in stands."""
    folder.mkdir(exist_ok=True)
    pipeline = Pipeline(folder, devices=(at,), explicit=False)
    begun = int(TUESDAY_MORNING * 1000)
    binding = Binding(
        binding_id=f"{source}:1",
        source=source,
        session="s",
        person_id="p-anne",
        device_id="d-1",
        client_ip="127.0.0.1",
        mac="",
        from_ms=begun,
        until_ms=0,
        expires_ms=begun + 14_400_000,
    )
    pipeline.identity._reader.now = IdentityView(bindings=(binding,))
    return pipeline


def visited(pipeline: Pipeline, later: float, host: str = "www.amazon.co.uk", *, chosen: bool = True) -> Grade:
    """How sure the event of an exchange `later` seconds after the sign-in is."""
    client = client_at("127.0.0.1", tls=True)
    client.sni = host
    headers = OPENED if chosen else PULLED_IN
    pipeline.exchange(request(f"https://{host}/", headers, client=client, at=TUESDAY_MORNING + later), answer())
    return pipeline.events[-1].attribution_grade if pipeline.events else Grade.NONE


def test_she_is_sure_from_page_to_page_and_not_after_a_pause_until_the_sign_in_ends(tmp_path: Path) -> None:
    pipeline = signed_in(tmp_path)
    assert [visited(pipeline, at) for at in (PAUSE, 2 * PAUSE, 3 * PAUSE - 1)] == [Grade.A] * 3
    assert [visited(pipeline, 4 * PAUSE + at) for at in (0, 1, 2, 60)] == [Grade.C] * 4


def test_whoever_sits_down_after_a_pause_is_never_surely_her(tmp_path: Path) -> None:
    assert [visited(signed_in(tmp_path), PAUSE + at) for at in (1, 2)] == [Grade.C] * 2


def test_a_page_left_open_shows_nobody_there(tmp_path: Path) -> None:
    pipeline = signed_in(tmp_path)
    polled = [visited(pipeline, at, chosen=False) for at in range(10, 10 * PAUSE, 60)]
    assert polled == [Grade.A, Grade.A] + [Grade.C] * 18
    assert not any(message["say"] == "active" for message in pipeline.tell.waiting), "nor does her sign-in go on by it"
    assert visited(pipeline, 10 * PAUSE) is Grade.C


def test_what_is_shielded_makes_nobody_surer(tmp_path: Path) -> None:
    pipeline = signed_in(tmp_path)
    visited(pipeline, 1)
    visited(pipeline, PAUSE, "www.samaritans.org")
    assert visited(pipeline, PAUSE + 2) is Grade.C


@pytest.mark.parametrize(
    ("source", "at"), [(Method.RADIUS, SHARED), (Method.PORTAL, device(DeviceClass.STAFF, "p-anne"))]
)
def test_where_the_end_is_told_or_the_device_is_one_persons_a_pause_changes_nothing(
    tmp_path: Path, source: Method, at: Device
) -> None:
    assert visited(signed_in(tmp_path, source, at), 10 * PAUSE) is Grade.A


def test_what_a_worker_forgot_is_a_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attended, "REMEMBERED", 0)
    pipeline = signed_in(tmp_path)
    assert [visited(pipeline, at) for at in (PAUSE, PAUSE + 1)] == [Grade.A, Grade.C]
