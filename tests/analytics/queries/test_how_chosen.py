"""How surely a visit was chosen, and that a page left open is seen to be one."""

import pytest

from analytics.queries.how_chosen import HowChosen, how_chosen, was_left_open, was_refused

START = 1_790_000_000_000
MINUTE = 60_000


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        (100, HowChosen.SURE),
        (80, HowChosen.SURE),
        (79, HowChosen.LIKELY),
        (60, HowChosen.LIKELY),
        (59, HowChosen.UNSURE),
        (0, HowChosen.UNSURE),
    ],
)
def test_the_word_follows_the_confidence(confidence: int, word: HowChosen) -> None:
    assert how_chosen(confidence) is word


@pytest.mark.parametrize(("minutes", "open_"), [(0, False), (3, False), (8, False), (9, True), (400, True)])
def test_a_page_is_left_open_when_it_goes_on_five_minutes_beyond_what_is_credited(minutes: int, open_: bool) -> None:
    visit = {"start_ms": START, "upper_s": 180, "fetched_until_ms": START + minutes * MINUTE}
    assert was_left_open(visit) is open_


@pytest.mark.parametrize(("status", "refused"), [(200, False), (304, False), (403, True), (404, True), (502, True)])
def test_an_answer_from_400_on_is_a_refusal(status: int, refused: bool) -> None:
    assert was_refused({"status": status}) is refused
