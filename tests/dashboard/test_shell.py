"""The frame around every page."""

import pytest

from analytics.governance import Role
from analytics.store.columns import table_of
from dashboard.app import Pages
from dashboard.moments import now_ms
from dashboard.shell import sections
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


@pytest.mark.parametrize(
    ("role", "addresses"),
    [
        (Role.HEADTEACHER, ["/", "/permissions", "/notices", "/coverage", "/passed-through"]),
        (Role.CHAIR, ["/", "/permissions", "/notices", "/coverage", "/passed-through"]),
        (Role.TECHNICIAN, ["/permissions", "/coverage", "/passed-through"]),
        (Role.STAFF, ["/permissions"]),
        (Role.DSL, ["/permissions"]),
    ],
)
def test_the_navigation_offers_what_the_role_may_open(role: Role, addresses: list[str]) -> None:
    assert [getattr(each, "href", "") for each in sections(role, "/coverage")] == addresses


def test_the_demonstration_says_so_and_a_school_does_not(app: Pages, fresh: SmallSchool) -> None:
    assert "DEMONSTRATION" in signed_in(app, "head").get("/_dash-layout").text
    assert "DEMONSTRATION" not in signed_in(fresh.app(), "head").get("/_dash-layout").text


def test_the_frame_has_a_skip_link_the_school_and_who_is_signed_in(app: Pages) -> None:
    frame = signed_in(app, "chair").get("/_dash-layout").text
    for part in ("Skip to the content", "Oakfield Primary School", "Chair of Governors", "Sign out"):
        assert part in frame


def test_the_status_says_up_to_when_there_is_data(app: Pages, filled: SmallSchool) -> None:
    beat = {
        "school": "oakfield", "gateway": "gate-0", "segment": 9, "seq": now_ms(), "ts_ms": now_ms(),
        "since_ms": now_ms() - 1000, "requests": 0, "passed_through": 0, "untold": 0, "dropped": 0, "hook_errors": 0,
        "policy_version": "v", "software": "fairgate", "received_ms": now_ms(),
    }  # fmt: skip
    filled.here.store.insert("heartbeats", table_of("heartbeats", [beat]), f"beat-{now_ms()}")
    found = said(call(app, signed_in(app, "head"), "status"))
    assert "Data up to" in found
    assert "trouble" not in found


def test_a_gateway_that_is_silent_is_said_at_once(filled: SmallSchool, monkeypatch: pytest.MonkeyPatch) -> None:
    app = filled.app()
    client = signed_in(app, "head")
    later = now_ms() + 10 * 60_000
    monkeypatch.setattr("dashboard.shell.now_ms", lambda: later)
    found = said(call(app, client, "status"))
    assert "Nothing has been heard from the gateway since" in found
    assert "status trouble" in found
