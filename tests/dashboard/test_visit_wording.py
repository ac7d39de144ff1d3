"""One visit in plain words."""

from typing import Any

import pytest

from config.policy import load_policy
from dashboard.visit_wording import visit_facts, visit_why

POLICY = load_policy()
VISIT: dict[str, Any] = {
    "host": "www.bet365.com", "path": "/", "search_phrase": "", "start_ms": 1_795_000_000_000, "lower_s": 60,
    "upper_s": 600, "kind_reason": "typed_or_clicked", "kind_confidence": 95, "status": 200,
    "fetched_until_ms": 1_795_000_000_000,
    "hours": "contracted", "standing": "inappropriate", "category": "gambling", "reason": "listed",
    "gravity": 2, "list_name": "Fairgate curated list", "list_version": "b422", "method": "proxy", "grade": "A",
    "not_inspected": "inspected", "before_notice": False, "notice_changed_ms": 0, "pulled_in": 3, "rule": "bet365.com",
}  # fmt: skip


def test_a_listed_site_names_its_category() -> None:
    assert visit_why(VISIT, POLICY) == "The site is listed as Gambling."


def test_what_may_be_somebody_elses_says_so_first() -> None:
    assert visit_why({**VISIT, "standing": "unsure", "grade": "C"}, POLICY).startswith("It is not sure that it was")


@pytest.mark.parametrize("reason", ["not_listed", "hint_only"])
def test_what_is_not_judged_counts_against_nobody(reason: str) -> None:
    assert "counts against nobody" in visit_why({**VISIT, "reason": reason}, POLICY)


def test_the_facts_say_gravity_is_a_suggestion_and_how_we_know_who() -> None:
    facts = dict(visit_facts(VISIT, POLICY))
    assert facts["Suggested gravity"] == "2 of 4, moderate; a named person decides"
    assert facts["How we know who"] == "By their sign-in in the browser. Sure: they were signed in."
    assert facts["How long"] == "1 to 10 min"


def test_facts_that_do_not_apply_are_left_out() -> None:
    facts = dict(visit_facts({**VISIT, "gravity": 0}, POLICY))
    assert not {"Suggested gravity", "Before notice", "Permitted", "Opened", "Searched for"} & set(facts)


def test_what_was_not_opened_says_so() -> None:
    facts = dict(visit_facts({**VISIT, "not_inspected": "pinned"}, POLICY))
    assert facts["Opened"] == "No: the app does not allow it. Only the site's name is known."


def test_a_page_looked_at_briefly_and_left_open_is_said_to_be_that() -> None:
    facts = dict(visit_facts({**VISIT, "fetched_until_ms": VISIT["start_ms"] + 5 * 3_600_000}, POLICY))
    assert facts["Left open"].endswith("That is not counted as time.")
    assert "Left open" not in dict(visit_facts(VISIT, POLICY))


def test_a_page_that_was_refused_is_said_to_have_been() -> None:
    assert "refusal" in dict(visit_facts({**VISIT, "status": 403}, POLICY))["Answer"]
    assert "Answer" not in dict(visit_facts(VISIT, POLICY))


def test_what_may_have_been_a_frame_is_said_to_count_against_nobody() -> None:
    doubtful = {**VISIT, "kind_reason": "may_be_framed", "kind_confidence": 45}
    assert visit_why(doubtful, POLICY).endswith("It counts against nobody.")


def test_how_surely_it_was_chosen_is_said() -> None:
    sure = dict(visit_facts(VISIT, POLICY))["Chosen"]
    assert sure == "The browser says that the person typed the address or clicked. Sure: the browser itself says so."
    unsure = dict(visit_facts({**VISIT, "kind_reason": "looks_opened", "kind_confidence": 55}, POLICY))["Chosen"]
    assert unsure.endswith("Unsure: it may not have been their choice.")
