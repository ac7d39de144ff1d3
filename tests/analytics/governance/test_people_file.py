"""A list of staff is read whole, or refused whole with every bad row named."""

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.governance import PersonType
from analytics.governance.people_file import COLUMNS, read_people
from config.errors import ConfigError

HEADER = ",".join(COLUMNS) + "\n"
PATTERNS = ("office", "teacher")


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "staff.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_a_spreadsheet_s_file_is_read_with_its_mark_quotes_blank_lines_and_order_of_columns(tmp_path: Path) -> None:
    text = (
        '\ufeffproxy_username,name,type,hours\r\nann,"Bell, Ann",teacher,office\r\n\r\n,,,\r\n, Zoë Quill ,supply,\r\n'
    )
    ann, zoe = read_people(written(tmp_path, text), PATTERNS)
    assert (ann.name, ann.person_type, ann.hours, ann.proxy_username) == (
        "Bell, Ann",
        PersonType.TEACHER,
        "office",
        "ann",
    )
    assert (zoe.name, zoe.person_type, zoe.hours, zoe.proxy_username) == ("Zoë Quill", PersonType.SUPPLY, "", None)


def test_every_bad_row_is_named_with_line_column_found_and_allowed(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER + "Ann,teacher,,ann\n,pupil,nights,ANN\nTom,supply,,a:b\n")
    with pytest.raises(ConfigError) as refused:
        read_people(file, PATTERNS)
    assert str(refused.value).replace(f"{file}, ", "").splitlines() == [
        "line 3, name: found ''; allowed: 1 to 120 printable characters.",
        "line 3, type: found 'pupil'; allowed: teacher, support, supply, volunteer, governor, contractor.",
        "line 3, hours: found 'nights'; allowed: office, teacher.",
        "line 3, proxy_username: found 'ANN' a second time; allowed: one person each.",
        "line 4, proxy_username: found 'a:b'; allowed: 1 to 64 printable characters, no colon or space.",
        "Nobody was entered. Mend these rows and import the file again.",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "line 1: found ''; allowed: name,type,hours,proxy_username"),
        ("name,type\nAnn,teacher\n", "line 1: found 'name,type'"),
        (HEADER, "found nobody"),
        (HEADER + "Bell, Ann,teacher,,\n", "line 2: found 5 columns; allowed: 4"),
        (HEADER + '"Ann,teacher,,\n', "line 2: "),
        ((HEADER + "Zoë,teacher,,\n").encode("cp1252"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read_people(written(tmp_path, content), PATTERNS)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_people(tmp_path / "none.csv", PATTERNS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(string.printable + "é\x00\ufeff", max_size=80))
def test_whatever_stands_in_the_file_is_read_or_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    try:
        people = read_people(written(tmp_path, HEADER + text), PATTERNS)
    except ConfigError:
        return
    assert people
    assert all(person.name.strip() and person.hours in ("", *PATTERNS) for person in people)
