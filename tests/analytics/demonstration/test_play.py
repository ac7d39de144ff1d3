"""Who sits where."""

import socket
import sys

import pytest

from analytics.demonstration.cast import BY_KEY, CAST, SHARED_ADDRESS
from analytics.demonstration.play import seat
from analytics.demonstration.school import DemoSchool


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
def test_whoever_has_a_device_sits_at_its_address_without_signing_in(school: DemoSchool) -> None:
    own = seat(BY_KEY["raman"], school)
    assert (own.address, own.sign_in) == ("127.0.1.12", None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
def test_on_the_shared_device_one_signs_in(school: DemoSchool) -> None:
    shared = seat(BY_KEY["adeyemi"], school)
    assert shared.address == SHARED_ADDRESS
    assert shared.sign_in == ("r.adeyemi", school.people["adeyemi"].password)


def test_where_an_address_cannot_be_had_everybody_signs_in(school: DemoSchool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, _address: tuple[str, int]) -> None:
        raise OSError

    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert all(seat(member, school).sign_in and seat(member, school).address is None for member in CAST)
