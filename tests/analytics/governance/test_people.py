"""The register of people."""

import pytest

from analytics.governance import Action, Governance, PersonType
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
