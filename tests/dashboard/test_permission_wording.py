"""A permission in words that a governor reads the way they were meant."""

from datetime import date, datetime

import pytest

from analytics.governance.permissions import Granted
from analytics.snapshot import HeldBack, Window
from config.policy import load_policy
from dashboard.moments import LONDON, day_bounds_ms
from dashboard.permission_wording import (
    days_words,
    given_later_words,
    period_words,
    stretch_words,
    times_words,
    wanted_words,
    what_words,
)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp() * 1000)


def test_what_is_named_by_its_title_and_sites_by_themselves() -> None:
    assert what_words(["shopping"], [], load_policy()) == "Shopping"
    assert what_words(["travel", "gone"], ["ebay.co.uk"], load_policy()) == "Travel and holidays, gone and ebay.co.uk"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([0, 1, 2, 3, 4], "Monday to Friday"),
        ([0, 1], "Monday and Tuesday"),
        ([0, 2, 4], "Monday, Wednesday and Friday"),
        ([0, 1, 2, 3, 4, 5, 6], "Every day"),
        ([6], "Sunday"),
    ],
)
def test_days(days: list[int], said: str) -> None:
    assert days_words(days) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (720, 780, "12:00 to 13:00"),
        (0, 1440, "all day"),
        (1320, 120, "22:00 to 02:00 the next day"),
        (1320, 1440, "22:00 to 24:00"),
    ],
)
def test_stretches_of_a_day(start: int, end: int, said: str) -> None:
    assert stretch_words(start, end) == said


def test_times_are_grouped_by_stretch() -> None:
    lunch = [Window(weekday=day, start=720, end=780) for day in range(5)]
    night = Window(weekday=5, start=1320, end=120)
    assert times_words([*lunch, night]) == "Monday to Friday, 12:00 to 13:00; Saturday, 22:00 to 02:00 the next day"
    assert times_words([]) == "At any time"


def test_until_names_the_last_day_included_on_the_clock_of_london() -> None:
    end = day_bounds_ms(date(2026, 12, 18))[1]
    begin = at("2026-11-24T00:00")
    assert period_words(begin, end) == "From Tuesday 24 November 2026 until Friday 18 December 2026 included"
    assert period_words(begin, 0) == "From Tuesday 24 November 2026 until further notice"
    assert period_words(at("2026-07-01T14:32"), at("2026-07-02T09:00")) == (
        "From Wednesday 1 July 2026, 14:32 until 09:00 on Thursday 2 July 2026"
    )


def test_a_request_for_now_is_for_when_it_is_granted() -> None:
    asked = at("2026-11-24T14:32")
    assert wanted_words(asked, 0, asked) == "From when it is granted until further notice"
    assert wanted_words(at("2026-12-01T00:00"), 0, asked) == "From Tuesday 1 December 2026 until further notice"


@pytest.mark.parametrize(
    ("said_earlier", "held", "words"),
    [
        ("", (), "Permission given later, on 3 March 2026."),
        (
            "2026-02-20", (),
            "Permission given later, on 3 March 2026; noted as agreed by word of mouth on 20 February 2026.",
        ),
        ("", (HeldBack(person_id="p", from_ms=at("2026-03-09T10:00")),), "Permission given later, on 9 March 2026."),
    ],
)  # fmt: skip
def test_a_permission_given_later_says_on_which_day(said_earlier: str, held: tuple[HeldBack, ...], words: str) -> None:
    given = at("2026-03-03T09:00")
    granted = Granted(
        permission_id="m-1", person_id=None, categories=("travel",), hosts=(), windows=(), reason="x", granted_by="a",
        granted_ms=given, from_ms=given, until_ms=0, said_earlier=said_earlier, held_back=held,
    )  # fmt: skip
    assert given_later_words(granted) == words
