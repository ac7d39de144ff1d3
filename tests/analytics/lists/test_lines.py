"""The lines of a file, and the count of what is wrong with them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.lists.faults import NAMED, Faults
from analytics.lists.lines import LONGEST_LINE, text_lines


def lines(data: bytes) -> tuple[list[tuple[int, str]], Faults]:
    faults = Faults()
    return list(text_lines(io.BytesIO(data), "list.txt", faults)), faults


@pytest.mark.parametrize(
    "data",
    [
        *(b"a.example\nb.example\n", b"a.example\r\nb.example", b"a.example\nb.example\n\n"),
        b"\xef\xbb\xbfa.example\n  b.example \n",
    ],
)
def test_marks_and_line_ends_change_nothing(data: bytes) -> None:
    assert lines(data) == ([(1, "a.example"), (2, "b.example")], Faults())


def test_an_empty_file_has_no_lines() -> None:
    assert lines(b"") == ([], Faults())


def test_a_line_in_another_encoding_spoils_only_itself() -> None:
    found, faults = lines(b"a.example\nb\xfccher.example\nc.example\n")
    assert found == [(1, "a.example"), (3, "c.example")]
    assert [(fault.line, fault.why) for fault in faults.first] == [(2, "it is not UTF-8")]


@pytest.mark.parametrize("more", [0, 1, 3 * LONGEST_LINE])
def test_a_line_of_any_length_spoils_only_itself(more: int) -> None:
    found, faults = lines(b"a.example\n" + b"x" * (LONGEST_LINE + more) + b"\nc.example\n")
    assert found == [(1, "a.example"), (3, "c.example")]
    assert faults.bad == {"the line is too long": 1}


def test_every_bad_line_is_counted_and_the_first_are_named() -> None:
    faults = Faults()
    for number in range(100):
        faults.add("x", number, "a\x1b[2Jb", "it is bad")
    assert faults.bad["it is bad"] == 100
    assert len(faults.first) == NAMED
    assert str(faults.first[0]) == "x, line 0: 'a�[2Jb': it is bad"


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_or_counted(data: bytes) -> None:
    found, faults = lines(data)
    held = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line]
    assert len(found) + faults.bad.total() <= len(held)
