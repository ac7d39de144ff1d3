"""One day of one person."""

from datetime import timedelta

from dashboard.app import Pages
from dashboard.moments import london_day, now_ms
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


def test_the_day_shows_its_visits_with_why_and_how_we_know_who(app: Pages, gamble: tuple[str, str, str]) -> None:
    person, day, _ = gamble
    search = f"?day={day}"
    path = f"/person/{person}"
    found = said(call(app, signed_in(app, "head"), "page", address__pathname=path, address__search=search))
    assert "The site is listed as Gambling." in found
    assert "Their sign-in in the browser" in found
    assert "Sessions" in found


def test_gaps_that_overlap_are_said_once(app: Pages, filled: SmallSchool) -> None:
    day = london_day(now_ms()) - timedelta(days=2)
    path, search = f"/person/{filled.people['Dilys Marchbank']}", f"?day={day.isoformat()}"
    found = said(call(app, signed_in(app, "head"), "page", address__pathname=path, address__search=search))
    assert "Not recorded: 11:00 to 12:00." in found
