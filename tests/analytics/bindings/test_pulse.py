"""The pulse: old where its writer died, hangs, or the machine was started anew; not where the machine slept."""

import json
from pathlib import Path

import pytest

from analytics.bindings.pulse import FORGET_MS, STALE_SECONDS, Belief, Heart, read_pulse
from tests.analytics.bindings.a_clock import Hands

STALE_MS = STALE_SECONDS * 1000


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "identity.sqlite"


def test_it_is_believed_for_some_seconds_and_no_longer(table: Path) -> None:
    hands = Hands()
    belief = Belief(table, hands.clock)
    assert not belief.holds(), "nothing ever beat"
    Heart(table, hands.clock).beat()
    assert belief.holds()
    hands.passes(STALE_MS - 2000)
    assert belief.holds(), "a busy machine holds it up"
    hands.passes(3000)
    assert not belief.holds()
    Heart(table, hands.clock).beat()
    assert belief.holds()


def test_a_machine_that_slept_changes_nothing(table: Path) -> None:
    hands = Hands()
    heart, belief = Heart(table, hands.clock), Belief(table, hands.clock)
    heart.beat()
    hands.wall_off += 3_600_000
    assert belief.holds()
    assert heart.away() is None


def test_one_of_before_the_machine_was_started_is_old(table: Path) -> None:
    hands = Hands()
    Heart(table, hands.clock).beat()
    pulse = read_pulse(table)
    assert pulse is not None
    table.with_name("pulse").write_text(json.dumps(["another", pulse.steady_ms, pulse.mark_ms, 0]))
    assert not Belief(table, hands.clock).holds()
    assert Heart(table, hands.clock).away() is None, "a moment ago"
    hands.passes(STALE_MS + 1000)
    found = Heart(table, hands.clock).away()
    assert found is not None
    assert found[0] == pulse.mark_ms


def test_the_next_process_knows_for_how_long_there_was_none(table: Path) -> None:
    hands = Hands()
    assert Heart(table, hands.clock).away() is None, "there never was one"
    Heart(table, hands.clock).beat()
    died = hands.wall_ms()
    hands.passes(3000)
    assert Heart(table, hands.clock).away() is None, "a restart"
    hands.passes(600_000)
    found = Heart(table, hands.clock).away()
    assert found is not None
    assert found[0] <= died
    assert found[1] >= died + 600_000


def test_a_clock_set_back_a_little_is_waited_out(table: Path) -> None:
    hands = Hands()
    heart, belief = Heart(table, hands.clock), Belief(table, hands.clock)
    heart.beat()
    assert belief.holds()
    hands.wall_off -= FORGET_MS - 2000
    heart.beat()
    assert heart.set_back() == 0
    assert not belief.holds()
    assert not Belief(table, hands.clock).holds(), "nor by a reader that begins now"
    hands.passes(FORGET_MS)
    heart.beat()
    assert belief.holds()


def test_a_clock_set_back_far_is_not_believed_until_what_was_later_is_forgotten(table: Path) -> None:
    hands = Hands()
    heart, belief = Heart(table, hands.clock), Belief(table, hands.clock)
    heart.beat()
    assert belief.holds()
    mark = hands.wall_ms()
    hands.wall_off -= 3_600_000
    assert not belief.holds()
    assert Heart(table, hands.clock).set_back() == pytest.approx(mark, abs=60_000)
    heart.beat()
    assert not belief.holds()
    heart.beat(forgot=True)
    assert heart.set_back() == 0
    assert belief.holds()


@pytest.mark.parametrize("rubbish", [b"", b"[]", b"{}", b"\xff", b'["a", "b", "c", "d"]', b"7"])
def test_rubbish_is_no_pulse(table: Path, rubbish: bytes) -> None:
    table.with_name("pulse").write_bytes(rubbish)
    assert read_pulse(table) is None
    assert not Belief(table).holds()


def test_nothing_is_written_through_a_link(table: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    table.with_name("pulse.new").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic"):
        Heart(table).beat()
    assert victim.read_text() == "kept"
