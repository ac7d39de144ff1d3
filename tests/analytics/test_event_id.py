"""Event ids are UUIDv7, in order of time, with unpredictable bits."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from analytics.event_id import new_event_id


@given(st.integers(0, 2**48 - 1))
def test_an_id_is_a_uuid_of_version_7_that_carries_its_time(ts_ms: int) -> None:
    made = uuid.UUID(new_event_id(ts_ms))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == ts_ms


def test_ids_of_one_millisecond_differ_in_all_their_random_bits() -> None:
    ids = [uuid.UUID(new_event_id(1_795_000_000_000)).int for _ in range(2_000)]
    assert len(set(ids)) == len(ids)
    ever_set = ever_clear = 0
    for one in ids:
        ever_set |= one
        ever_clear |= ~one
    random_bits = ((1 << 12) - 1) << 64 | (1 << 62) - 1
    assert ever_set & random_bits == random_bits
    assert ever_clear & random_bits == random_bits
