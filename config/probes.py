"""By which addresses operating systems find out whether a network wants something of them first.

Owns the reading of config/probes.toml. Promises: each is an exact host and path with a reason; a mistake is refused
with file, line, key, what was found and what is allowed.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from config.policy_table import Sentence, Table
from config.toml_file import fault_at, read_toml, validated

SHIPPED_PROBES = Path(__file__).with_name("probes.toml")


class _System(Table):
    addresses: Annotated[list[str], Field(min_length=1)]
    why: Sentence


class _Systems(RootModel[dict[str, _System]]):
    pass


@cache
def probe_addresses(path: Path = SHIPPED_PROBES) -> frozenset[tuple[str, str]]:
    """(host, path) of every probe.

    Raises:
        ConfigError: names file, line, key, what was found and what is allowed.
    """
    plain = read_toml(path, "Put the file back that came with Fairgate.")
    systems = validated(lambda: _Systems.model_validate(plain), path).root
    found = set()
    for name, system in systems.items():
        for address in system.addresses:
            host, slash, rest = address.partition("/")
            if not slash or not host or host != host.lower() or ":" in host or "?" in rest:
                raise fault_at(path, (name, "addresses"), address, "a host in lower case and a path, without http://")
            found.add((host, f"/{rest}"))
    return frozenset(found)
