"""Stored codes in plain English."""

from enum import StrEnum

import pytest

from analytics.event import Grade, Hours, Kind, Method, NotInspected
from analytics.governance import PersonType
from dashboard import wording
from dashboard.wording import count, listed, words


@pytest.mark.parametrize(
    ("codes", "table"),
    [
        (Method, wording.HOW_WE_KNOW_WHO),
        (Grade, wording.HOW_SURE),
        (Hours, wording.HOURS),
        (NotInspected, wording.NOT_OPENED),
        (Kind, wording.KINDS),
        (PersonType, wording.PERSON_TYPES),
    ],
)
def test_every_code_has_words(codes: type[StrEnum], table: dict[str, str]) -> None:
    assert set(table) == set(codes)


def test_a_code_without_words_is_shown_as_itself() -> None:
    assert words({}, "ai_tools") == "ai tools"


@pytest.mark.parametrize(("number", "said"), [(0, "no visits"), (1, "1 visit"), (1200, "1,200 visits")])
def test_counts_agree_with_their_noun(number: int, said: str) -> None:
    assert count(number, "visit") == said


@pytest.mark.parametrize(
    ("parts", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_read_aloud(parts: list[str], said: str) -> None:
    assert listed(parts) == said
