"""Weekly hours as a person writes them: monday = ["08:30-12:00", "22:00-06:00"].

Owns their reading. Promises: a stretch that runs past midnight is split there, so no window is longer than its day.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from config.policy_model import WeeklyWindow

type Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT: Final = 24 * 60
_STRETCH = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)").fullmatch


def read_stretch(written: str) -> tuple[int, int]:
    """Start and end in minutes since midnight of "08:30-15:30"; an end at or before the start is on the next day.

    Raises:
        ValueError: what is allowed instead.
    """
    found = _STRETCH(written)
    if found is None:
        raise ValueError('a stretch of the day such as "08:30-15:30"')
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if start >= MIDNIGHT or end > MIDNIGHT or start == end:
        raise ValueError('a stretch that begins by 23:59, ends by 24:00 and is not empty, such as "08:30-15:30"')
    return start, end


def weekly_windows(week: Mapping[Weekday, Sequence[str]]) -> tuple[WeeklyWindow, ...]:
    """The windows of a week whose stretches `read_stretch` accepts, in order."""
    found = (window for day, stretches in week.items() for window in _windows(WEEKDAYS.index(day), stretches))
    return tuple(sorted(found, key=lambda window: (window.weekday, window.start, window.end)))


def _windows(weekday: int, stretches: Sequence[str]) -> Iterator[WeeklyWindow]:
    for written in stretches:
        start, end = read_stretch(written)
        if start < end:
            yield WeeklyWindow(weekday=weekday, start=start, end=end)
            continue
        yield WeeklyWindow(weekday=weekday, start=start, end=MIDNIGHT)
        if end:
            yield WeeklyWindow(weekday=(weekday + 1) % 7, start=0, end=end)
