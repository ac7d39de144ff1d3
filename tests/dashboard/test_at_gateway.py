"""Since when a decision holds at the gateway, and what is said until it does."""

from dataclasses import replace

import pytest

from analytics.governance.permissions import Granted
from analytics.snapshot import HeldBack
from dashboard.at_gateway import AtGateway, gateway_words
from dashboard.moments import now_ms
from tests.dashboard.small_school import SmallSchool, call, said, signed_in
from tests.dashboard.test_permit import ASKED, Office

NOW = now_ms()
GRANTED = Granted(
    permission_id="m-1", person_id=None, categories=("travel",), hosts=(), windows=(), reason="x", granted_by="a-1",
    granted_ms=NOW - 60_000, from_ms=NOW - 60_000, until_ms=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("there", "since"),
    [
        (AtGateway({}, (NOW,)), 0),
        (AtGateway({"m-1": 0}, (NOW - 90_000, NOW - 59_000, NOW)), NOW - 59_000),
        (AtGateway({"m-1": 0}, (NOW - 90_000,)), 0),
        (AtGateway({"m-1": NOW + 5}, (NOW,)), 0),
    ],
)
def test_it_is_there_since_the_first_time_it_was_handed_over_as_it_stands(there: AtGateway, since: int) -> None:
    assert there.since_ms(GRANTED) == since


def test_for_whoever_was_held_back_it_is_there_since_the_confirmation_was_handed_over() -> None:
    held = replace(GRANTED, held_back=(HeldBack(person_id="p-1", from_ms=NOW - 30_000),))
    there = AtGateway({"m-1": 0}, (NOW - 59_000, NOW - 20_000))
    assert there.since_ms(held, "p-1") == NOW - 20_000
    assert there.since_ms(held, "p-2") == NOW - 59_000


def test_the_words_for_each_state() -> None:
    there = AtGateway({"m-1": 0}, (NOW,))
    assert gateway_words(GRANTED, there).startswith("In force at the gateway since ")
    assert gateway_words(GRANTED, AtGateway({}, ())) == (
        "Decided, but not yet at the gateway. Please tell the technician."
    )
    ahead = replace(GRANTED, from_ms=NOW + 40 * 86_400_000)
    assert gateway_words(ahead, there).startswith("At the gateway; begins at ")
    assert gateway_words(replace(GRANTED, until_ms=NOW - 1), there).startswith("Ended at ")


def test_a_decision_that_cannot_be_handed_over_stands_and_the_page_says_so(fresh: SmallSchool) -> None:
    fresh.here.state.snapshot.parent.rmdir()
    fresh.here.state.snapshot.parent.touch()
    office = Office(fresh)
    answer = office.send("head", "/permissions/new", {**ASKED, "who": "everybody"})
    assert answer.status_code == 303
    assert len(office.governance.permissions.all()) == 1
    assert "not yet at the gateway" in office.page("head")


def test_a_school_that_never_published_hands_nothing_over(fresh: SmallSchool) -> None:
    assert not fresh.here.state.snapshot.exists()
    app = fresh.app()
    page = said(call(app, signed_in(app, "head"), "page", address__pathname="/permissions"))
    assert "No permission is in force" in page
