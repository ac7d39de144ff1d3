"""The neighbour table: devices by hardware, whatever addresses they choose."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sources import neighbours as module
from analytics.sources.neighbours import Neighbours, neighbours
from tests.analytics.an_identity import an_identity
from tests.analytics.sources.seen_devices import LAPTOP, LAPTOP_MAC, STRANGER, TROLLEY, TROLLEY_MAC


def entry(dst: str, mac: str = LAPTOP_MAC, state: str = "REACHABLE") -> dict[str, object]:
    return {"dst": dst, "dev": "lan", "lladdr": mac, "state": [state]}


def test_every_address_of_a_known_device_is_bound_and_a_strangers_is_not(tmp_path: Path) -> None:
    with an_identity(tmp_path, LAPTOP) as desk:
        table = [entry("10.0.0.5"), entry("2001:db8::a:b", state="STALE"), entry("10.0.0.6", STRANGER)]
        Neighbours(desk.identity).take(json.dumps(table))
        assert {item.client_ip for item in desk.bound} == {"10.0.0.5", "2001:db8::a:b"}


def test_an_address_that_answers_with_other_hardware_is_another_devices(tmp_path: Path) -> None:
    with an_identity(tmp_path, LAPTOP, TROLLEY) as desk:
        seen = Neighbours(desk.identity)
        seen.take(json.dumps([entry("10.0.0.5")]))
        seen.take(json.dumps([entry("10.0.0.5", TROLLEY_MAC)]))
        seen.take(json.dumps([entry("10.0.0.5", TROLLEY_MAC)]))
        assert [item.device_id for item in desk.bound] == ["d-2"]


def test_what_is_seen_again_and_again_is_written_down_only_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(10**12, 10**13, 10_000))
    monkeypatch.setattr(module, "now_ms", lambda: next(moments))
    with an_identity(tmp_path, LAPTOP) as desk:
        seen, until = Neighbours(desk.identity), []
        for _ in range(7):
            seen.take(json.dumps([entry("10.0.0.5")]))
            until.append(desk.bound[0].expires_ms)
        assert len(set(until)) == 3
        seen.take("[]")
        assert len(desk.bound) == 1  # it ends when its time is over


@pytest.mark.parametrize(
    "bad",
    [
        entry("fe80::1"),
        entry("10.0.0.5", state="FAILED"),
        entry("10.0.0.5", "no"),
        entry("ff02::1"),
        {"dst": "10.0.0.5", "state": ["REACHABLE"]},
        {"dst": None, "lladdr": None, "state": None},
        "text",
    ],
)
def test_what_is_no_neighbour_is_left_out(bad: object) -> None:
    assert list(neighbours(json.dumps([bad]))) == []


KEYS = st.sampled_from(["dst", "lladdr", "state", "dev"])
PRINTED = st.recursive(
    st.none() | st.integers() | st.sampled_from(["10.0.0.5", LAPTOP_MAC, "REACHABLE"]),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.lists(PRINTED))
def test_whatever_stands_in_the_list_reading_it_never_fails(printed: list[object]) -> None:
    assert set(neighbours(json.dumps(printed))) <= {("10.0.0.5", LAPTOP_MAC)}


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(ValueError, match="not a list"):
        list(neighbours('{"dst": "10.0.0.5"}'))


@pytest.mark.skipif(shutil.which("ip") is None, reason="needs ip")
def test_the_kernel_is_asked() -> None:
    assert isinstance(json.loads(asyncio.run(module._asked()) or "[]"), list)
