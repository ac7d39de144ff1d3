"""Open connections: counted, refused when there are too many, idle ones named."""

import time

import pytest
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import tflow

from proxy_addons.connections import IDLE_SECONDS, KEPT_FREE, Connections
from proxy_addons.tally import Tally


def client(address: str = "10.0.0.1") -> object:
    made = tflow.tclient_conn()
    made.peername = (address, 5_000)
    made.error = None
    return made


@pytest.fixture
def connections() -> Connections:
    return Connections(Tally(), files=KEPT_FREE + 10, per_device=4)


def test_one_device_may_hold_so_many_and_another_is_still_let_in(connections: Connections) -> None:
    held = [client() for _ in range(5)]
    for one in held:
        connections.client_connected(one)  # type: ignore[arg-type]
    assert [bool(one.error) for one in held] == [False] * 4 + [True]  # type: ignore[attr-defined]
    other = client("10.0.0.2")
    connections.client_connected(other)  # type: ignore[arg-type]
    assert not other.error  # type: ignore[attr-defined]


def test_a_place_given_back_is_taken_again(connections: Connections) -> None:
    for _ in range(20):
        one = client()
        connections.client_connected(one)  # type: ignore[arg-type]
        assert not one.error  # type: ignore[attr-defined]
        connections.client_disconnected(one)  # type: ignore[arg-type]
    assert connections.sockets == 0


def test_a_refused_connection_that_ends_gives_nothing_back(connections: Connections) -> None:
    held = [client() for _ in range(5)]
    for one in held:
        connections.client_connected(one)  # type: ignore[arg-type]
    connections.client_disconnected(held[4])  # type: ignore[arg-type]
    assert connections.sockets == 4


def test_files_are_kept_free_on_both_sides(connections: Connections) -> None:
    made = []
    for number in range(12):
        flow = tflow.tflow()
        flow.server_conn.error = None
        data = ServerConnectionHookData(flow.server_conn, flow.client_conn)
        flow.server_conn.id = str(number)
        connections.server_connect(data)
        made.append(data)
    assert [bool(data.server.error) for data in made] == [False] * 10 + [True] * 2
    connections.server_disconnected(made[0])
    connections.server_connect_error(made[1])
    assert connections.sockets == 8


def test_only_what_has_nothing_under_way_is_idle(connections: Connections) -> None:
    quiet, busy = client(), client()
    for one in (quiet, busy):
        connections.client_connected(one)  # type: ignore[arg-type]
    flow = tflow.tflow(resp=True)
    flow.client_conn = busy  # type: ignore[assignment]
    connections.requestheaders(flow)
    later = time.monotonic() + IDLE_SECONDS + 1
    assert connections.idle(time.monotonic()) == []
    assert connections.idle(later) == [quiet.id]  # type: ignore[attr-defined]
    connections.response(flow)
    assert set(connections.idle(later + 1)) == {quiet.id, busy.id}  # type: ignore[attr-defined]
    assert connections.tally.hook_errors == 0
