"""When the notice is shown: never told, told of an earlier one, told before this term; and not again within it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.bindings import EMPTY, IdentityView
from analytics.notice_due import Due, due, person_due
from config.school_calendar import BankHolidays, SchoolCalendar, Term
from tests.proxy_addons.running_gateway import UNTOLD

AUTUMN = Term(
    title="Autumn", first=date(2026, 9, 2), last=date(2026, 12, 18), half_term=None, why="So it is.", author="A"
)
SPRING = replace(AUTUMN, title="Spring", first=date(2027, 1, 5), last=date(2027, 3, 26))
CALENDAR = SchoolCalendar(
    terms=(AUTUMN, SPRING),
    inset=(),
    closures=(),
    bank_holidays=BankHolidays(source="x", first=date(2026, 1, 1), last=date(2027, 12, 31), days=()),
)


def ms(day: date, hour: int = 12) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()) * 1000


NOVEMBER = ms(date(2026, 11, 24))


@pytest.mark.parametrize(
    ("told", "ever", "last", "now", "expected"),
    [
        (0, 0, 0, NOVEMBER, Due.FIRST),
        (0, 5, 0, NOVEMBER, Due.CHANGED),
        (ms(date(2026, 9, 10)), 5, 0, NOVEMBER, None),
        (ms(date(2026, 9, 1)), 5, 0, NOVEMBER, None),
        (ms(date(2026, 7, 1)), 5, 0, NOVEMBER, Due.REMINDER),
        (ms(date(2026, 7, 1)), 5, ms(date(2026, 9, 3)), NOVEMBER, None),
        (ms(date(2026, 7, 1)), 5, 0, ms(date(2026, 12, 24)), None),
        (ms(date(2026, 9, 10)), 5, 0, ms(date(2027, 1, 5)), Due.REMINDER),
        (ms(date(2026, 9, 10)), 5, 0, ms(date(2027, 1, 4)), None),
        (ms(date(2026, 9, 10)), 5, 0, ms(date(2030, 1, 5)), None),
    ],
)
def test_when(told: int, ever: int, last: int, now: int, expected: Due | None) -> None:
    assert due(told_ms=told, ever_ms=ever, last_ms=last, now_ms=now, calendar=CALENDAR) is expected


@given(st.dates(AUTUMN.first, SPRING.last), st.integers(0, 23))
def test_whoever_just_acknowledged_is_not_asked_again_in_this_term(day: date, hour: int) -> None:
    now = ms(day, hour)
    assert due(told_ms=5, ever_ms=5, last_ms=now, now_ms=now, calendar=CALENDAR) is None


def test_what_was_acknowledged_at_the_gateway_counts_at_once_and_only_of_the_version_in_force() -> None:
    here = IdentityView(told={("p-una", "v2"): NOVEMBER}, reminded={("p-una", "v2"): NOVEMBER})
    assert person_due(UNTOLD, "v2", EMPTY, NOVEMBER, CALENDAR) is Due.FIRST
    assert person_due(UNTOLD, "v2", here, NOVEMBER, CALENDAR) is None
    assert person_due(UNTOLD, "v3", here, NOVEMBER, CALENDAR) is Due.CHANGED
    assert person_due(replace(UNTOLD, told_earlier_ms=4), "v3", EMPTY, NOVEMBER, CALENDAR) is Due.CHANGED
    told = replace(UNTOLD, told_ms=5)
    assert person_due(told, "v2", EMPTY, NOVEMBER, CALENDAR) is Due.REMINDER
    assert person_due(replace(told, reminded_ms=NOVEMBER), "v2", EMPTY, NOVEMBER, CALENDAR) is None
