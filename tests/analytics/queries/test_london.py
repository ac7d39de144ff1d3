"""London days and times, over both changes of the clock."""

from datetime import UTC, date, datetime

import pytest

from analytics.queries.london import day_bounds, london_text


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24), (date(2026, 1, 1), 24)],
)
def test_a_london_day_has_its_own_length(day: date, hours: int) -> None:
    begin, end = day_bounds(day, day)
    assert (end - begin) / 3_600_000 == hours
    assert london_text(begin) == f"{day} 00:00:00"
    assert london_text(end - 1) == f"{day} 23:59:59"


def test_the_repeated_hour_is_shown_as_the_clock_showed_it() -> None:
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp() * 1000)
    assert london_text(first) == london_text(first + 3_600_000) == "2026-10-25 01:30:00"
