"""The past gateway's heartbeats."""

from datetime import date

from analytics.demonstration.pulse import power_cut, pulse
from analytics.queries.stretches import silences, stretches_of
from analytics.records import Condition, Heartbeat, ShieldCount

TODAY = date(2026, 11, 24)
NOON = 1_795_521_600_000


def beats(until_ms: int = NOON) -> list[Heartbeat]:
    return [record for record in pulse("v1", "gate-0", TODAY, until_ms) if isinstance(record, Heartbeat)]


def test_it_recorded_by_day_and_night_but_for_one_power_cut() -> None:
    spans = stretches_of([(beat.gateway, beat.since_ms, beat.ts_ms) for beat in beats()], 0, NOON)
    assert len(spans) == 2
    (cut,) = silences(spans, set(), 0, NOON)
    assert (cut.to_ms - cut.from_ms) // 60_000 == 90


def test_it_beats_up_to_the_moment_asked_and_no_later() -> None:
    assert max(record.ts_ms for record in pulse("v1", "gate-0", TODAY, NOON + 12_345)) == NOON + 12_345


def test_shielded_use_is_only_ever_a_count_for_an_hour() -> None:
    counts = [record for record in pulse("v1", "gate-0", TODAY, NOON) if isinstance(record, ShieldCount)]
    assert len(counts) == 20 * 3 + 1
    assert all(record.hour_ms % 3_600_000 == 0 for record in counts)


def test_nobody_untold_was_about_before_the_newcomer_began() -> None:
    assert sum(beat.untold for beat in beats() if beat.ts_ms < NOON - 6 * 86_400_000) == 0
    assert sum(beat.untold for beat in beats()) > 0


def test_hourly_it_says_how_it_stood_but_for_the_power_cut() -> None:
    stood = [record for record in pulse("v1", "gate-0", TODAY, NOON) if isinstance(record, Condition)]
    assert len(stood) > 27 * 24
    assert max(record.ts_ms for record in stood) <= NOON
    cut = power_cut(TODAY)
    assert not [record for record in stood if record.since_ms in cut or record.ts_ms in cut]
