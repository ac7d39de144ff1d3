"""Signing in tells nothing to a stranger, and a session ends when it should."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.governance import Action, Governance, Passwords, Role
from analytics.governance.database import now_ms
from analytics.governance.lockout import FREE_TRIES, LONGEST_WAIT_MS, wait_after
from analytics.governance.sign_in import ABSOLUTE_MS, IDLE_MS
from config.errors import AccessDenied
from tests.analytics.governance.office import PASSWORD, Office

MINUTE = 60_000


def _refusal(governance: Governance, username: str, password: str, now: int | None = None) -> str:
    with pytest.raises(AccessDenied) as refused:
        governance.sign_in(username, password, now=now)
    return str(refused.value)


def test_the_right_password_begins_a_session_in_the_role_held(office: Office) -> None:
    session = office.governance.sign_in(" HeadTeacher", PASSWORD)
    assert session.viewer.role is Role.HEADTEACHER
    assert session.roles == (Role.HEADTEACHER,)
    assert office.governance.session(session.token) == session.viewer


def test_a_stranger_cannot_tell_what_was_wrong(office: Office) -> None:
    governance = office.governance
    office.governance.accounts.close(office.accounts[Role.TECHNICIAN])
    sentences = {
        _refusal(governance, "headteacher", "not the password"),
        _refusal(governance, "nobody", PASSWORD),
        _refusal(governance, "technician", PASSWORD),
        _refusal(governance, "", ""),
    }
    assert len(sentences) == 1


class _Counted(Passwords):
    """Real passwords that count how often one was checked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_kib=64)
        self.checked: list[bool] = []

    def matches(self, password: str, hashed: str | None) -> bool:
        self.checked.append(hashed is not None)
        return super().matches(password, hashed)


def test_an_unknown_username_costs_a_check_like_a_known_one(place: Path) -> None:
    counted = _Counted()
    governance = Governance.found(place, "oakfield", "Oakfield Primary", passwords=counted)
    governance.accounts.add("head", "Head", PASSWORD)
    _refusal(governance, "head", "not the password")
    _refusal(governance, "nobody", "not the password")
    assert counted.checked == [True, False]
    assert not counted.matches("anything at all", None)
    governance.close()


@pytest.mark.parametrize("username", ["headteacher", "nobody at all"])
def test_repeated_failures_make_the_next_try_wait(office: Office, username: str) -> None:
    start = now_ms()
    for _ in range(FREE_TRIES - 1):
        assert "not right. Try again" in _refusal(office.governance, username, "wrong password", start)
    assert "Wait 30 seconds" in _refusal(office.governance, username, "wrong password", start)
    assert "Wait 30 seconds" in _refusal(office.governance, username, PASSWORD, start)
    assert "Wait 60 seconds" in _refusal(office.governance, username, "wrong password", start + 31_000)


def test_after_the_wait_the_right_password_opens_and_the_count_begins_again(office: Office) -> None:
    start = now_ms()
    for _ in range(FREE_TRIES):
        _refusal(office.governance, "headteacher", "wrong password", start)
    assert office.governance.sign_in("headteacher", PASSWORD, now=start + 31_000).token
    assert "Try again" in _refusal(office.governance, "headteacher", "wrong password", start + 32_000)


def test_waits_double_and_never_pass_a_quarter_of_an_hour() -> None:
    waits = [wait_after(count) for count in range(1, 60)]
    assert waits[:7] == [0, 0, 0, 0, 30_000, 60_000, 120_000]
    assert max(waits) == LONGEST_WAIT_MS
    assert waits == sorted(waits)


def test_every_sign_in_and_refusal_is_audited_without_what_was_typed(office: Office, place: Path) -> None:
    governance = office.governance
    session = governance.sign_in("chair", PASSWORD)
    governance.sign_out(session.token)
    _refusal(governance, "my secret passphrase", "another secret phrase")
    _refusal(governance, "chair", "another secret phrase")
    kinds = [entry.what for entry in governance.audit.entries(limit=4)]
    assert kinds == [Action.SIGN_IN_REFUSED, Action.SIGN_IN_REFUSED, Action.SIGNED_OUT, Action.SIGNED_IN]
    assert governance.audit.entries(limit=2)[1].whom == ""
    with sqlite3.connect(place) as raw:
        everything = "\n".join(raw.iterdump())
    raw.close()
    for secret in ("my secret", "another secret", PASSWORD, session.token):
        assert secret not in everything


