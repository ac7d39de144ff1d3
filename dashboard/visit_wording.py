"""One visit in plain words: why it was judged so, and everything that is known of it.

Owns those sentences. Promises: what stood in the lists then is named as it was stored; no pattern, address of a
device or code is shown.
"""

from collections.abc import Mapping
from typing import Any

from analytics.governance.permissions import Granted
from analytics.kind_reason import COUNTS_FROM, SENTENCES, KindReason
from analytics.queries import Standing
from analytics.queries.how_chosen import how_chosen, was_left_open, was_refused
from config.policy import Policy
from dashboard.moments import clock, range_words, short_date
from dashboard.permission_wording import given_later_words
from dashboard.theme import LOOKS
from dashboard.wording import GRAVITY, HOURS, HOW_CHOSEN, HOW_SURE, HOW_WE_KNOW_WHO, NOT_OPENED, count, words

_NOT_LISTED = "The site is in no list, so what it was for is not known. It counts against nobody."
_NOT_SURELY_CHOSEN = (
    "It cannot be told whether anybody opened this page or another page showed it. It counts against nobody."
)
_NOT_SURELY_THEM = (
    "It is not sure that it was this person: a shared device, or signs that conflict. It counts against nobody."
)
_REFUSED = "The site, or a filter, answered with a refusal or an error. Nothing of the page need have been seen."
_HINT = "Only a list that is not kept carefully enough names this site. It counts against nobody."


def visit_why(visit: Mapping[Any, Any], policy: Policy) -> str:
    """One sentence: why the visit was judged as it was."""
    if visit["standing"] == Standing.UNSURE:
        return _NOT_SURELY_THEM
    if int(visit["kind_confidence"]) < COUNTS_FROM:
        return _NOT_SURELY_CHOSEN
    if visit["reason"] == "not_listed":
        return _NOT_LISTED
    if visit["reason"] == "hint_only":
        return _HINT
    part = "This part of the site" if visit["reason"] == "path_listed" else "The site"
    return f"{part} is listed as {_category(visit, policy)}."


def earlier_notice_words(changed_ms: int) -> str:
    """Told of an earlier notice; the notice changed on 3 December 2026"""
    return f"Told of an earlier notice; the notice changed on {short_date(changed_ms)}"


def visit_facts(visit: Mapping[Any, Any], policy: Policy, later: Granted | None = None) -> list[tuple[str, str]]:
    """Name and value of everything known of the visit, in the order a reader asks; `later` is a permission given only
    afterwards."""
    standing, category = Standing(visit["standing"]), policy.categories.get(str(visit["category"]))
    facts = [
        ("Site", str(visit["host"])),
        ("Page", str(visit["path"])),
        ("Searched for", str(visit["search_phrase"])),
        ("Time", clock(int(visit["start_ms"]))),
        ("How long", range_words(int(visit["lower_s"]), int(visit["upper_s"]))),
        ("Answer", _REFUSED if was_refused(visit) else ""),
        ("Left open", _left_open(visit)),
        ("When", words(HOURS, visit["hours"])),
        ("Judged", LOOKS[standing].word),
        ("Why", f"{visit_why(visit, policy)} {category.why if category else ''}".strip()),
        ("Suggested gravity", _gravity(int(visit["gravity"]))),
        ("List", _list(visit)),
        ("Permitted", "Yes, by a permission that held then" if standing is Standing.PERMITTED else ""),
        ("Permission", given_later_words(later) if later else ""),
        ("Chosen", _chosen(visit)),
        ("How we know who", f"By {words(HOW_WE_KNOW_WHO, visit['method'])}. {words(HOW_SURE, visit['grade'])}."),
        ("Opened", _opened(visit)),
        ("Notice", earlier_notice_words(int(visit["notice_changed_ms"])) if visit["notice_changed_ms"] else ""),
        ("Before notice", "Yes: this was before they were first told" if visit["before_notice"] else ""),
        ("Pulled in", count(int(visit["pulled_in"]), "further request")),
    ]
    return [(name, said) for name, said in facts if said]


def _chosen(visit: Mapping[Any, Any]) -> str:
    """How it is known that somebody opened the page."""
    try:
        said = SENTENCES[KindReason(visit["kind_reason"])]
    except ValueError:
        return ""
    return f"{said} {words(HOW_CHOSEN, how_chosen(int(visit['kind_confidence'])))}."


def _left_open(visit: Mapping[Any, Any]) -> str:
    """That the page was left open, where it went on by itself for long after anybody need have looked at it."""
    if not was_left_open(visit):
        return ""
    until = clock(int(visit["fetched_until_ms"]))
    return f"The page went on fetching by itself until {until}. That is not counted as time."


def _gravity(number: int) -> str:
    return f"{number} of 4, {GRAVITY.get(number, '')}; a named person decides" if number else ""


def _category(visit: Mapping[Any, Any], policy: Policy) -> str:
    found = policy.categories.get(str(visit["category"]))
    return found.title if found else words({}, visit["category"])


def _list(visit: Mapping[Any, Any]) -> str:
    return f"{visit['list_name']}, version {visit['list_version']}" if visit["list_name"] else ""


def _opened(visit: Mapping[Any, Any]) -> str:
    why = words(NOT_OPENED, visit["not_inspected"])
    return f"No: {why}. Only the site's name is known." if why else ""
