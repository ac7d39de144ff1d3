"""analytics.nft.bypass: when devices are let past, and that each stretch is told whole."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from analytics.nft.bypass import PATIENCE_SECONDS, Passage, Stretch

PORTS = (8080, 8081)
NONE: frozenset[int] = frozenset()
SERVING = st.lists(st.tuples(st.frozensets(st.sampled_from((*PORTS, 9999))), st.floats(0.05, 5)), max_size=40)


def test_a_worker_that_is_back_soon_lets_nobody_past() -> None:
    passage = Passage(PORTS, fail_open=True)
    assert passage.decide(frozenset({8080}), 0) == {8080}
    assert passage.decide(NONE, 1) == {8080}
    assert passage.decide(NONE, 1 + PATIENCE_SECONDS - 0.1) == {8080}
    assert passage.decide(frozenset({8081}), 3.1) == {8081}
    assert passage.decide(NONE, 3.2) == {8081}, "patience begins anew"


def test_where_none_comes_back_everybody_is_let_past_until_one_does() -> None:
    passage = Passage(PORTS, fail_open=True)
    passage.decide(frozenset(PORTS), 0)
    passage.decide(NONE, 1)
    assert passage.decide(NONE, 1 + PATIENCE_SECONDS) == NONE
    assert passage.decide(NONE, 100) == NONE
    assert passage.decide(frozenset({8080}), 101) == {8080}


def test_where_nothing_would_start_a_worker_again_nobody_waits() -> None:
    passage = Passage(PORTS, fail_open=True)
    passage.decide(frozenset(PORTS), 0)
    assert passage.decide(NONE, 0.1, coming=False) == NONE
    assert Passage(PORTS, fail_open=False).decide(NONE, 0.1, coming=False) == set(PORTS)


def test_before_a_first_worker_listens_nobody_is_sent_to_it() -> None:
    assert Passage(PORTS, fail_open=True).decide(NONE, 0) == NONE


@given(looks=SERVING)
def test_failing_closed_lets_nobody_past_whatever_happens(looks: list[tuple[frozenset[int], float]]) -> None:
    passage, steady = Passage(PORTS, fail_open=False), 0.0
    for serving, later in looks:
        steady += later
        assert passage.decide(serving, steady)


@given(looks=SERVING)
def test_failing_open_only_what_listened_is_sent_to_and_never_longer_than_patience(
    looks: list[tuple[frozenset[int], float]],
) -> None:
    passage, steady, last_served = Passage(PORTS, fail_open=True), 0.0, -100.0
    for serving, later in looks:
        steady += later
        ports = passage.decide(serving, steady)
        assert ports <= set(PORTS)
        if here := serving & set(PORTS):
            assert ports == here
            last_served = steady
        elif ports:
            # Looked at seldom: patience is counted from the first look that found nobody.
            assert steady - last_served < PATIENCE_SECONDS + 5


def test_a_stretch_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "nft" / "bypass.json"
    before = Stretch.read(file)
    assert (before.from_ms, before.seen_ms, before.end(50)) == (0, 0, None)
    before.seen(100)
    before.begin(200)
    before.begin(300)
    after = Stretch.read(file)
    assert (after.from_ms, after.seen_ms) == (200, 100)
    assert after.end(400) == (200, 400)
    assert after.end(500) is None, "each is told once"


def test_a_clock_that_was_set_back_makes_no_stretch_that_ends_before_it_begins(tmp_path: Path) -> None:
    stretch = Stretch(tmp_path / "bypass.json")
    stretch.begin(500)
    assert stretch.end(400) == (400, 400)


def test_a_damaged_file_is_none(tmp_path: Path) -> None:
    file = tmp_path / "bypass.json"
    file.write_text("{")
    assert Stretch.read(file).from_ms == 0
