"""Stretches and silences together cover all the time there is, once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics.queries.stretches import SILENCE_MS, SLACK_MS, silences, stretches_of

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
def test_silences_lie_between_stretches_and_only_the_last_waits_for_a_heartbeat_that_is_due(
    beats: list[tuple[str, int, int]],
) -> None:
    stretches = stretches_of(beats, 0, 10**8)
    quiet = silences(stretches, {"a"}, 0, 10**8)
    for silence in quiet:
        assert silence.to_ms - silence.from_ms > (SLACK_MS if silence.to_ms < 10**8 else SILENCE_MS - 1)
        for span in stretches:
            if span.gateway == silence.gateway:
                assert span.to_ms <= silence.from_ms or silence.to_ms <= span.from_ms


def test_a_stop_of_less_than_a_minute_is_a_silence_too() -> None:
    stretches = stretches_of([("a", 0, 60_000), ("a", 90_000, 150_000)], 0, 200_000)
    assert [(quiet.from_ms, quiet.to_ms) for quiet in silences(stretches, {"a"}, 0, 200_000)] == [(60_000, 90_000)]


def test_a_gateway_heard_before_and_silent_since_is_silent_throughout() -> None:
    (quiet,) = silences([], {"a"}, 1_000, 10**7)
    assert (quiet.from_ms, quiet.to_ms) == (1_000, 10**7)
