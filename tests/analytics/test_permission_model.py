"""Permissions against a model that reckons otherwise: with dates on a wall, minute by minute, and by exhaustion."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.permission import is_open, permission_for
from analytics.snapshot import HeldBack, Permission, Window

LONDON = ZoneInfo("Europe/London")
MINUTE_MS = 60_000
BACK, FORWARD = date(2026, 10, 25), date(2027, 3, 28)
"""Sundays on which the clocks change."""

WINDOWS = st.builds(Window, weekday=st.integers(0, 6), start=st.integers(0, 1439), end=st.integers(1, 1440)).filter(
    lambda window: window.start != window.end
)


def on_the_wall(ts_ms: int) -> datetime:
    """What a clock in London shows, as a bare date and time."""
    return datetime.fromtimestamp(ts_ms / 1000, UTC).astimezone(LONDON).replace(tzinfo=None)


def stretches(window: Window, around: date) -> Iterator[tuple[datetime, datetime]]:
    """From when to when, by the wall, the window is open in the fortnight around a date."""
    for number in range(-7, 8):
        day = around + timedelta(days=number)
        if day.weekday() == window.weekday:
            midnight = datetime.combine(day, datetime.min.time())
            end = midnight + timedelta(days=window.end <= window.start, minutes=window.end)
            yield midnight + timedelta(minutes=window.start), end


def open_by_the_wall(windows: list[Window], ts_ms: int) -> bool:
    shown = on_the_wall(ts_ms)
    return any(begin <= shown < end for window in windows for begin, end in stretches(window, shown.date()))


def minutes_of(day: date) -> range:
    """Every minute, in UTC milliseconds, from noon the day before until noon of `day`."""
    first, last = (
        int(datetime(each.year, each.month, each.day, 12, tzinfo=LONDON).timestamp() * 1000)
        for each in (day - timedelta(days=1), day)
    )
    return range(first, last, MINUTE_MS)


@given(st.lists(WINDOWS, min_size=1, max_size=3), st.integers(0, 2**41))
def test_a_window_is_open_exactly_when_the_wall_says_so(windows: list[Window], ts_ms: int) -> None:
    assert is_open(windows, ts_ms) == open_by_the_wall(windows, ts_ms)


@pytest.mark.parametrize("day", [BACK, FORWARD], ids=["clocks go back", "clocks go forward"])
@pytest.mark.parametrize(
    "window",
    [
        Window(weekday=5, start=1320, end=120),
        Window(weekday=6, start=60, end=120),
        Window(weekday=6, start=0, end=1440),
        Window(weekday=6, start=90, end=150),
        Window(weekday=5, start=720, end=719),
    ],
    ids=str,
)
def test_every_minute_of_the_nights_the_clocks_change(window: Window, day: date) -> None:
    found = [is_open((window,), minute) for minute in minutes_of(day)]
    assert found == [open_by_the_wall([window], minute) for minute in minutes_of(day)]


def test_both_repeated_hours_belong_to_the_window_and_the_skipped_one_is_never_met() -> None:
    night = Window(weekday=6, start=60, end=120)
    assert sum(is_open((night,), minute) for minute in minutes_of(BACK)) == 120
    assert sum(is_open((night,), minute) for minute in minutes_of(FORWARD)) == 0
    across = Window(weekday=5, start=1380, end=180)
    assert sum(is_open((across,), minute) for minute in minutes_of(BACK)) == 300
    assert sum(is_open((across,), minute) for minute in minutes_of(FORWARD)) == 180


PEOPLE, SITES = ("p-1", "p-2"), ("bbc.co.uk", "bbc.co.uk/sport", "ebay.co.uk")
PERMISSIONS = st.builds(
    Permission,
    permission_id=st.text("abc", min_size=1, max_size=4),
    person_id=st.sampled_from((*PEOPLE, None)),
    categories=st.sets(st.sampled_from(("news", "sport"))).map(tuple),
    hosts=st.sets(st.sampled_from(SITES)).map(tuple),
    windows=st.lists(WINDOWS, max_size=2).map(tuple),
    from_ms=st.integers(0, 20),
    until_ms=st.just(0) | st.integers(1, 30),
    held_back=st.just(()) | st.builds(lambda at: (HeldBack(person_id="p-1", from_ms=at),), st.integers(0, 20)),
)


def covers(permission: Permission, person: str, category: str, site: str, ts_ms: int) -> bool:
    """The rule once more, in other words."""
    if permission.person_id not in {None, person}:
        return False
    begins = permission.from_ms
    if permission.held_back and person == "p-1":
        if not permission.held_back[0].from_ms:
            return False
        begins = max(begins, permission.held_back[0].from_ms)
    if ts_ms < begins or (permission.until_ms and ts_ms >= permission.until_ms):
        return False
    if category not in permission.categories and not any(site.startswith(each) for each in permission.hosts):
        return False
    return not permission.windows or open_by_the_wall(list(permission.windows), ts_ms)


@given(
    st.lists(PERMISSIONS, max_size=6, unique_by=lambda each: each.permission_id),
    st.sampled_from(PEOPLE),
    st.sampled_from(("news", "sport", "travel")),
    st.sampled_from((*SITES, "bbc.co.uk/sport/cricket", "gov.uk")),
    st.integers(0, 31),
    st.randoms(use_true_random=False),
)
def test_the_one_named_covers_and_no_other_is_more_particular(
    permissions: list[Permission], person: str, category: str, site: str, ts_ms: int, chance: Random
) -> None:
    host, _, below = site.partition("/")
    named = permission_for(permissions, person, category, host, ts_ms, f"/{below}")
    by_hand = [each for each in permissions if covers(each, person, category, site, ts_ms)]
    assert (named is None) == (by_hand == [])
    if named is None:
        return
    chosen = next(each for each in by_hand if each.permission_id == named)
    if any(each.person_id == person for each in by_hand):
        assert chosen.person_id == person
    same = [each for each in by_hand if (each.person_id is None) == (chosen.person_id is None)]
    if any(site.startswith(each) for other in same for each in other.hosts):
        assert any(site.startswith(each) for each in chosen.hosts)
    shuffled = list(permissions)
    chance.shuffle(shuffled)
    assert permission_for(shuffled, person, category, host, ts_ms, f"/{below}") == named


@given(PERMISSIONS, st.sampled_from(PEOPLE))
def test_it_holds_to_the_millisecond(permission: Permission, person: str) -> None:
    held = [permission_for([permission], person, "news", "bbc.co.uk", ts_ms, "/") is not None for ts_ms in range(32)]
    assert sum(before != after for before, after in pairwise(held)) <= 2
    for ts_ms, found in enumerate(held):
        assert found == covers(permission, person, "news", "bbc.co.uk", ts_ms)
