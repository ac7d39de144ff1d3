"""Being told at the dashboard, and entering that others were: as a browser sends it, and what then holds."""

import io

from analytics.governance import Told
from analytics.governance.publish import publish_snapshot
from analytics.snapshot import read_snapshot
from dashboard.notices import NOTICE
from tests.dashboard.small_school import HERE, SmallSchool, form_token, sign_in, signed_in

RECORD, IMPORT = "/notices/record", "/notices/import"


def untell(school: SmallSchool, version: str = "another") -> None:
    """Another notice is in force, and the process knows its text."""
    governance, policy = school.here.governance, school.here.policy
    governance.notices.put_in_force(version)
    object.__setattr__(policy, "notice_version", version)


def test_a_member_of_staff_is_shown_the_notice_after_signing_in_until_they_answer(fresh: SmallSchool) -> None:
    untell(fresh)
    client = fresh.app().server.test_client()
    assert sign_in(client, "staff").location == NOTICE
    page = client.get(NOTICE)
    assert fresh.here.policy.notice.acknowledgement.replace("'", "&#39;") in page.text
    assert "has changed since you were told" in page.text
    again = fresh.app().server.test_client()
    assert sign_in(again, "staff").location == NOTICE
    done = client.post(NOTICE, data={"csrf_token": form_token(client, NOTICE)}, headers=HERE)
    assert (done.status_code, done.location) == (303, "/")
    bethan = fresh.people["Bethan Askew"]
    last = [each for each in fresh.here.governance.notices.acknowledged() if each.person_id == bethan][-1]
    assert (last.policy_version, last.how) == ("another", Told.DASHBOARD)
    assert sign_in(fresh.app().server.test_client(), "staff").location == "/"
    snapshot = read_snapshot(fresh.here.state.snapshot)
    assert next(person for person in snapshot.people if person.person_id == bethan).told_ms == last.told_ms
    assert "Back to the pages" in client.get(NOTICE).text


def test_without_its_token_nothing_is_noted(fresh: SmallSchool) -> None:
    untell(fresh)
    client = signed_in(fresh.app(), "staff")
    before = len(fresh.here.governance.notices.acknowledged())
    assert client.post(NOTICE, data={}, headers=HERE).status_code == 400
    assert client.post(NOTICE, data={"csrf_token": "x"}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert len(fresh.here.governance.notices.acknowledged()) == before


def test_who_is_nobody_of_the_staff_is_asked_nothing(fresh: SmallSchool) -> None:
    untell(fresh)
    assert sign_in(fresh.app().server.test_client(), "technician").location == "/"


def test_the_headteacher_records_several_at_once_and_the_gateway_has_it(fresh: SmallSchool) -> None:
    publish_snapshot(fresh.here.governance, fresh.here.policy.notice_version, fresh.here.state.snapshot)
    client, idris, ewan = signed_in(fresh.app(), "head"), fresh.people["Idris Newcombe"], fresh.people["Ewan Trott"]
    page = client.get(RECORD)
    assert page.text.index("Idris Newcombe") < page.text.index("Ewan Trott"), "the outstanding come first"
    assert "Harriet Vane-Cole" not in page.text.replace('class="name">Harriet', "")
    form = {"people": [idris, ewan], "how": "paper", "day": "2026-01-05", "csrf_token": form_token(client, RECORD)}
    done = client.post(RECORD, data=form, headers=HERE)
    assert (done.status_code, done.location) == (303, "/notices?done=2")
    assert idris in fresh.here.governance.notices.told()
    assert next(p for p in read_snapshot(fresh.here.state.snapshot).people if p.person_id == idris).told_ms > 0


def test_what_cannot_be_recorded_comes_back_with_a_sentence(fresh: SmallSchool) -> None:
    client = signed_in(fresh.app(), "head")
    token = form_token(client, RECORD)
    for form, sentence in (
        ({"how": "paper", "day": "2026-01-05"}, "Choose at least one person."),
        ({"people": [fresh.people["Harriet Vane-Cole"]], "how": "paper", "day": "2026-01-05"}, "among these people"),
        ({"people": [fresh.people["Ewan Trott"]], "how": "page", "day": "2026-01-05"}, "Choose one of the two."),
        ({"people": [fresh.people["Ewan Trott"]], "how": "paper", "day": "2999-01-05"}, "This day lies ahead."),
    ):
        answer = client.post(RECORD, data=form | {"csrf_token": token}, headers=HERE)
        assert answer.status_code == 400
        assert sentence in answer.text


def test_a_list_is_taken_whole_or_not_at_all(fresh: SmallSchool) -> None:
    client, before = signed_in(fresh.app(), "head"), len(fresh.here.governance.notices.acknowledged())
    token = form_token(client, IMPORT)

    def send(text: bytes) -> tuple[int, str, str]:
        data = {"csrf_token": token, "file": (io.BytesIO(text), "told.csv")}
        answer = client.post(IMPORT, data=data, headers=HERE, content_type="multipart/form-data")
        return answer.status_code, answer.location or "", answer.text

    status, _, text = send(b"person,date,how\nEwan Trott,2026-01-05,paper\nHarriet Vane-Cole,soon,paper\n")
    assert status == 409
    assert "line 3, person: found &#39;Harriet Vane-Cole&#39;" in text
    assert "line 3, date" in text
    assert send(b"\xff\xfe")[0] == 409
    assert len(fresh.here.governance.notices.acknowledged()) == before
    assert send(b"person,date,how\nEwan Trott,2026-01-05,paper\nIdris Newcombe,05/01/2026,training_day\n")[:2] == (
        303,
        "/notices?done=2",
    )
    assert len(fresh.here.governance.notices.acknowledged()) == before + 2
    assert client.post(IMPORT, data={"csrf_token": token}, headers=HERE).status_code == 400


def test_nobody_else_enters_that_somebody_was_told(fresh: SmallSchool) -> None:
    for user in ("staff", "technician"):
        client = signed_in(fresh.app(), user)
        for address in (RECORD, IMPORT):
            assert client.get(address).status_code == 403
            assert client.post(address, data={}, headers=HERE).status_code == 403
