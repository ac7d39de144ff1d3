"""Stretches and silences together cover all the time there is, once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics.queries.stretches import SILENCE_MS, silences, stretches_of

BEATS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 10**7), st.integers(0, 10**6)).map(
        lambda beat: (beat[0], beat[1], beat[1] + beat[2])
    ),
    max_size=30,
)


@given(BEATS)
def test_stretches_of_a_gateway_never_touch_and_stay_in_the_range(beats: list[tuple[str, int, int]]) -> None:
    inside = [beat for beat in beats if beat[1] < 9_000_000 and beat[2] >= 1_000]
    found = stretches_of(inside, 1_000, 9_000_000)
    for one, other in pairwise(found):
        assert one.gateway < other.gateway or one.to_ms < other.from_ms
    assert all(1_000 <= span.from_ms <= span.to_ms <= 9_000_000 for span in found)


@given(BEATS)
def test_the_order_of_heartbeats_does_not_matter(beats: list[tuple[str, int, int]]) -> None:
    assert stretches_of(beats, 0, 10**8) == stretches_of(reversed(beats), 0, 10**8)


@given(BEATS)
def test_silences_are_long_and_never_over_a_stretch(beats: list[tuple[str, int, int]]) -> None:
    stretches = stretches_of(beats, 0, 10**8)
    quiet = silences(stretches, {"a"}, 0, 10**8)
    for silence in quiet:
        assert silence.to_ms - silence.from_ms >= SILENCE_MS
        for span in stretches:
            if span.gateway == silence.gateway:
                assert span.to_ms <= silence.from_ms or silence.to_ms <= span.from_ms


def test_a_gateway_heard_before_and_silent_since_is_silent_throughout() -> None:
    (quiet,) = silences([], {"a"}, 1_000, 10**7)
    assert (quiet.from_ms, quiet.to_ms) == (1_000, 10**7)
