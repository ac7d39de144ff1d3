"""Reading accounting packets: only genuine ones, and all else is refused in one way."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.event import Method
from analytics.sources.accounting import Accounting, NotAccounting, Status, read_accounting
from tests.analytics.sources.radius_packets import SECRET, START, packet

GENUINE = packet(user="OAK\\anne", calling="02-00-00-00-00-01:Staff", framed="10.0.0.5", delay=7, event=1_700_000_000)


def read(data: bytes) -> Accounting:
    return read_accounting(data, SECRET)[1]


def test_what_a_genuine_packet_says() -> None:
    assert read(GENUINE) == Accounting(
        status=Status.START,
        session="s-1",
        user="OAK\\anne",
        mac="02:00:00:00:00:01",
        client_ip="10.0.0.5",
        method=Method.DOT1X,
        delay_ms=7000,
        event_ms=1_700_000_000_000,
    )


def test_ipv6_and_what_is_not_said() -> None:
    assert read(packet(framed="2001:db8::5")).client_ip == "2001:db8::5"
    bare = read(packet(port_type=5))
    assert (bare.user, bare.mac, bare.client_ip, bare.method) == ("", "", "", Method.RADIUS)
    assert read(packet(framed="255.255.255.254")).client_ip == ""


@pytest.mark.parametrize(
    "data",
    [
        packet(secret=b"another secret"),
        packet()[:-1],
        b"\x01" + packet()[1:],
        packet(status=15),
        packet(session=None),
        b"",
        b"\x04" * 5000,
    ],
    ids=["secret", "cut off", "no accounting", "status", "no session", "empty", "too long"],
)
def test_what_is_not_genuine_is_refused(data: bytes) -> None:
    with pytest.raises(NotAccounting):
        read(data)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_they_are_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(NotAccounting):
        read(data)


@given(st.data())
def test_no_flipped_bit_is_believed(data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, len(GENUINE) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(GENUINE)
    flipped[at] ^= 1 << bit
    with pytest.raises(NotAccounting):
        read(bytes(flipped))


@given(st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=40)), max_size=12))
def test_whatever_attributes_a_genuine_packet_has_it_is_read_or_refused(attributes: list[tuple[int, bytes]]) -> None:
    body = b"".join(bytes([code, len(value) + 2]) + value for code, value in attributes)
    plain = packet(START)
    head = plain[:2] + (len(plain) + len(body)).to_bytes(2)
    rest = plain[20:] + body
    genuine = head + hashlib.md5(head + bytes(16) + rest + SECRET, usedforsecurity=False).digest() + rest
    try:
        said = read(genuine)
    except NotAccounting:
        return
    assert said.session
