"""Lost and doubled, counted."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analytics.demonstration.ledger import Ledger, Place, Stored, reckon

places = st.tuples(st.sampled_from(["p1", "p2"]), st.sampled_from(["a.example", "b.example"]))
counts = st.dictionaries(places, st.integers(1, 9)).map(Counter)


def as_stored(found: Counter[Place], repeats: int = 0) -> list[Stored]:
    return [Stored(person, host, number + repeats, number) for (person, host), number in found.items()]


@given(counts)
def test_what_was_stored_as_expected_is_exact(expected: Counter[Place]) -> None:
    assert reckon(expected, as_stored(expected)).exact


@given(counts, counts)
def test_every_difference_is_lost_or_doubled(expected: Counter[Place], found: Counter[Place]) -> None:
    reckoning = reckon(expected, as_stored(found))
    assert reckoning.exact == (expected == found)
    assert reckoning.stored - reckoning.expected == reckoning.doubled - reckoning.lost


def test_a_lost_event_is_not_hidden_by_a_doubled_one() -> None:
    reckoning = reckon(Counter({("p1", "a.example"): 2}), [Stored("p1", "b.example", 2, 2)])
    assert (reckoning.lost, reckoning.doubled) == (2, 2)


def test_the_same_event_stored_twice_is_doubled() -> None:
    reckoning = reckon(Counter({("p1", "a.example"): 1}), [Stored("p1", "a.example", 2, 1)])
    assert (reckoning.lost, reckoning.doubled) == (0, 1)


def test_what_may_not_be_recorded_is_doubled_when_it_is() -> None:
    ledger = Ledger()
    ledger.will_shield()
    ledger.will_ignore()
    assert (ledger.sent, ledger.shielded, ledger.not_told) == (2, 1, 1)
    assert reckon(ledger.expected, [Stored("p1", "www.nhs.uk", 1, 1)]).doubled == 1
