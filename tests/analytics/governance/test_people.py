"""The register of people."""

import pytest

from analytics.governance import Action, Governance, PersonType, audit
from config.errors import FairgateError


def test_people_are_listed_by_name_under_opaque_ids(governance: Governance) -> None:
    zoe, ann = governance.people.add("Zoe  Quill"), governance.people.add("Ann Bell", PersonType.GOVERNOR)
    assert [person.person_id for person in governance.people.all()] == [ann, zoe]
    assert governance.people.all()[1].name == "Zoe Quill"
    assert zoe.startswith("p-")
    assert "zoe" not in zoe


def test_there_is_no_type_for_a_pupil_or_guest(governance: Governance) -> None:
    for other in ("pupil", "guest"):
        with pytest.raises(ValueError, match=other):
            governance.people.add("Somebody", PersonType(other))


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b"])
def test_a_name_that_cannot_be_one_is_refused(governance: Governance, name: str) -> None:
    with pytest.raises(FairgateError, match="needs a name"):
        governance.people.add(name)


def test_a_proxy_username_belongs_to_one_person(governance: Governance) -> None:
    governance.people.add("Ann Bell", proxy_username="Ann", proxy_password="a long password")
    other = governance.people.add("Zoe Quill")
    with pytest.raises(FairgateError, match="somebody else's"):
        governance.people.add("Ann Other", proxy_username="ann ", proxy_password="a long password")
    with pytest.raises(FairgateError, match="somebody else's"):
        governance.people.set_proxy_password(other, "ANN", "a long password")
    with pytest.raises(FairgateError, match="both"):
        governance.people.add("Ann Third", proxy_username="third")


def test_leaving_ends_the_interval_and_keeps_the_person(governance: Governance) -> None:
    ann = governance.people.add("Ann Bell", from_ms=1_000)
    governance.people.leave(ann, 5_000)
    left = governance.people.get(ann)
    assert left is not None
    assert (left.from_ms, left.until_ms) == (1_000, 5_000)
    assert governance.audit.entries(whom=ann)[0].what == Action.PERSON_LEFT
    with pytest.raises(FairgateError, match="no person"):
        governance.people.leave("p-none", 5_000)


def test_a_change_of_hours_holds_from_now_and_never_rewrites_the_past(
    governance: Governance, monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns = ("teacher", "teacher_mornings", "office")
    ann = governance.people.add("Ann Bell", hours="teacher", from_ms=1_000)
    for ts_ms, hours in ((5_000, "teacher_mornings"), (9_000, "office")):
        monkeypatch.setattr(audit, "now_ms", lambda ts_ms=ts_ms: ts_ms)
        governance.people.set_hours(ann, hours, patterns)
    held = [governance.people.hours_at(ann, ts_ms) for ts_ms in (1_000, 4_999, 5_000, 8_999, 9_000, 99_000)]
    assert held == ["teacher", "teacher", "teacher_mornings", "teacher_mornings", "office", "office"]
    newest = governance.audit.entries(whom=ann)[0]
    assert newest.what == Action.HOURS_CHANGED
    assert newest.detail == {"before": "teacher_mornings", "after": "office"}
    assert governance.verify_audit() == []


def test_hours_that_no_policy_knows_are_refused_with_what_is_allowed(governance: Governance) -> None:
    ann = governance.people.add("Ann Bell", hours="teacher")
    with pytest.raises(FairgateError, match=r"'techer' is no pattern of hours.toml. Choose one of office, teacher"):
        governance.people.set_hours(ann, "techer", ["teacher", "office"])
    with pytest.raises(FairgateError, match="no person"):
        governance.people.set_hours("p-none", "teacher", ["teacher"])
    governance.people.set_hours(ann, "", ["teacher"])
    assert governance.people.hours_at(ann, 10**13) == ""
    assert governance.people.hours_at("p-none", 0) == ""
