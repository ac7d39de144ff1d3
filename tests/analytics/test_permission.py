"""Which permission covers an exchange, as of its moment."""

from datetime import datetime
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analytics.permission import permission_for, shown_by_front_end
from analytics.snapshot import HeldBack, Permission, Window

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> int:
    """UTC milliseconds of a London wall-clock time; append "+" for the second of a repeated hour."""
    local = datetime.fromisoformat(text.rstrip("+")).replace(tzinfo=LONDON, fold=int(text.endswith("+")))
    return int(local.timestamp()) * 1000


NOON = at("2026-11-23T12:00:00")


def granted(permission_id: str = "m-1", **changes: Any) -> Permission:
    fields: dict[str, Any] = {
        "person_id": "p-1",
        "categories": ("shopping",),
        "hosts": (),
        "windows": (),
        "from_ms": NOON - 1000,
        "until_ms": NOON + 1000,
    }
    return Permission(permission_id=permission_id, **fields | changes)


def asked(
    *permissions: Permission, person: str | None = "p-1", host: str = "amazon.co.uk", ts_ms: int = NOON, path: str = ""
) -> str | None:
    return permission_for(permissions, person, "shopping", host, ts_ms, path)


@pytest.mark.parametrize(
    ("ts_ms", "covered"),
    [(NOON - 1001, False), (NOON - 1000, True), (NOON + 999, True), (NOON + 1000, False)],
)
def test_it_holds_from_its_beginning_until_just_before_its_end(ts_ms: int, covered: bool) -> None:
    assert (asked(granted(), ts_ms=ts_ms) == "m-1") is covered


def test_without_an_end_it_holds_on() -> None:
    assert asked(granted(until_ms=0), ts_ms=NOON * 2) == "m-1"


def test_it_holds_for_its_person_or_for_everyone() -> None:
    assert asked(granted(), person="p-2") is None
    assert asked(granted(), person=None) is None
    assert asked(granted(person_id=None), person="p-2") == "m-1"
    assert asked(granted(person_id=None), person=None) == "m-1"


@pytest.mark.parametrize(
    ("host", "covered"),
    [("ebay.co.uk", True), ("www.ebay.co.uk", True), ("notebay.co.uk", False), ("co.uk", False), ("ebay.com", False)],
)
def test_it_covers_the_hosts_it_names_and_those_below_them(host: str, covered: bool) -> None:
    assert (asked(granted(categories=(), hosts=("ebay.co.uk",)), host=host) == "m-1") is covered


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/sport", True),
        ("/Sport/football?page=2", True),
        ("/%73port/", True),
        ("//sport/football", True),
        ("/%53port", True),
        ("/news/../sport", True),
        ("/sport/../news", False),
        ("/sports", False),
        ("/news/sport", False),
        ("/", False),
        ("", True),
    ],
)
def test_a_part_of_a_site_covers_what_is_below_it_and_where_the_path_is_not_known_all_in_favour_of_the_person(
    path: str, covered: bool
) -> None:
    permission = granted(categories=(), hosts=("bbc.co.uk/sport",))
    assert (asked(permission, host="www.bbc.co.uk", path=path) == "m-1") is covered


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        (("www-bbc-co-uk.translate.goog", "/sport/x", ""), True),
        (("www-bbc-co-uk.translate.goog", "/news", ""), False),
        (("www-bbc-co-uk.translate.goog", "", ""), True),
        (("web.archive.org", "/web/2020/https://www.bbc.co.uk/sport", ""), True),
        (("web.archive.org", "/web/2020/https://www.bbc.co.uk/news", ""), False),
        (("web.archive.org", "/", ""), False),
        (("l.facebook.com", "/l.php", "u=https%3A%2F%2Fwww.bbc.co.uk%2Fsport%2Fx"), True),
        (("web.archive.org", "/web/2020/https://www.bbc.co.uk/sport/https://x.example", ""), True),
        (("l.facebook.com", "/l.php", "u=https%3A%2F%2Fweb.archive.org%2Fweb%2F2020%2Fhttps%3A%2F%2Fbbc.co.uk%2Fsport"),
         True),
    ],
)  # fmt: skip
def test_a_page_that_a_front_end_shows_is_covered_as_it_is_at_home(
    address: tuple[str, str, str], covered: bool
) -> None:
    permission, (host, path, _) = granted(categories=(), hosts=("bbc.co.uk/sport",)), address
    found = permission_for((permission,), "p-1", "news", host, NOON, path, shown_by_front_end(*address))
    assert (found == "m-1") is covered


