"""Role x query x subject x purpose: every cell, against a table written by hand from the school's rules.

The cells come from the list of queries itself, so a new query is in the matrix the moment it exists.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import analytics.queries
from analytics.governance import Action, Role
from analytics.queries import QUERIES, Disclosure, LookPurpose, Reading
from config.errors import AccessDenied
from tests.analytics.queries.school_week import MONDAY, RULE, SUNDAY, SchoolWeek

SUBJECTS = ("ann", "untold", *Role)
OF_ONE = (Disclosure.PERSON, Disclosure.ROWS)
UNNOTED = (
    *(Disclosure.FRESHNESS, Disclosure.COVERAGE, Disclosure.DEVICES),
    *(Disclosure.OWN_PERMISSIONS, Disclosure.OWN_NOTICE),
)
"""Looks at nobody, or at what one is permitted oneself."""
LOOKING = (LookPurpose.WEEKLY_REVIEW, LookPurpose.MATTER, LookPurpose.EXPORT)

# What the school's rules say, in other words than the code does.
SEES_PERSON: dict[Role, frozenset[str]] = {
    Role.HEADTEACHER: frozenset(("ann", Role.VICE_CHAIR, Role.DSL, Role.TECHNICIAN, Role.AUDITOR, Role.STAFF)),
    Role.CHAIR: frozenset((Role.HEADTEACHER,)),
    Role.VICE_CHAIR: frozenset((Role.CHAIR,)),
    Role.DSL: frozenset(),
    Role.TECHNICIAN: frozenset(),
    Role.AUDITOR: frozenset(),
    Role.STAFF: frozenset(),
}


def call(query: str, reading: Reading, person_id: str) -> Any:
    """Run one query as a page would; iterators are begun."""
    function: Callable[..., Any] = getattr(analytics.queries, query)
    if query == "person_visits":
        return function(reading, person_id, MONDAY)
    if query == "visit_exchanges":
        return function(reading, person_id, "no such visit")
    if query in ("data_up_to", "permission_register", "own_permissions", "notice_register", "own_notice"):
        return function(reading)
    if QUERIES[query] in OF_ONE:
        return function(reading, person_id, MONDAY, SUNDAY)
    return function(reading, MONDAY, SUNDAY)


def allowed(role: Role, query: str, subject: str, purpose: LookPurpose) -> bool:
    disclosure = QUERIES[query]
    if disclosure is Disclosure.FRESHNESS:
        return True
    if disclosure in (Disclosure.OWN_PERMISSIONS, Disclosure.OWN_NOTICE):
        return purpose is LookPurpose.OWN_DATA
    decided = (Disclosure.REGISTER, Disclosure.NOTICES)
    if disclosure in decided or purpose is LookPurpose.DECISION:
        deciding = role in (Role.HEADTEACHER, Role.CHAIR) and purpose is LookPurpose.DECISION
        return deciding and disclosure in decided
    if purpose is LookPurpose.OWN_DATA:
        if role is not Role.STAFF or disclosure in (Disclosure.TOTALS, Disclosure.DEVICES):
            return False
        return disclosure not in OF_ONE or subject == Role.STAFF
    if purpose is LookPurpose.AUDIT:
        return disclosure is Disclosure.AUDIT and role in (Role.CHAIR, Role.AUDITOR)
    if purpose is LookPurpose.COVERAGE:
        looks = (Role.HEADTEACHER, Role.CHAIR, Role.VICE_CHAIR, Role.TECHNICIAN)
        return disclosure in (Disclosure.COVERAGE, Disclosure.DEVICES) and role in looks
    if disclosure in (Disclosure.AUDIT, Disclosure.DEVICES) or role not in (
        Role.HEADTEACHER,
        Role.CHAIR,
        Role.VICE_CHAIR,
    ):
        return False
    if disclosure is Disclosure.ROWS and purpose is not LookPurpose.EXPORT:
        return False
    return disclosure not in OF_ONE or subject in SEES_PERSON[role]


def _cells() -> list[Any]:
    return [
        pytest.param(role, query, purpose, id=f"{role}-{query}-{purpose}")
        for role in Role
        for query in QUERIES
        for purpose in LookPurpose
    ]


def test_every_public_query_is_in_the_list_and_nothing_else() -> None:
    words = [getattr(analytics.queries, name) for name in analytics.queries.__all__]
    functions = {word.__name__ for word in words if callable(word) and not isinstance(word, (type, ModuleType))}
    assert functions == set(QUERIES)


@pytest.mark.parametrize(("role", "query", "purpose"), _cells())
def test_each_cell_is_as_the_rules_say(school: SchoolWeek, role: Role, query: str, purpose: LookPurpose) -> None:
    for subject in SUBJECTS if QUERIES[query] in OF_ONE else ("ann",):
        before = school.governance.audit.head().seq
        reading = school.reading(role, purpose)
        if allowed(role, query, subject, purpose):
            call(query, reading, school.people[subject])
            expected: tuple[str, ...] = () if QUERIES[query] in UNNOTED else (role,)
        else:
            with pytest.raises(AccessDenied):
                call(query, reading, school.people[subject])
            expected = (Action.REFUSED,)
        written = school.governance.audit.entries(limit=school.governance.audit.head().seq - before or 1)
        _check_audit(written if school.governance.audit.head().seq > before else [], expected, school, reading)


def _check_audit(written: list[Any], expected: tuple[str, ...], school: SchoolWeek, reading: Reading) -> None:
    assert len(written) == len(expected)
    for entry, word in zip(written, expected, strict=True):
        assert entry.who == reading.viewer.account_id
        assert entry.role == reading.viewer.role
        assert entry.why == reading.reason
        assert entry.detail["purpose"] == reading.purpose
        assert (entry.what == Action.REFUSED) == (word == Action.REFUSED)


@pytest.mark.parametrize("query", [name for name, disclosure in QUERIES.items() if disclosure in OF_ONE])
@pytest.mark.parametrize("person_id", ["p-none", "", "' OR 1=1 --", "\x00", "%"])
def test_an_id_that_is_nobodys_is_refused_like_one_that_is_not_for_the_viewer(
    school: SchoolWeek, query: str, person_id: str
) -> None:
    reading = school.reading(Role.HEADTEACHER, LookPurpose.EXPORT)
    with pytest.raises(AccessDenied) as unknown:
        call(query, reading, person_id)
    with pytest.raises(AccessDenied) as own:
        call(query, reading, school.people[Role.HEADTEACHER])
    assert str(unknown.value) == str(own.value)
    assert school.governance.audit.entries(limit=2)[1].whom == ""


@pytest.mark.parametrize("purpose", [LookPurpose.MATTER, LookPurpose.EXPORT])
@pytest.mark.parametrize("reason", ["", "   \n"])
def test_a_matter_and_an_export_need_a_reason(school: SchoolWeek, purpose: LookPurpose, reason: str) -> None:
    with pytest.raises(AccessDenied, match="Say why"):
        analytics.queries.overview(school.reading(Role.HEADTEACHER, purpose, reason), MONDAY, SUNDAY)


def test_per_day_of_one_person_is_checked_like_any_look_at_a_person(school: SchoolWeek) -> None:
    per_day = analytics.queries.per_day
    with pytest.raises(AccessDenied):
        per_day(school.reading(Role.HEADTEACHER), MONDAY, SUNDAY, school.people[Role.HEADTEACHER])
    with pytest.raises(AccessDenied):
        per_day(school.reading(Role.CHAIR), MONDAY, SUNDAY, school.people["ann"])
    with pytest.raises(AccessDenied, match="Not yet told"):
        per_day(school.reading(Role.HEADTEACHER), MONDAY, SUNDAY, school.people["untold"])


@pytest.mark.parametrize("query", QUERIES)
def test_whoever_lost_the_role_is_refused_even_with_an_old_viewer(school: SchoolWeek, query: str) -> None:
    account = school.governance.accounts.add(f"former-{query}", "Former", "a long password")
    school.governance.holdings.grant(account, Role.AUDITOR)
    former = school.governance.viewer(account)
    school.governance.holdings.end(account, Role.AUDITOR)
    with pytest.raises(AccessDenied, match="no longer act"):
        call(
            query, Reading(school.store, school.governance, former, LookPurpose.AUDIT, rule=RULE), school.people["ann"]
        )


def test_a_viewer_who_claims_a_role_they_do_not_hold_is_refused(school: SchoolWeek) -> None:
    from dataclasses import replace

    forged = replace(school.viewer(Role.TECHNICIAN), role=Role.HEADTEACHER)
    with pytest.raises(AccessDenied, match="no longer act"):
        analytics.queries.overview(
            Reading(school.store, school.governance, forged, LookPurpose.WEEKLY_REVIEW, rule=RULE), MONDAY, SUNDAY
        )
