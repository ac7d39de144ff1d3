"""The timetable of the back-history: which pages each member chose, and when, on each school day of four weeks.

Owns nothing but the plan: deterministic for a member and a day, so the same date always gives the same history.
Weekends are off, one Friday is an INSET day (training for everybody), and everyone has a day off sick now and then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from analytics.demonstration.member import Habit, Member, Slot
from analytics.demonstration.sites import in_topic
from config.policy import HoursPattern, WeeklyWindow

LONDON: Final = ZoneInfo("Europe/London")
WEEKS: Final = 4
_INSET_WEEK: Final = 1
_FRIDAY: Final = 4
_SICK: Final = 0.03
_SPREAD: Final = 0.35
"""How much a day's number of visits strays from the habit's average."""
_TRAINING: Final = Habit("teaching", Slot.LESSON, (9,))
_VOLUNTARY: Final = WeeklyWindow(weekday=0, start=13 * 60, end=15 * 60)
"""When people without contracted hours are in school."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A page that a member opened; `ts_ms` UTC."""

    ts_ms: int
    url: str


def school_days(today: date) -> Iterator[tuple[date, int]]:
    """The weekdays of the four weeks before `today`, and of today itself, each with its week's number from 0."""
    first = today - timedelta(days=7 * WEEKS)
    for offset in range(7 * WEEKS + 1):
        day = first + timedelta(days=offset)
        if day.weekday() < 5:
            yield day, offset // 7


def inset_day(today: date) -> date:
    """The Friday of those weeks on which everybody is in training."""
    return next(day for day, week in school_days(today) if (week, day.weekday()) == (_INSET_WEEK, _FRIDAY))


def chosen_pages(member: Member, hours: HoursPattern, day: date, week: int) -> list[Chosen]:
    """What `member` opened on `day`, in order of time."""
    # Not for secrets: the history must come out the same for the same day.
    random = Random(f"{member.key} {day}")  # noqa: S311
    if random.random() < _SICK and not member.lapses:
        return []
    inset = week == _INSET_WEEK and day.weekday() == _FRIDAY
    habits = (_TRAINING,) if inset and member.habits else member.habits
    pages = [page for habit in habits for page in _habit_pages(habit, hours, day, week, random)]
    pages += [
        Chosen(_utc_ms(day, lapse.minute, random), lapse.url)
        for lapse in member.lapses
        if (lapse.week, lapse.weekday) == (week, day.weekday())
    ]
    return sorted(pages, key=lambda page: page.ts_ms)


def stretches(hours: HoursPattern, weekday: int, slot: Slot) -> list[tuple[int, int]]:
    """When `slot` is on `weekday`, in minutes since midnight, by the contracted hours."""
    worked = [(window.start, window.end) for window in hours.contracted if window.weekday == weekday]
    breaks = [(window.start, window.end) for window in hours.breaks if window.weekday == weekday]
    if not worked:
        return [(_VOLUNTARY.start, _VOLUNTARY.end)]
    match slot:
        case Slot.EARLY:
            return [(worked[0][0] - 25, worked[0][0] - 1)]
        case Slot.LATE:
            return [(worked[-1][1] + 1, worked[-1][1] + 45)]
        case Slot.BREAK:
            return breaks[-1:] or [(worked[0][1] + 1, worked[0][1] + 30)]
        case Slot.LESSON:
            return _without(worked, breaks)


def _without(worked: list[tuple[int, int]], breaks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in worked:
        for pause, resume in breaks:
            if start < pause < end:
                found.append((start, pause))
                start = resume
        found.append((start, end))
    return found


def _habit_pages(habit: Habit, hours: HoursPattern, day: date, week: int, random: Random) -> Iterator[Chosen]:
    average = habit.daily[min(week, len(habit.daily) - 1)]
    count = _rounded(average * random.uniform(1 - _SPREAD, 1 + _SPREAD), random)
    open_times = stretches(hours, day.weekday(), habit.slot)
    pages = [address for site in in_topic(habit.topic) for address in site.addresses]
    for sitting in _sittings(count, random):
        start, end = random.choice(open_times)
        moment = random.uniform(start, max(start + 1, end - 2 * sitting))
        for _ in range(sitting):
            yield Chosen(_utc_ms(day, min(moment, end - 0.1), random), random.choice(pages))
            moment += random.uniform(0.4, 4)


def _rounded(value: float, random: Random) -> int:
    """A whole number whose average is `value`."""
    return int(value) + (random.random() < value % 1)


def _sittings(count: int, random: Random) -> Iterator[int]:
    """Split `count` visits into handfuls made one after another."""
    while count > 0:
        size = min(count, random.randint(1, 4))
        yield size
        count -= size


def _utc_ms(day: date, minute: float, random: Random) -> int:
    local = datetime.combine(day, time(), LONDON) + timedelta(minutes=minute)
    return int(local.astimezone(UTC).timestamp() * 1000) + random.randrange(1000)
