"""Headteacher, Chair and Technician are different people, whoever asks and in whatever order."""

from itertools import permutations

import pytest

from analytics.governance import Governance, Role
from analytics.governance.database import now_ms
from analytics.governance.holdings import APART
from config.errors import FairgateError
from tests.analytics.governance.office import PASSWORD, Office

DAY = 86_400_000


def _account(governance: Governance, username: str, person_id: str | None) -> str:
    return governance.accounts.add(username, username, PASSWORD, person_id=person_id)


@pytest.mark.parametrize(("first", "second"), list(permutations((Role.HEADTEACHER, Role.CHAIR, Role.TECHNICIAN), 2)))
@pytest.mark.parametrize("accounts", [1, 2])
def test_no_person_holds_two_of_the_three(governance: Governance, first: Role, second: Role, accounts: int) -> None:
    person = governance.people.add("One Person")
    ids = [_account(governance, f"u{number}", person) for number in range(accounts)]
    governance.holdings.grant(ids[0], first)
    with pytest.raises(FairgateError, match="different people"):
        governance.holdings.grant(ids[-1], second)


@pytest.mark.parametrize("pair", sorted(sorted(pair) for pair in APART))
def test_every_pair_that_is_apart_is_refused(governance: Governance, pair: list[Role]) -> None:
    account = _account(governance, "u", governance.people.add("One Person"))
    governance.holdings.grant(account, Role(pair[0]))
    with pytest.raises(FairgateError, match="different people"):
        governance.holdings.grant(account, Role(pair[1]))


def test_a_role_that_begins_later_is_kept_apart_too(governance: Governance) -> None:
    account = _account(governance, "u", governance.people.add("One Person"))
    governance.holdings.grant(account, Role.CHAIR, from_ms=now_ms() + 30 * DAY)
    with pytest.raises(FairgateError, match="different people"):
        governance.holdings.grant(account, Role.TECHNICIAN)


def test_there_is_one_headteacher_and_one_chair(office: Office) -> None:
    other = _account(office.governance, "other", office.governance.people.add("Another"))
    for role in (Role.HEADTEACHER, Role.CHAIR):
        with pytest.raises(FairgateError, match="already"):
            office.governance.holdings.grant(other, role)


@pytest.mark.parametrize("role", [Role.HEADTEACHER, Role.CHAIR, Role.VICE_CHAIR])
def test_one_who_judges_others_and_is_no_known_person_is_refused(governance: Governance, role: Role) -> None:
    with pytest.raises(FairgateError, match="must name a person"):
        governance.holdings.grant(_account(governance, "u", None), role)


def test_a_role_is_handed_over_by_ending_it_first(office: Office) -> None:
    holdings = office.governance.holdings
    person = office.governance.people.add("Next Head")
    other = _account(office.governance, "other", person)
    holdings.end(office.accounts[Role.HEADTEACHER], Role.HEADTEACHER)
    holdings.grant(other, Role.HEADTEACHER)
    later = now_ms() + 1
    assert holdings.accounts(Role.HEADTEACHER, later) == (other,)
    assert holdings.people(Role.HEADTEACHER, later) == {person}
    assert holdings.roles(office.accounts[Role.HEADTEACHER], later) == ()
    with pytest.raises(FairgateError, match="does not hold"):
        holdings.end(office.accounts[Role.HEADTEACHER], Role.HEADTEACHER)


def test_a_closed_account_holds_nothing(office: Office) -> None:
    office.governance.accounts.close(office.accounts[Role.CHAIR])
    assert office.governance.holdings.roles(office.accounts[Role.CHAIR]) == ()
    with pytest.raises(FairgateError, match="no open account"):
        office.governance.holdings.grant(office.accounts[Role.CHAIR], Role.DSL)
