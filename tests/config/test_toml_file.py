"""Faults of a TOML file, worded so that its author can mend them."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from config.errors import ConfigError
from config.toml_file import fault_at, line_of_value, read_toml, validated


class Tea(BaseModel):
    """Something to validate."""

    cups: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tea.toml"


def test_a_missing_file_says_what_to_do(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tea\.toml does not exist\. Brew some\."):
        read_toml(path, "Brew some.")


def test_text_that_is_not_utf8_is_refused_with_its_byte(path: Path) -> None:
    path.write_bytes(b'title = "caf\xe9"')
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(byte 12\)"):
        read_toml(path)


def test_a_folder_in_a_files_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path)


def test_a_wrong_value_names_file_line_key_found_and_allowed(path: Path) -> None:
    path.write_text('# for the staff room\ncups = "many"\n', "utf-8")
    plain = read_toml(path)
    with pytest.raises(ConfigError, match=r"tea\.toml, line 2: cups: found 'many'; allowed: a valid integer"):
        validated(lambda: Tea(**plain), path)


@given(st.binary(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_with_a_sentence(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        tomllib.loads(data.decode("utf-8"))
    except ValueError:
        with pytest.raises(ConfigError, match=r"tea\.toml"):
            read_toml(path)
    else:
        assert isinstance(read_toml(path), dict)


def test_a_fault_within_an_array_of_tables_names_its_own_table(path: Path) -> None:
    path.write_text("[[pot]]\ncups = 1\n\n[[pot]]\ncups = 2\n", "utf-8")
    fault = fault_at(path, ("pot", 1, "cups"), 2, "1")
    assert str(fault) == f"{path}, line 5: pot.1.cups: found 2; allowed: 1."


def test_a_value_is_found_on_its_own_line_within_its_key_and_not_in_a_comment(path: Path) -> None:
    path.write_text('one = ["x"]\ntwo = [\n  # "x" was moved\n  "y",\n  "x",\n]\n', "utf-8")
    assert line_of_value(path, ("two",), "x") == 5
    assert line_of_value(path, ("two",), "absent") == 2
