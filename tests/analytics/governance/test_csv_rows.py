"""CSV files as spreadsheets save them. Their use is tested with the lists of staff and of who was told."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.governance.csv_rows import csv_rows, file_text, plain_text
from config.errors import ConfigError


def test_rows_come_with_their_lines_and_empty_ones_are_passed_over() -> None:
    rows = list(csv_rows('b,a\r\n1," 2 "\r\n,\r\n3,4\r\n', "f", ("a", "b")))
    assert rows == [(2, {"b": "1", "a": "2"}), (4, {"b": "3", "a": "4"})]


@given(st.binary(max_size=200))
def test_whatever_is_in_a_file_it_is_read_or_refused(data: bytes) -> None:
    with suppress(ConfigError):
        list(csv_rows(plain_text(data, "f"), "f", ("a",)))


def test_a_file_that_cannot_be_read_says_which_to_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file or directory\). Name the list"):
        file_text(tmp_path / "none.csv", "the list")
