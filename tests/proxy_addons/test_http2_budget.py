"""What one HTTP/2 client may send: much at once, and more as time goes by."""

import h2.events
import pytest

from proxy_addons.http2_budget import IDLE_FRAMES, RESETS, Allowance, Budget


def test_an_allowance_runs_out_and_comes_back_with_time() -> None:
    allowance = Allowance(10, 2.0)
    begun = allowance._at
    assert [allowance.take(begun) for _ in range(11)] == [True] * 10 + [False]
    assert not allowance.take(begun + 0.4)
    assert allowance.take(begun + 3.0)
    assert [allowance.take(begun + 1_000.0) for _ in range(11)] == [True] * 10 + [False]


def reset() -> h2.events.StreamReset:
    return h2.events.StreamReset(stream_id=1, error_code=8)


@pytest.mark.parametrize(
    ("event", "most"), [(reset(), RESETS), (h2.events.PingReceived(ping_data=b"12345678"), IDLE_FRAMES)]
)
def test_floods_are_no_longer_allowed_soon_after_the_most(event: object, most: int) -> None:
    budget = Budget()
    assert all(budget.allows(event) for _ in range(most))
    assert not all(budget.allows(event) for _ in range(most // 2))


def test_bodies_are_never_counted() -> None:
    budget, piece = Budget(), h2.events.DataReceived(stream_id=1, data=b"x", flow_controlled_length=1)
    assert all(budget.allows(piece) for _ in range(10 * IDLE_FRAMES))
