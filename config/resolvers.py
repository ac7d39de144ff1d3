"""The resolvers that hide names from the school: DNS over HTTPS, by address, each with the reason and the author.

Owns the reading of resolvers.toml, the shipped one or the school's own. Promises: an entry without a reason and an
author does not load; nothing that could reach further than one operator's resolvers is taken for an address.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final

from pydantic import Field, RootModel

from config.policy_table import Reasoned, Sentence
from config.toml_file import fault_at, read_toml, validated

SHIPPED: Final = Path(__file__).parent / "deploy" / "resolvers.toml"
WIDEST: Final = {4: 24, 6: 32}
"""Shortest prefix of a range, by IP version: a wider one would close a part of the internet."""

type Network = IPv4Network | IPv6Network


class _Operator(Reasoned):
    title: Sentence
    addresses: list[str] = Field(min_length=1)


class _Operators(RootModel[dict[str, _Operator]]):
    pass


def load_resolvers(path: Path | None = None) -> tuple[Network, ...]:
    """The addresses and ranges in the file at `path` (None: the shipped list), in order, each once.

    Raises:
        ConfigError: names file, line, key, what was found and what is allowed.
    """
    file = path or SHIPPED
    plain = read_toml(file, f"Copy {SHIPPED} and change the copy, or take [transparent] resolvers out.")
    operators = validated(lambda: _Operators.model_validate(plain), file).root
    found = {
        _network(file, key, position, text)
        for key, operator in operators.items()
        for position, text in enumerate(operator.addresses)
    }
    return tuple(sorted(found, key=lambda network: (network.version, int(network.network_address), network.prefixlen)))


def _network(file: Path, key: str, position: int, text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError:
        network = None
    if network is None or network.prefixlen < WIDEST[network.version]:
        allowed = "an IP address, or a range of at most /24 (IPv4) or /32 (IPv6), such as 192.0.2.1 or 2001:db8::/32"
        raise fault_at(file, (key, "addresses", position), text, allowed)
    return network
