"""The choice of ports."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.demonstration import supervise
from analytics.demonstration.narration import Narration
from analytics.demonstration.school import DemoSchool
from analytics.demonstration.supervise import Ports, Standing
from config.errors import FairgateError
from config.policy import Policy


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_port_asked_for_and_in_use_is_refused_and_nothing_stays_behind(
    school: DemoSchool, policy: Policy, taken: int
) -> None:
    with pytest.raises(FairgateError, match=f"Port {taken}, asked for the gateway, is in use"):
        Standing(school, policy, Ports(taken, None), Narration()).__enter__()
    assert not list((school.state.root / "run").glob("*.ready"))


def test_a_usual_port_in_use_gives_way_to_the_next_and_that_is_said(
    school: DemoSchool, policy: Policy, taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervise, "GATEWAY_PORT", taken)
    monkeypatch.setattr(Standing, "_start", lambda _self: None)
    with Standing(school, policy, Ports(None, None), Narration()) as standing:
        assert standing.settings.gateway.listen_port > taken
        assert standing.settings.gateway.stand_in is not None
        assert Path(str(standing.settings.gateway.upstream_ca)).is_file()
    assert f"Port {taken} is in use; the gateway takes" in capsys.readouterr().err