def test_tries_turned_away_while_waiting_are_counted_into_the_next_entry(office: Office) -> None:
    start = now_ms()
    for _ in range(FREE_TRIES + 3):
        _refusal(office.governance, "chair", "wrong password", start)
    _refusal(office.governance, "chair", "wrong password", start + 31_000)
    assert office.governance.audit.entries(limit=1)[0].detail["turned_away_before"] == 3


def test_a_session_ends_idle_and_in_any_case(office: Office) -> None:
    governance, start = office.governance, now_ms()
    token = governance.sign_in("chair", PASSWORD, now=start).token
    assert governance.session(token, start + IDLE_MS - 1)
    assert governance.session(token, start + 2 * IDLE_MS - 2)
    assert governance.session(token, start + 3 * IDLE_MS) is None
    token = governance.sign_in("chair", PASSWORD, now=start).token
    for now in range(start, start + ABSOLUTE_MS, IDLE_MS // 2):
        assert governance.session(token, now)
    assert governance.session(token, start + ABSOLUTE_MS) is None


@pytest.mark.parametrize("token", ["", "no such token", "\udc80"])
def test_a_made_up_token_is_nobody(office: Office, token: str) -> None:
    assert office.governance.session(token) is None
    office.governance.sign_out(token)


def _end_role(office: Office) -> None:
    office.governance.holdings.end(office.accounts[Role.CHAIR], Role.CHAIR)


def _grant_role(office: Office) -> None:
    office.governance.holdings.grant(office.accounts[Role.CHAIR], Role.DSL)


def _close(office: Office) -> None:
    office.governance.accounts.close(office.accounts[Role.CHAIR])


def _reset(office: Office) -> None:
    office.governance.accounts.reset_password(office.accounts[Role.CHAIR], "another long password")


def _revoke(office: Office) -> None:
    assert office.governance.door.end_all(office.accounts[Role.CHAIR], "lost phone", "system") == 1


@pytest.mark.parametrize("change", [_end_role, _grant_role, _close, _reset, _revoke])
def test_a_change_of_rights_ends_every_session_at_once(office: Office, change: Callable[[Office], None]) -> None:
    token = office.governance.sign_in("chair", PASSWORD).token
    other = office.governance.sign_in("headteacher", PASSWORD).token
    change(office)
    assert office.governance.session(token) is None
    assert office.governance.session(other) is not None


def test_signing_out_ends_the_session_for_every_process(office: Office, place: Path) -> None:
    token = office.governance.sign_in("chair", PASSWORD).token
    elsewhere = Governance(place)
    assert elsewhere.session(token) is not None
    office.governance.sign_out(token)
    assert elsewhere.session(token) is None
    elsewhere.close()


def test_an_account_of_several_roles_acts_in_the_one_it_chooses(office: Office) -> None:
    account = office.accounts[Role.TECHNICIAN]
    office.governance.holdings.grant(account, Role.STAFF)
    assert office.governance.sign_in("technician", PASSWORD).viewer.role is Role.TECHNICIAN
    assert office.governance.sign_in("technician", PASSWORD, role=Role.STAFF).viewer.role is Role.STAFF
    with pytest.raises(AccessDenied):
        office.governance.sign_in("technician", PASSWORD, role=Role.CHAIR)


def test_a_one_time_password_says_that_it_must_be_changed(office: Office) -> None:
    governance, account = office.governance, office.accounts[Role.CHAIR]
    governance.accounts.reset_password(account, "one-time-password")
    assert governance.sign_in("chair", "one-time-password").must_change_password
    governance.accounts.change_password(account, "one-time-password", "a password of my own")
    assert not governance.sign_in("chair", "a password of my own").must_change_password
    with pytest.raises(AccessDenied):
        governance.accounts.change_password(account, "not the password", "yet another password")
