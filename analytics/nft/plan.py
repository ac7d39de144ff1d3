"""From a school's settings to the ruleset for this machine, or to a sentence that says what stands in the way.

Owns every check that can be made before the kernel is asked: mode, interfaces, subnets, ports and account. Promises:
what would redirect traffic to where nobody listens is refused.
"""

import pwd
import socket
from ipaddress import ip_address
from itertools import combinations
from typing import Final

from analytics.nft.ruleset import Network, Ruleset
from config.errors import ConfigError
from config.resolvers import load_resolvers
from config.settings import Settings

_WEB: Final = frozenset((80, 443))
_HIGHEST_PORT: Final = 65535


def ruleset_of(settings: Settings) -> Ruleset:
    """The ruleset of `settings`, for this machine as it is now.

    Raises:
        ConfigError: a setting cannot be meant; says which, what was found, and what to do.
    """
    _refuse_mode(settings)
    transparent, gateway = settings.transparent, settings.gateway
    ports = tuple(range(gateway.listen_port, gateway.listen_port + gateway.workers))
    _refuse_ports(settings, ports)
    return Ruleset(
        interfaces=_interfaces(transparent.interfaces),
        subnets=_apart(transparent.subnets),
        ports=ports,
        gateway_uid=_uid(transparent.gateway_user),
        resolvers=load_resolvers(transparent.resolvers),
    )


def _refuse_mode(settings: Settings) -> None:
    gateway = settings.gateway
    if gateway.mode != "transparent":
        raise ConfigError(
            f"gateway.mode: found {gateway.mode!r}; the firewall sends traffic to a transparent gateway only. "
            'Write mode = "transparent" under [gateway] in fairgate.toml.'
        )
    if gateway.listen_host and _loopback(gateway.listen_host):
        raise ConfigError(
            f"gateway.listen_host: found {gateway.listen_host!r}, which devices cannot reach. "
            'Write listen_host = "" under [gateway] in fairgate.toml; the rules keep everybody else out.'
        )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_ports(settings: Settings, ports: tuple[int, ...]) -> None:
    if ports[-1] > _HIGHEST_PORT:
        raise ConfigError(
            f"gateway.listen_port: found {ports[0]} for {len(ports)} workers, so the last would need port {ports[-1]}. "
            f"Choose {_HIGHEST_PORT + 1 - len(ports)} or lower."
        )
    taken = {
        settings.dashboard.listen_port: "the dashboard's",
        settings.identity.portal_port: "the portal's",
        settings.identity.portal_tls_port: "the portal's",
        **dict.fromkeys(_WEB, "the web's own"),
    }
    for port in ports:
        if port in taken:
            raise ConfigError(
                f"gateway.listen_port: found {ports[0]} for {len(ports)} workers (ports {ports[0]} to {ports[-1]}), "
                f"and {port} is {taken[port]} port. Choose another listen_port."
            )


def _interfaces(names: tuple[str, ...]) -> tuple[str, ...]:
    there = sorted(name for _, name in socket.if_nameindex() if name != "lo")
    listed = ", ".join(there) or "none"
    if not names:
        raise ConfigError(
            "transparent.interfaces: found none. Write the interfaces on which the school's devices come in, such as "
            f'interfaces = ["{there[0] if there else "eth1"}"], under [transparent]. Here are: {listed}.'
        )
    for name in names:
        if name not in there:
            raise ConfigError(
                f"transparent.interfaces: found {name!r}, which is no network interface of this machine. "
                f"Here are: {listed}."
            )
    return tuple(dict.fromkeys(names))


def _apart(subnets: tuple[Network, ...]) -> tuple[Network, ...]:
    for first, second in combinations(subnets, 2):
        if first.version == second.version and first.overlaps(second):
            raise ConfigError(f"transparent.subnets: {first} and {second} overlap. Keep the one that is meant.")
    return subnets


def _uid(account: str) -> int:
    try:
        return pwd.getpwnam(account).pw_uid
    except KeyError as fault:
        raise ConfigError(
            f"transparent.gateway_user: found {account!r}, and this machine has no such account. Make it (useradd "
            f"--system {account}), or name the account that the gateway runs as."
        ) from fault
