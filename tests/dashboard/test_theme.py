"""Colours, patterns and marks."""

from itertools import combinations

import pytest

from analytics.queries import Standing
from analytics.queries.standing import COUNTED as COUNTED_IN_QUERIES
from dashboard.theme import APART, COUNTED, LOOKS, nice_step

WHITE, DARK = "#ffffff", "#1c2028"


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_standing_has_a_look() -> None:
    assert set(LOOKS) == set(Standing)


def test_pages_count_what_the_queries_count() -> None:
    assert COUNTED == COUNTED_IN_QUERIES
    assert not set(COUNTED) & set(APART)


@pytest.mark.parametrize("page", [WHITE, DARK])
@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.UNLAWFUL])
def test_marks_stand_out_from_the_page(standing: Standing, page: str) -> None:
    assert contrast(LOOKS[standing].colour, page) >= 3


def test_no_two_standings_differ_by_colour_alone() -> None:
    for one, other in combinations(LOOKS.values(), 2):
        assert one.word != other.word
        assert one.sign != other.sign
        assert one.mark != other.mark


def test_bars_that_stand_together_differ_in_pattern() -> None:
    patterns = [LOOKS[each].pattern for each in (*COUNTED, *APART)]
    assert len(set(patterns)) == len(patterns)


@pytest.mark.parametrize(("most", "step"), [(4, 1), (9, 2), (60, 20), (1234, 500)])
def test_axes_have_round_steps(most: int, step: int) -> None:
    assert nice_step(most, 5) == step
