"""The demonstration school has a request waiting, one granted, one refused, and a permission for everybody."""

from analytics.demonstration.cast import CHAIR, HEADTEACHER
from analytics.demonstration.school import DemoSchool
from analytics.governance.governance import Governance
from analytics.governance.permission_requests import RequestState


def test_every_answer_and_a_question_still_open_can_be_seen(school: DemoSchool) -> None:
    governance = Governance(school.state.governance)
    try:
        states = {each.person_id: each.state for each in governance.permission_requests.all()}
        assert sorted(states.values()) == ["granted", "refused", "waiting", "waiting"]
        assert states[school.people[HEADTEACHER].person_id] is RequestState.WAITING
        assert {each.person_id is None for each in governance.permissions.all()} == {True, False}
        assert governance.confirmations.waiting() != ()
    finally:
        governance.close()


def test_whoever_asks_can_sign_in_as_staff(school: DemoSchool) -> None:
    governance = Governance(school.state.governance)
    try:
        asked = {each.person_id for each in governance.permission_requests.all()}
        people = {account.person_id for account in governance.accounts.all()}
        assert asked <= people
        assert school.people[CHAIR].person_id in people
    finally:
        governance.close()
