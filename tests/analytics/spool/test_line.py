"""One line of a segment."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.spool.line import frame, parse, with_damaged_end

payloads = st.binary(max_size=300).filter(lambda data: b"\n" not in data)


@given(payloads)
def test_what_is_framed_is_parsed(data: bytes) -> None:
    assert parse(frame(data)) == data


@given(payloads, st.data())
def test_any_changed_byte_is_a_fault(data: bytes, draw: st.DataObject) -> None:
    line = bytearray(frame(data))
    at = draw.draw(st.integers(0, len(line) - 1))
    line[at] ^= draw.draw(st.integers(1, 255))
    assert parse(bytes(line)) is None


@given(payloads, st.data())
def test_any_cut_is_a_fault(data: bytes, draw: st.DataObject) -> None:
    line = frame(data)
    assert parse(line[: draw.draw(st.integers(0, len(line) - 1))]) is None


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    parsed = parse(data)
    assert parsed is None or frame(parsed) == data
    with_damaged_end(data)


def test_a_lost_newline_between_two_lines_is_located() -> None:
    first, second = frame(b'{"a":1}'), frame(b'{"b":2}')
    assert with_damaged_end(first[:-1] + b"\x0b" + second) == len(first)


def test_other_spellings_of_the_same_line_are_faults() -> None:
    assert parse(b"07 " + frame(b'{"a":1}').split(b" ", 1)[1]) is None
    upper = frame(b'{"b":22}')
    head, crc, rest = upper.split(b" ", 2)
    assert parse(b" ".join((head, crc.upper() + b"", rest))) is (None if crc != crc.upper() else b'{"b":22}')
