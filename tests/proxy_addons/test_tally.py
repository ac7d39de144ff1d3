"""Counts: taken once, and the shield's by the hour."""

from proxy_addons.tally import HOUR_MS, Tally

NOON = 500_000 * HOUR_MS


def test_what_is_taken_starts_again_from_nothing() -> None:
    tally = Tally(requests=3, passed_through=2, untold=1, hook_errors=4)
    assert tally.take() == Tally(requests=3, passed_through=2, untold=1, hook_errors=4)
    assert tally.take() == Tally()


def test_shielded_traffic_is_known_by_its_hour_only() -> None:
    tally = Tally()
    for ts_ms in (NOON + 1, NOON + HOUR_MS - 1, NOON + HOUR_MS):
        tally.shield(ts_ms)
    assert tally.take_shielded(NOON + HOUR_MS - 1) == []
    assert tally.take_shielded(NOON + HOUR_MS) == [(NOON, 2)]
    assert tally.take_shielded(NOON + HOUR_MS) == []
    assert tally.take_all_shielded() == [(NOON + HOUR_MS, 1)]
    assert tally.take_all_shielded() == []


def test_taking_the_other_counts_leaves_the_shields() -> None:
    tally = Tally()
    tally.shield(NOON)
    tally.take()
    assert tally.take_all_shielded() == [(NOON, 1)]