def test_a_permission_for_the_front_end_itself_covers_what_it_shows() -> None:
    permission, path = granted(categories=(), hosts=("archive.org",)), "/web/2020/https://www.bbc.co.uk/news"
    shown = shown_by_front_end("web.archive.org", path, "")
    assert permission_for((permission,), "p-1", "news", "web.archive.org", NOON, path, shown) == "m-1"


@pytest.mark.parametrize(
    ("person", "from_ms", "ts_ms", "covered"),
    [
        ("p-2", 0, NOON, True),
        ("p-1", 0, NOON, False),
        ("p-1", NOON, NOON - 1, False),
        ("p-1", NOON, NOON, True),
        ("p-1", NOON, NOON + 1000, False),
        ("p-1", 1, NOON - 1001, False),
    ],
)
def test_whoever_is_held_back_is_covered_from_their_own_beginning_on(
    person: str, from_ms: int, ts_ms: int, covered: bool
) -> None:
    everyone = granted(person_id=None, held_back=(HeldBack(person_id="p-1", from_ms=from_ms),))
    assert (asked(everyone, person=person, ts_ms=ts_ms) == "m-1") is covered


def test_of_two_sites_the_longer_and_of_two_times_the_narrower_is_the_more_particular() -> None:
    whole = granted("a", categories=(), hosts=("bbc.co.uk",))
    part = granted("b", categories=(), hosts=("bbc.co.uk/sport",))
    always, lunch = granted("c"), granted("d", windows=(LUNCH,))
    for order in permutations((whole, part)):
        assert asked(*order, host="bbc.co.uk", path="/sport/cricket") == "b"
        assert asked(*order, host="bbc.co.uk", path="/news") == "a"
    for order in permutations((always, lunch)):
        assert asked(*order) == "d"


def test_of_several_the_most_particular_is_named_whatever_their_order() -> None:
    everyone = granted("a-everyone", person_id=None)
    category = granted("b-category")
    later = granted("c-category")
    host = granted("d-host", hosts=("amazon.co.uk",))
    for order in permutations((everyone, category, later, host)):
        assert asked(*order) == "d-host"
    for order in permutations((everyone, category, later)):
        assert asked(*order) == "b-category"


LUNCH = Window(weekday=0, start=720, end=780)
NIGHT = Window(weekday=6, start=1380, end=120)


@pytest.mark.parametrize(
    ("window", "when", "covered"),
    [
        (LUNCH, "2026-11-23T12:00:00", True),
        (LUNCH, "2026-11-23T12:59:59", True),
        (LUNCH, "2026-11-23T13:00:00", False),
        (LUNCH, "2026-11-24T12:00:00", False),
        (LUNCH, "2026-07-06T12:30:00", True),
        (NIGHT, "2026-11-22T22:59:00", False),
        (NIGHT, "2026-11-22T23:00:00", True),
        (NIGHT, "2026-11-23T01:59:00", True),
        (NIGHT, "2026-11-23T02:00:00", False),
        (NIGHT, "2026-11-23T23:30:00", False),
        # The clocks go back on Sunday 25 October 2026, and forward on Sunday 29 March.
        (Window(weekday=5, start=1380, end=120), "2026-10-25T01:30:00", True),
        (Window(weekday=5, start=1380, end=120), "2026-10-25T01:30:00+", True),
        (Window(weekday=5, start=1380, end=120), "2026-10-25T02:00:00", False),
        (Window(weekday=5, start=1380, end=120), "2026-03-29T00:59:59", True),
        (Window(weekday=5, start=1380, end=120), "2026-03-29T02:00:00", False),
        (Window(weekday=0, start=600, end=600), "2026-11-24T09:59:00", True),
        (Window(weekday=0, start=0, end=1440), "2026-11-23T23:59:59", True),
        (Window(weekday=0, start=0, end=1440), "2026-11-24T00:00:00", False),
    ],
)
def test_windows_are_london_time_past_midnight_and_on_the_nights_the_clocks_change(
    window: Window, when: str, covered: bool
) -> None:
    permission = granted(windows=(window,), from_ms=0, until_ms=0)
    assert (asked(permission, ts_ms=at(when)) == "m-1") is covered


def test_one_open_window_is_enough() -> None:
    assert asked(granted(windows=(NIGHT, LUNCH))) == "m-1"
    assert asked(granted(windows=(NIGHT,))) is None
