"""What the forms of the permissions page show first."""

from datetime import time, timedelta

from analytics.governance.permission_requests import PermissionRequest, RequestState
from analytics.governance.permission_terms import Terms
from analytics.snapshot import Window
from dashboard.moments import day_bounds_ms, london_day, now_ms
from dashboard.permission_forms import as_asked

NIGHT = (Window(weekday=4, start=1320, end=120), Window(weekday=5, start=1320, end=120))


def request(**changes: object) -> PermissionRequest:
    plain: dict[str, object] = {
        "categories": ("travel",), "hosts": ("a.example", "b.example"), "windows": NIGHT, "from_ms": 1, "until_ms": 0,
    }  # fmt: skip
    return PermissionRequest(
        request_id="q-1", person_id="p-1", asked_ms=1, terms=Terms(**{**plain, **changes}), why="x",  # type: ignore[arg-type]
        state=RequestState.WAITING, decided_by="", decided_ms=0, decided_why="", permission_id=None,
    )  # fmt: skip


def test_the_fields_for_less_begin_with_what_was_asked() -> None:
    found = as_asked(request())
    assert (found["categories"], found["sites"]) == (["travel"], "a.example\nb.example")
    assert (found["days"], found["start"], found["end"]) == (["4", "5"], time(22), time(2))
    assert (found["first"], found["last"]) == (None, None)


def test_whole_days_have_no_times_and_the_last_day_is_the_one_included() -> None:
    today = london_day(now_ms())
    first, last = today + timedelta(days=3), today + timedelta(days=9)
    whole = (Window(weekday=0, start=0, end=1440),)
    found = as_asked(request(windows=whole, from_ms=day_bounds_ms(first)[0], until_ms=day_bounds_ms(last)[1]))
    assert (found["start"], found["end"]) == (None, None)
    assert (found["first"], found["last"]) == (first, last)
    assert as_asked(request(windows=()))["days"] == []
