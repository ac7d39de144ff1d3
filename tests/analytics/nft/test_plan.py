"""analytics.nft.plan: what cannot be meant is refused with a sentence that says what to do."""

import os
import pwd
from typing import Any

import pytest

from analytics.nft.plan import ruleset_of
from config.errors import ConfigError
from config.settings import Settings

ME = pwd.getpwuid(os.geteuid()).pw_name
GOOD: dict[str, dict[str, Any]] = {
    "gateway": {"mode": "transparent", "listen_host": "", "listen_port": 18080, "workers": 2},
    "transparent": {"interfaces": ["lan0", "lan1"], "subnets": ["10.0.0.0/8"], "gateway_user": ME},
}


@pytest.fixture(autouse=True)
def _interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    # Which interfaces a machine has differs; everything else here is the machine's own.
    monkeypatch.setattr("socket.if_nameindex", lambda: [(1, "lo"), (2, "lan0"), (3, "lan1")])


def settings(**changed: dict[str, Any]) -> Settings:
    sections = {name: {**GOOD.get(name, {}), **changed.get(name, {})} for name in {**GOOD, **changed}}
    return Settings(school="oak", school_name="Oak", **sections)  # type: ignore[arg-type]  # sections by name


def test_a_good_plan() -> None:
    ruleset = ruleset_of(settings())
    assert (ruleset.interfaces, ruleset.ports) == (("lan0", "lan1"), (18080, 18081))
    assert ruleset.gateway_uid == os.geteuid()
    assert [str(each) for each in ruleset.subnets] == ["10.0.0.0/8"]
    assert len(ruleset.resolvers) > 100


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"gateway": {"mode": "regular", "workers": 1}}, "gateway.mode: found 'regular'"),
        (
            {"gateway": {"listen_host": "127.0.0.1"}},
            "gateway.listen_host: found '127.0.0.1', which devices cannot reach",
        ),
        ({"gateway": {"listen_host": "localhost"}}, "gateway.listen_host: found 'localhost'"),
        (
            {"transparent": {"interfaces": []}},
            'transparent.interfaces: found none. Write .* such as interfaces = \\["lan0"\\]',
        ),
        (
            {"transparent": {"interfaces": ["lan7"]}},
            "found 'lan7', which is no network interface .* Here are: lan0, lan1",
        ),
        ({"transparent": {"subnets": ["10.0.0.0/8", "10.1.0.0/16"]}}, "10.0.0.0/8 and 10.1.0.0/16 overlap"),
        ({"transparent": {"gateway_user": "nobody-of-this-name"}}, "no such account"),
        ({"gateway": {"listen_port": 65535}}, "the last would need port 65536. Choose 65534 or lower"),
        ({"gateway": {"listen_port": 79}}, "80 is the web's own port"),
        ({"dashboard": {"listen_port": 18081}}, "18081 is the dashboard's port"),
        ({"identity": {"portal_port": 18081}}, "18081 is the portal's port"),
    ],
)
def test_what_cannot_be_meant(changed: dict[str, dict[str, Any]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ruleset_of(settings(**changed))


def test_an_ipv4_and_an_ipv6_subnet_never_overlap() -> None:
    assert len(ruleset_of(settings(transparent={"subnets": ["0.0.0.0/0", "::/0"]})).subnets) == 2
