"""Counting judged-then against judged-now."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.categorise import Judge, Verdict
from analytics.event import NotInspected
from analytics.judged_again import Judged, Missing
from analytics.rejudge_tally import RejudgeTally
from config.policy import load_policy

JUDGE = Judge(load_policy())
SHOP, NEWS, SHIELD = (JUDGE.judge(host) for host in ("amazon.co.uk", "theguardian.com", "nhs.uk"))
SAME = None
PAGE = Judged("a.example", "", "", "navigation", "", "shopping", "private", 1, "", "", "", "listed", "v", "inspected")


def test_each_outcome_has_its_own_count_and_people_are_those_whose_visits_they_are() -> None:
    tally = RejudgeTally()
    tally.add(PAGE, "p-1", SAME, None)
    tally.add(PAGE, "p-1", replace(SHOP, category="shopping"), None)
    tally.add(PAGE, "p-1", NEWS, None)
    tally.add(PAGE, "p-1", NEWS, None)
    tally.add(PAGE, "p-2", NEWS, None)
    tally.add(PAGE, None, NEWS, None)
    tally.add(PAGE._replace(kind="subresource"), "p-3", NEWS, None)
    tally.add(PAGE, "p-1", SHIELD, NotInspected.SHIELD)
    tally.add(PAGE, "p-1", Missing.PATH, None)
    plain = tally.plain()
    assert plain["all"] == {"events": 9, "visits": 8, "people": 2}
    assert plain["unchanged"] == {"events": 2, "visits": 2, "people": 1}
    assert plain["changed"] == {"events": 5, "visits": 4, "people": 2}
    assert plain["would_be_shielded"] == {"events": 1, "visits": 1}
    assert plain["not_rejudged"]["path_not_kept"] == {"events": 1, "visits": 1}
    (change,) = plain["changes"]
    assert change["then"] == {"category": "shopping", "purpose": "private", "gravity": 1}
    assert (change["now"]["category"], change["list"]) == (NEWS.category, NEWS.list_name)
    assert (change["events"], change["visits"], change["people"]) == (5, 4, 2)
    assert "rule" not in change


def test_of_what_would_be_shielded_not_even_the_old_category_is_kept() -> None:
    tally = RejudgeTally(frozenset((SHIELD.rule, "a.example")))
    tally.add(PAGE, "p-1", SHIELD, NotInspected.SHIELD)
    assert tally.plain()["changes"] == []
    assert "shopping" not in str(tally.plain())
    assert not tally.changed.people


def test_a_rule_is_named_only_where_it_may_be_shown() -> None:
    shown, hidden = RejudgeTally(frozenset((NEWS.rule,))), RejudgeTally(frozenset(("other.example",)))
    for tally in (shown, hidden):
        tally.add(PAGE, "p-1", NEWS, None)
    assert shown.plain()["changes"][0]["rule"] == NEWS.rule
    assert hidden.plain()["changes"][0]["rule"] == ""


def test_what_would_not_be_opened_any_more_is_counted_beside_its_verdict() -> None:
    tally = RejudgeTally()
    tally.add(PAGE, "p-1", replace(SHOP, category="banking"), NotInspected.BANKING)
    tally.add(PAGE._replace(not_inspected="banking"), "p-1", SHOP, NotInspected.BANKING)
    assert tally.plain()["would_not_be_opened"] == {"events": 1, "visits": 1}


OUTCOMES = st.sampled_from([SAME, SHOP, NEWS, SHIELD, *Missing])


@given(
    st.lists(st.tuples(OUTCOMES, st.sampled_from(["p-1", "p-2", None]), st.sampled_from(["navigation", "embedded"])))
)
def test_every_event_is_counted_in_one_place_whatever_their_order(
    events: list[tuple[Verdict | Missing | None, str | None, str]],
) -> None:
    forwards, backwards = RejudgeTally(), RejudgeTally()
    for tally, ordered in ((forwards, events), (backwards, events[::-1])):
        for now, person_id, kind in ordered:
            tally.add(PAGE._replace(kind=kind), person_id, now, None)
    places = [forwards.same, forwards.changed, forwards.shielded, *forwards.missing.values()]
    assert forwards.all.events == len(events) == sum(count.events for count in places)
    assert forwards.all.visits == sum(count.visits for count in places)
    assert forwards.changed.events == sum(count.events for count in forwards.changes.values())
    assert forwards.plain() == backwards.plain()
