"""Plain lists, hosts files and CSV."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.lists.faults import Faults
from analytics.lists.plain import read_csv, read_hosts, read_plain
from config.errors import ConfigError


def test_a_plain_list_holds_names_and_comments() -> None:
    faults = Faults()
    text = b"# made by hand\nA.example\nb.example/x # not all of it\n\n; c\nco.uk\nhttps://d.example:8443\n"
    assert list(read_plain(io.BytesIO(text), "p", "own", faults)) == [("own", "a.example"), ("own", "b.example/x")]
    assert [(fault.file, fault.line, fault.found) for fault in faults.first] == [
        ("p", 6, "co.uk"),
        ("p", 7, "https://d.example:8443"),
    ]


def test_a_hosts_file_holds_what_it_sends_nowhere() -> None:
    faults = Faults()
    text = (
        b"127.0.0.1 localhost\n::1 ip6-localhost # mine\n255.255.255.255 broadcasthost\n0.0.0.0 0.0.0.0\n"
        b"0.0.0.0 a.example b.example\r\n127.0.0.1\tc.example# bad\n:: d.example\n# 0.0.0.0 no.example\n"
        b"93.184.216.34 real.example\nhello.example\n0.0.0.0 printer\n0.0.0.0\n"
    )
    names = [name for _, name in read_hosts(io.BytesIO(text), "hosts", "own", faults)]
    assert names == ["a.example", "b.example", "c.example", "d.example"]
    assert faults.left_out.total() == 4
    assert [fault.line for fault in faults.first] == [9, 10, 11]


@pytest.mark.parametrize("heading", ["domain,category", "Category;Host", "id,URL,x,category"])
def test_a_csv_is_read_by_its_heading(heading: str) -> None:
    columns = heading.lower().replace(";", ",").split(",")
    row = [{"category": "games", "id": "1", "x": ""}.get(name, "a.example") for name in columns]
    text = f"{heading}\n{(';' if ';' in heading else ',').join(row)}\n".encode()
    assert list(read_csv(io.BytesIO(text), "c.csv", Faults())) == [("games", "a.example")]


def test_bad_rows_are_counted_and_quotes_understood() -> None:
    faults = Faults()
    text = b'\xef\xbb\xbfdomain,category\r\n"a.example","games"\r\nb.example\r\n,games\r\n"c\r\nco.uk,games\r\n'
    assert list(read_csv(io.BytesIO(text), "c.csv", faults)) == [("games", "a.example")]
    assert [fault.line for fault in faults.first] == [3, 4, 5, 6]


def test_a_csv_without_a_heading_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match=r"c.csv, line 1: found 'a.example, games'; allowed: a heading"):
        list(read_csv(io.BytesIO(b"a.example,games\n"), "c.csv", Faults()))


@given(st.binary(max_size=120))
def test_any_bytes_are_rules_or_counted(data: bytes) -> None:
    for read in (read_plain, read_hosts):
        for own, name in read(io.BytesIO(data), "x", "own", Faults()):
            assert own == "own"
            assert name == name.lower()


@given(st.text(max_size=80))
def test_any_text_below_a_heading_is_rows_or_counted(text: str) -> None:
    faults = Faults()
    rules = list(read_csv(io.BytesIO(b"domain,category\n" + text.encode()), "x", faults))
    assert len(rules) + faults.bad.total() <= len(text) + 1
