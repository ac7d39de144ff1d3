"""What a person who started the demonstration is told."""

from pathlib import Path

import pytest

from analytics.demonstration.browsing import Proxy
from analytics.demonstration.cast import BY_KEY
from analytics.demonstration.invitation import GUEST, invitation
from analytics.demonstration.narration import Narration
from analytics.demonstration.school import SIGN_INS, DemoSchool
from analytics.demonstration.supervise import Ports, Standing
from config.policy import Policy

PROXY = Proxy(3128, Path("/state/gateway-ca.pem"), Path("/state/site-ca.pem"))


@pytest.fixture
def said(school: DemoSchool, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> str:
    """The invitation of a demonstration whose processes were not started."""
    monkeypatch.setattr(Standing, "_start", lambda _self: None)
    monkeypatch.setattr(Standing, "proxy", PROXY)
    with Standing(school, policy, Ports(None, None), Narration()) as standing:
        return f"{standing.dashboard_url}\n{invitation(standing)}"


def test_it_names_the_dashboard_and_every_sign_in(said: str, school: DemoSchool) -> None:
    dashboard, _, rest = said.partition("\n")
    assert dashboard in rest
    for role, key in SIGN_INS.items():
        (line,) = (line for line in rest.splitlines() if line.strip().startswith(role.label))
        assert line.split()[-2:] == [BY_KEY[key].username, school.people[key].password]


def test_it_says_how_to_browse_through_the_proxy(said: str, school: DemoSchool) -> None:
    for part in ("127.0.0.1:3128", "/state/gateway-ca.pem", BY_KEY[GUEST].username, school.people[GUEST].password):
        assert part in said


def test_the_guest_is_somebody_told_who_signs_in_at_the_proxy() -> None:
    assert BY_KEY[GUEST].told
    assert BY_KEY[GUEST].address is None
