"""One person's days as bars."""

from datetime import date, timedelta

import pandas as pd

from dashboard.figures.month import month_chart

DAYS = tuple(date(2026, 11, 2) + timedelta(days=n) for n in range(28))


def counts(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["day", "standing", "visits"])


def test_every_day_has_its_place_in_figure_and_table() -> None:
    chart = month_chart(counts(("2026-11-04", "private", 3)), DAYS, DAYS[2])
    assert len(chart.table) == 28
    private = next(bar for bar in chart.figure.data if bar.name == "Private")
    assert private.y[2] == 3
    assert sum(private.y) == 3


def test_the_sentence_names_the_heaviest_day() -> None:
    chart = month_chart(counts(("2026-11-04", "private", 3), ("2026-11-05", "inappropriate", 1)), DAYS, DAYS[0])
    assert chart.sentence == "4 counted visits on 2 days, the most on Wed 4 Nov (3)."


def test_permitted_use_is_drawn_but_not_counted() -> None:
    chart = month_chart(counts(("2026-11-04", "permitted", 8)), DAYS, DAYS[0])
    assert chart.sentence == "No private or inappropriate visit that counts, on any of 28 days."
    assert int(chart.table["Permitted"].sum()) == 8


def test_a_day_outside_the_range_is_not_marked() -> None:
    assert len(month_chart(counts(), DAYS, DAYS[3]).figure.layout.shapes) == 1
    assert len(month_chart(counts(), DAYS, date(2026, 1, 1)).figure.layout.shapes) == 0
