"""Recorded stretches and gaps, day by day."""

from datetime import date

import pandas as pd

from dashboard.figures.recording import gap_table, recording_chart
from dashboard.moments import day_bounds_ms

DAYS = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))
HOUR = 3_600_000
START = day_bounds_ms(DAYS[0])[0]


def stretches(*rows: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from_ms", "to_ms"])


def gaps(*rows: tuple[int, int, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from_ms", "to_ms", "sentence", "count"])


def test_a_stretch_over_midnight_is_cut_there() -> None:
    chart = recording_chart(stretches((START + 22 * HOUR, START + 26 * HOUR)), gaps(), DAYS)
    bar = chart.figure.data[0]
    assert list(bar.base) == [22, 0]
    assert list(bar.x) == [2, 2]
    assert chart.sentence == "It was recording on 2 of 3 days; no gap is known."


def test_a_momentary_gap_can_still_be_seen() -> None:
    chart = recording_chart(stretches((START, START + HOUR)), gaps((START + HOUR, START + HOUR, "x", 3)), DAYS)
    assert min(chart.figure.data[1].x) > 0


def test_gaps_are_listed_newest_first_in_words() -> None:
    table = gap_table(
        gaps((START, START + HOUR, "Switched off.", 0), (START + 5 * HOUR, START + 6 * HOUR, "Full.", 17))
    )
    assert list(table["From"]) == ["Mon 16 Nov, 05:00", "Mon 16 Nov, 00:00"]
    assert list(table["Records lost"]) == ["17", "not known"]


def test_nothing_recorded_is_said() -> None:
    assert recording_chart(stretches(), gaps(), DAYS).sentence == "Nothing was recorded on these days."
