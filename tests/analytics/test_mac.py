"""Hardware addresses in every spelling, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.mac import plain_mac


@pytest.mark.parametrize(
    "written",
    [
        "00:1a:2B:3c:4D:5e",
        "00-1A-2B-3C-4D-5E",
        "001a.2b3c.4d5e",
        "001a-2b3c-4d5e",
        "001A2B3C4D5E",
        " 00-1A-2B-3C-4D-5E:Staff Wi-Fi",
    ],
)
def test_it_has_one_plain_form(written: str) -> None:
    assert plain_mac(written) == "00:1a:2b:3c:4d:5e"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "00:1a:2b:3c:4d",
        "00:1a:2b:3c:4d:5ef",
        "00:1a-2b:3c:4d:5e",
        "00:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "01:00:5e:00:00:01",
        "001a2b3c4d5e6f",
        "10.20.0.15",
    ],
)
def test_what_is_no_devices_is_none(written: str) -> None:
    assert plain_mac(written) == ""


@given(st.text())
def test_whatever_is_written_its_form_is_plain(written: str) -> None:
    plain = plain_mac(written)
    assert plain == "" or plain_mac(plain) == plain
