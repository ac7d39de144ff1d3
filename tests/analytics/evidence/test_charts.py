"""Charts for the printed report."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from analytics.evidence.charts import HATCHED, SOLID, Series, in_words, scale_step, stacked_bars

values = st.lists(st.integers(0, 5000), min_size=3, max_size=3)


@given(st.text(max_size=20), values, values)
def test_every_chart_is_well_formed_and_shows_every_bar(title: str, first: list[int], second: list[int]) -> None:
    title = "".join(letter for letter in title if letter.isprintable())
    made = stacked_bars(["a", "", "<&>"], [Series(title, SOLID, first), Series("b", HATCHED, second)], "Visits")
    root = ElementTree.fromstring(made)  # noqa: S314 - our own drawing
    bars = [bar for bar in root if bar.tag.endswith("rect")]
    assert len(bars) == sum(map(bool, first + second)) + 2
    assert all(float(bar.get("y", "-1")) >= 0 for bar in bars)


@given(st.integers(0, 10**9))
def test_the_scale_is_round_and_never_more_than_five_steps(largest: int) -> None:
    step = scale_step(largest)
    assert step * 5 >= largest
    assert str(step).rstrip("0") in ("1", "2", "5")


def test_no_data_still_makes_a_chart() -> None:
    ElementTree.fromstring(stacked_bars([], [Series("none", SOLID, [])], "Visits"))  # noqa: S314


def test_the_sentence_says_how_many_and_when_most() -> None:
    assert in_words(["1 Nov", "2 Nov"], {"1 Nov": 1, "2 Nov": 4}) == "5 visits on 2 of 2 days; the most on 2 Nov: 4."
    assert in_words(["1 Nov"], {"1 Nov": 1}) == "1 visit on 1 of 1 day; the most on 1 Nov: 1."
    assert in_words(["1 Nov"], {"1 Nov": 0}) == "No such visits were recorded in this period."
