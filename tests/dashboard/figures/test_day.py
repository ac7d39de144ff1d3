"""The day as a line of time."""

from datetime import datetime

import pandas as pd

from dashboard.figures.day import LANES, Band, day_chart
from dashboard.moments import LONDON


def at(hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 7, 1, hour, minute, tzinfo=LONDON).timestamp() * 1000)


def visits(*rows: tuple[int, str, str]) -> pd.DataFrame:
    columns = ["start_ms", "host", "standing"]
    return pd.DataFrame(rows, columns=columns).assign(lower_s=60, upper_s=300)


def test_a_visit_is_marked_at_its_london_time_in_its_lane() -> None:
    chart = day_chart(visits((at(9, 30), "shop.example", "private")), [])
    private = next(trace for trace in chart.figure.data if trace.name == "Private")
    assert private.x[0] == datetime(2026, 7, 1, 9, 30)  # noqa: DTZ001 - the wall clock has no zone
    assert private.y[0].startswith("Private")
    assert list(chart.table.iloc[0]) == ["09:30", "shop.example", "Private", "1 to 5 min"]


def test_every_lane_stands_even_on_an_empty_day() -> None:
    chart = day_chart(visits(), [])
    named = [trace.name for trace in chart.figure.data if trace.name]
    assert len(named) == len(LANES)
    assert chart.sentence == "No visit was recorded on this day."


def test_lanes_differ_by_mark_as_well_as_colour() -> None:
    chart = day_chart(visits((at(9), "a", "private"), (at(10), "b", "inappropriate")), [])
    marks = {trace.marker.symbol for trace in chart.figure.data if trace.name}
    assert len(marks) == len(LANES)


def test_a_gap_is_drawn_and_said() -> None:
    gap = Band(at(11), at(12), "gap")
    chart = day_chart(visits((at(9), "a", "work")), [gap])
    assert "Not recorded: 11:00 to 12:00." in chart.sentence
    assert [note.text for note in chart.figure.layout.annotations] == ["not recorded"]


def test_the_sentence_counts_by_standing_the_gravest_first() -> None:
    chart = day_chart(visits((at(9), "a", "work"), (at(10), "b", "inappropriate"), (at(11), "c", "work")), [])
    assert chart.sentence == "3 visits between 09:00 and 11:00: 1 inappropriate and 2 work."


def test_the_axis_reaches_around_visits_and_hours() -> None:
    chart = day_chart(visits((at(19), "a", "private")), [Band(at(8), at(16), "contracted")])
    first, last = chart.figure.layout.xaxis.range
    assert first < datetime(2026, 7, 1, 8)  # noqa: DTZ001 - the wall clock has no zone
    assert last > datetime(2026, 7, 1, 19)  # noqa: DTZ001 - the wall clock has no zone


def test_a_day_with_nothing_but_a_gap_is_shown_whole() -> None:
    first, last = day_chart(visits(), [Band(at(11), at(12), "gap")]).figure.layout.xaxis.range
    assert (first.hour, last.hour, (last - first).days) == (0, 0, 1)
