"""The demonstration's policy."""

from datetime import date
from pathlib import Path

import pytest

from analytics.demonstration.own_policy import school_policy, write_policy
from analytics.demonstration.timetable import inset_day, school_days
from config.policy import load_policy
from config.school_calendar import DayKind


@pytest.mark.parametrize("today", [date(2026, 8, 12), date(2026, 12, 25), date(2031, 5, 5), date(2028, 2, 29)])
def test_whatever_the_day_its_history_lies_in_term_time_with_one_inset_day(today: date) -> None:
    calendar = school_policy(today).calendar
    kinds = {day: calendar.kind(day) for day, _ in school_days(today)}
    assert kinds.pop(inset_day(today)) is DayKind.INSET
    assert set(kinds.values()) == {DayKind.TERM}


def test_what_is_written_loads_as_the_policy_that_was_made_and_may_be_written_again(tmp_path: Path) -> None:
    for today in (date(2026, 11, 24), date(2026, 11, 25)):
        made = school_policy(today)
        write_policy(tmp_path / "policy", made)
        assert load_policy(tmp_path / "policy").version == made.version
    assert made.version != load_policy().version
    assert made.notice_version == load_policy().notice_version
