"""The bars by person."""

import pandas as pd

from dashboard.figures.people import people_chart


def counts(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "standing", "visits"])


def test_the_gravest_comes_first_and_permitted_is_apart() -> None:
    chart = people_chart(
        counts(("Ann", "private", 9), ("Bo", "inappropriate", 1), ("Cy", "permitted", 4), ("Dee", "work", 50))
    )
    assert list(chart.table["Person"]) == ["Bo", "Ann", "Cy"]
    axes = {bar.name: bar.xaxis for bar in chart.figure.data}
    assert axes["Private"] == "x"
    assert axes["Permitted"] == "x2"


def test_the_sentence_says_what_the_bars_show() -> None:
    chart = people_chart(counts(("Ann", "private", 9), ("Bo", "inappropriate", 1), ("Bo", "break", 2)))
    assert chart.sentence == (
        "1 inappropriate visit and 9 private visits, by 2 people; 2 visits in a break or permitted, not counted."
    )


def test_figure_and_table_hold_the_same_numbers() -> None:
    chart = people_chart(counts(("Ann", "private", 3), ("Ann", "private", 4), ("Bo", "permitted", 2)))
    drawn = {bar.name: sum(bar.x) for bar in chart.figure.data}
    assert {name: int(chart.table[name].sum()) for name in drawn} == drawn
    assert drawn["Private"] == 7


def test_what_is_unlawful_takes_no_place_until_there_is_some() -> None:
    assert "Possibly unlawful" not in [bar.name for bar in people_chart(counts(("A", "private", 1))).figure.data]
    assert "Possibly unlawful" in [bar.name for bar in people_chart(counts(("A", "unlawful", 1))).figure.data]


def test_nobody_is_said_to_be_nobody() -> None:
    assert people_chart(counts()).sentence == "Nobody made a private or inappropriate visit."
    assert len(people_chart(counts(("A", "work", 5))).table) == 0
