"""What the commands do: all or nothing, and a day counts from its end."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.contracted_hours import london_day
from analytics.governance import Governance, PersonType, Told
from analytics.governance.database import now_ms
from analytics.governance.enrolment import OpenedSchool, enter_people, last_day_text, leave, opened_school, tell, untold
from analytics.governance.operating_account import at_command_line
from analytics.governance.people import Newcomer
from config.errors import ConfigError, FairgateError
from config.policy import load_policy

ANN = Newcomer(name="Ann Bell", person_type=PersonType.TEACHER, proxy_username="ann")
TOM = Newcomer(name="Tom Rees", person_type=PersonType.SUPPLY)


@pytest.fixture
def school(governance: Governance) -> OpenedSchool:
    return OpenedSchool(policy=load_policy(), governance=governance, by=at_command_line())


def names(school: OpenedSchool) -> list[str]:
    return [person.name for person in school.governance.people.all()]


@pytest.mark.parametrize(
    "bad", [ANN, replace(TOM, proxy_username="ANN"), replace(TOM, hours="nights"), replace(TOM, name="")]
)
def test_one_bad_newcomer_keeps_everybody_out(school: OpenedSchool, bad: Newcomer) -> None:
    with pytest.raises(FairgateError):
        enter_people(school, [ANN, bad])
    assert names(school) == []


def test_a_name_may_be_there_twice_only_if_that_is_said_or_the_other_has_left(school: OpenedSchool) -> None:
    ((first, _),) = enter_people(school, [TOM])
    with pytest.raises(FairgateError, match="in the register already"):
        enter_people(school, [TOM])
    enter_people(school, [TOM], same_name=True)
    assert names(school) == ["Tom Rees"] * 2
    for person in school.governance.people.all():
        leave(school, person.person_id, None)
    enter_people(school, [TOM])
    assert len({first, *untold(school)}) == 2, "who left need not be told"


@pytest.mark.parametrize(("day", "end"), [("2026-01-14", 1_768_435_200_000), ("2026-07-14", 1_784_070_000_000)])
def test_a_past_day_counts_from_its_end_in_london(school: OpenedSchool, day: str, end: int) -> None:
    ((person, _),) = enter_people(school, [ANN])
    assert tell(school, [person, person], Told.TRAINING_DAY, date.fromisoformat(day)) == 1
    assert school.governance.notices.told(school.policy.notice_version) == {person: end}
    assert last_day_text(end) == day


def test_today_counts_from_now(school: OpenedSchool) -> None:
    ((person, _),) = enter_people(school, [ANN])
    before = now_ms()
    tell(school, [person], Told.PAPER, london_day(before))
    assert before <= school.governance.notices.told(school.policy.notice_version)[person] <= now_ms()


def test_somebody_leaves_once_and_not_before_they_came(school: OpenedSchool) -> None:
    ((person, _),) = enter_people(school, [ANN])
    with pytest.raises(FairgateError, match="was entered after 2020-01-01"):
        leave(school, person, date(2020, 1, 1))
    assert last_day_text(leave(school, person, date(2999, 7, 20))) == "2999-07-20"
    leave(school, person, None)
    with pytest.raises(FairgateError, match="left already"):
        leave(school, person, None)


def test_the_database_of_another_school_is_refused(tmp_path: Path, governance: Governance) -> None:
    (tmp_path / "fairgate.toml").write_text('school = "elmfield"\nschool_name = "Elmfield"\n')
    with pytest.raises(ConfigError, match="found 'elmfield'; allowed: 'oakfield'"), opened_school(tmp_path):
        pass
