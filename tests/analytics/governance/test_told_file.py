"""A list of who was told is read whole, or refused whole with every bad row named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.governance import PersonType, Told
from analytics.governance.people import StaffMember
from analytics.governance.told_file import ToldRow, read_told
from config.errors import ConfigError

TODAY = date(2026, 11, 24)


def member(person_id: str, name: str) -> StaffMember:
    return StaffMember(
        person_id=person_id, name=name, person_type=PersonType.TEACHER, from_ms=1, until_ms=0, hours="teacher"
    )


PEOPLE = (member("p-1", "Ann Bell"), member("p-2", "Zoë Quill"), member("p-3", "Tom Rees"), member("p-4", "Tom Rees"))


def read(text: str) -> list[ToldRow]:
    return read_told(text, "told.csv", PEOPLE, TODAY)


def test_by_name_or_id_on_either_form_of_day() -> None:
    text = 'person,date,how\nann  bell,2026-09-01,training_day\np-3,03/09/2026,paper\n"Zoë Quill",2026-11-24,paper\n'
    assert read(text) == [
        ToldRow("p-1", date(2026, 9, 1), Told.TRAINING_DAY),
        ToldRow("p-3", date(2026, 9, 3), Told.PAPER),
        ToldRow("p-2", TODAY, Told.PAPER),
    ]


def test_every_bad_row_is_named_with_line_column_found_and_allowed() -> None:
    text = "person,date,how\nAnn Bell,2026-09-01,paper\nTom Rees,2026-11-25,page\nNobody,1.9.26,paper\n"
    with pytest.raises(ConfigError) as refused:
        read(text)
    assert str(refused.value).splitlines() == [
        "told.csv, line 3, person: found 'Tom Rees', which 2 people have; allowed: the id or the exact name of one of "
        "the staff.",
        "told.csv, line 3, date: found '2026-11-25', which has not come; allowed: today or before.",
        "told.csv, line 3, how: found 'page'; allowed: paper, training_day.",
        "told.csv, line 4, person: found 'Nobody'; allowed: the id or the exact name of one of the staff.",
        "told.csv, line 4, date: found '1.9.26'; allowed: a day such as 2026-09-01 or 01/09/2026.",
        "Nothing was recorded. Mend these rows and import the file again.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: found ''; allowed: person,date,how"),
        ("person,date\n", "allowed: person,date,how"),
        ("person,date,how\n", "found nobody"),
        ("person,date,how\na,b\n", "found 2 columns; allowed: 3"),
    ],
)
def test_another_form_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read(text)


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=6))
def test_whatever_stands_in_it_nobody_is_told_who_is_not_named(rows: list[tuple[str, str, str]]) -> None:
    text = "person,date,how\n" + "".join(f"{','.join(row)}\n" for row in rows)
    try:
        found = read(text)
    except ConfigError:
        return
    assert {row.person_id for row in found} <= {person.person_id for person in PEOPLE}
    assert all(row.day <= TODAY for row in found)
