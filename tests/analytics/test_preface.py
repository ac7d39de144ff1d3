"""The PROXY protocol's preface: read back by a reader written from the specification."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.preface import preface
from tests.end_to_end.preface_relay import read_preface

PORTS = st.integers(1, 65_535)
ENDPOINTS = st.one_of(
    st.tuples(st.tuples(st.ip_addresses(v=4).map(str), PORTS), st.tuples(st.ip_addresses(v=4).map(str), PORTS)),
    st.tuples(st.tuples(st.ip_addresses(v=6).map(str), PORTS), st.tuples(st.ip_addresses(v=6).map(str), PORTS)),
)


def told(data: bytes) -> str:
    """What a receiver reads, which must leave the rest alone."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(data + b"rest")
        ours.shutdown(socket.SHUT_WR)
        found = read_preface(theirs)
        assert theirs.recv(10) == b"rest"
    return found


@given(ENDPOINTS, st.sampled_from([1, 2]))
def test_a_receiver_reads_the_client_that_was_told(ends: tuple[tuple[str, int], tuple[str, int]], version: int) -> None:
    client, arrived = ends
    if "::ffff:" not in client[0] + arrived[0]:  # IPv4 inside IPv6: below
        assert told(preface(version, client, arrived)) == client[0]


@pytest.mark.parametrize("version", [1, 2])
def test_an_ipv4_client_of_an_ipv6_socket_is_ipv4_and_a_zone_is_left_out(version: int) -> None:
    assert told(preface(version, ("::ffff:10.1.2.3", 5000), ("::ffff:10.1.2.1", 443))) == "10.1.2.3"
    assert told(preface(version, ("fe80::1%eth0", 5000), ("fe80::2", 443))) == "fe80::1"


@pytest.mark.parametrize("version", [1, 2])
def test_of_two_families_nothing_is_said(version: int) -> None:
    assert told(preface(version, ("10.1.2.3", 5000), ("fd00::1", 443))) == "UNKNOWN"


def test_the_line_is_as_the_specification_writes_it() -> None:
    assert preface(1, ("10.1.2.3", 5000), ("10.1.2.1", 443)) == b"PROXY TCP4 10.1.2.3 10.1.2.1 5000 443\r\n"
