"""The nftables ruleset that puts the gateway in line, as text for `nft -f`.

Owns the one table `inet fairgate`: its sets, chains and counters. Promises: nobody but an address in the sets staff4
and staff6 is redirected or refused anything; what is addressed to this machine itself is left alone; loading it twice
leaves what loading it once does; it touches no table but its own.

    to_the_gateway      enrolled devices' TCP 80 and 443 -> workers, one share of the addresses each
    past_the_gateway    their UDP 443, port 853 and listed resolvers are refused at once, and counted; so is web traffic
                        that would go past the gateway while it serves (a connection older than the enrolment, say)
    to_this_machine     the workers' ports answer redirected connections of enrolled devices, and nobody else
    from_this_machine   the gateway's own account can never be led to the gateway's ports
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

type Network = IPv4Network | IPv6Network

TABLE: Final = "inet fairgate"
COUNTERS: Final = ("quic", "dot", "doh")
REMOVED: Final = f"table {TABLE}\ndelete table {TABLE}\n"
"""Takes the table away, whether or not it stands: the first line makes it where it does not."""
_SPREAD: Final = "0x0fa1"
"""Seed of the spread: the same address always finds the same worker."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Addresses in their plain form whose web traffic is redirected. `passing` ones hold only while a sign-in does."""

    lasting: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.lasting | self.passing

    @property
    def size(self) -> int:
        """How many addresses."""
        return len(self.lasting) + len(self.passing)

    def of_version(self, version: int) -> tuple[list[str], list[str]]:
        """(lasting, passing) addresses of that IP version, sorted."""
        lasting, passing = (
            sorted((each for each in addresses if ip_address(each).version == version), key=ip_address)
            for addresses in (self.lasting, self.passing)
        )
        return lasting, passing


NOBODY: Final = Enrolled()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """What the ruleset is made of. `ports`: one a worker, in the workers' order."""

    interfaces: tuple[str, ...]
    subnets: tuple[Network, ...] = ()
    ports: tuple[int, ...]
    gateway_uid: int
    resolvers: tuple[Network, ...] = field(repr=False)

    def table(self, enrolled: Enrolled, serving: Iterable[int], hold: "Hold") -> str:
        """The whole, replacing what stands; `serving` are the ports that listen."""
        return _TABLE.format(
            removed=REMOVED,
            interfaces=", ".join(f'"{name}"' for name in self.interfaces),
            staff4=_elements(enrolled.of_version(4), hold),
            staff6=_elements(enrolled.of_version(6), hold),
            doh4=_ranges(self.resolvers, 4),
            doh6=_ranges(self.resolvers, 6),
            from4=_within(self.subnets, 4),
            from6=_within(self.subnets, 6),
            workers="".join(f"        {rule}\n" for rule in self._shares(serving)),
            stragglers="".join(f"        {rule}\n" for rule in _stragglers(serving)),
            ports=", ".join(map(str, self.ports)),
            uid=self.gateway_uid,
        )

    def sharing(self, serving: Iterable[int]) -> str:
        """The change that shares the traffic among the ports that listen; none: nothing is redirected any more."""
        lines = [f"flush chain {TABLE} workers", f"flush chain {TABLE} stragglers"]
        lines += [f"add rule {TABLE} workers {rule}" for rule in self._shares(serving)]
        lines += [f"add rule {TABLE} stragglers {rule}" for rule in _stragglers(serving)]
        return "\n".join(lines) + "\n"

    def _shares(self, serving: Iterable[int]) -> list[str]:
        """A port that does not listen leaves its share to the others; everybody else keeps their worker."""
        living = sorted(set(serving).intersection(self.ports))
        if not living:
            return []
        if len(self.ports) == 1:
            return [f"meta l4proto tcp redirect to :{self.ports[0]}"]
        ports = [port if port in living else living[slot % len(living)] for slot, port in enumerate(self.ports)]
        spread = ", ".join(f"{slot} : {port}" for slot, port in enumerate(ports))
        return [
            f"meta nfproto ipv{version} meta l4proto tcp redirect to "
            f":jhash {family} saddr mod {len(ports)} seed {_SPREAD} map {{ {spread} }}"
            for version, family in ((4, "ip"), (6, "ip6"))
        ]


@dataclass(frozen=True, slots=True)
class Hold:
    """Seconds that the kernel keeps an address without hearing of it again; None: until it is told otherwise."""

    lasting: int | None = None
    passing: int | None = None


FOR_GOOD: Final = Hold()


def enrolling(enrolled: Enrolled, hold: Hold) -> str:
    """The change that makes `enrolled` the ones whose traffic is redirected, in one step, each held anew."""
    lines = [f"flush set {TABLE} staff{version}" for version in (4, 6)]
    for version in (4, 6):
        if elements := _listed(enrolled.of_version(version), hold):
            lines.append(f"add element {TABLE} staff{version} {{ {elements} }}")
    return "\n".join(lines) + "\n"


def _stragglers(serving: Iterable[int]) -> list[str]:
    return ["tcp dport { 80, 443 } reject with tcp reset"] if set(serving) else []


def _listed(addresses: tuple[list[str], list[str]], hold: Hold) -> str:
    lasting, passing = addresses
    return ", ".join(
        [f"{each}{_for(hold.lasting)}" for each in lasting] + [f"{each}{_for(hold.passing)}" for each in passing]
    )


def _for(seconds: int | None) -> str:
    return "" if seconds is None else f" timeout {seconds}s"


def _elements(addresses: tuple[list[str], list[str]], hold: Hold) -> str:
    listed = _listed(addresses, hold)
    return f"\n        elements = {{ {listed} }}" if listed else ""


def _ranges(networks: Iterable[Network], version: int) -> str:
    listed = ", ".join(_plain(network) for network in networks if network.version == version)
    return f"\n        elements = {{ {listed} }}" if listed else ""


def _within(subnets: tuple[Network, ...], version: int) -> str:
    """The further condition that the school's subnets make; a family of which none is named is not narrowed, so that
    nobody who forgot IPv6 has left a way round."""
    mine = ", ".join(_plain(subnet) for subnet in subnets if subnet.version == version)
    return f"{'ip' if version == 4 else 'ip6'} saddr {{ {mine} }} " if mine else ""


def _plain(network: Network) -> str:
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address if single else network)


_TABLE: Final = """\
{removed}
table inet fairgate {{
    # What enrolled devices tried and were refused, in packets: HTTP/3, DNS over TLS, DNS over HTTPS.
    counter quic {{ }}
    counter dot {{ }}
    counter doh {{ }}

    # The enrolled: staff devices, and shared ones while a member of staff is signed in. Everybody else passes as if
    # Fairgate were not here. An address with a timeout is forgotten where nobody says it again.
    set staff4 {{
        type ipv4_addr
        flags timeout{staff4}
    }}
    set staff6 {{
        type ipv6_addr
        flags timeout{staff6}
    }}

    # Resolvers that hide names from the school.
    set doh4 {{
        type ipv4_addr
        flags interval
        auto-merge{doh4}
    }}
    set doh6 {{
        type ipv6_addr
        flags interval
        auto-merge{doh6}
    }}

    chain workers {{
{workers}    }}

    chain stragglers {{
{stragglers}    }}

    chain to_the_gateway {{
        type nat hook prerouting priority dstnat; policy accept;
        iifname != {{ {interfaces} }} return
        # This machine's own pages (sign-in, notice, dashboard) are reached as they are.
        fib daddr type local return
        # Refused below, so not redirected.
        ip daddr @doh4 tcp dport 443 return
        ip6 daddr @doh6 tcp dport 443 return
        {from4}ip saddr @staff4 tcp dport {{ 80, 443 }} jump workers
        {from6}ip6 saddr @staff6 tcp dport {{ 80, 443 }} jump workers
    }}

    chain refused {{
        # Refused at once and not dropped, so that a browser takes the way that can be seen without a wait.
        tcp dport 853 counter name dot reject with tcp reset
        udp dport 853 counter name dot reject
        ip daddr @doh4 tcp dport 443 counter name doh reject with tcp reset
        ip daddr @doh4 udp dport 443 counter name doh reject
        ip6 daddr @doh6 tcp dport 443 counter name doh reject with tcp reset
        ip6 daddr @doh6 udp dport 443 counter name doh reject
        udp dport 443 counter name quic reject
        jump stragglers
    }}

    chain past_the_gateway {{
        type filter hook forward priority filter; policy accept;
        iifname != {{ {interfaces} }} return
        {from4}ip saddr @staff4 jump refused
        {from6}ip6 saddr @staff6 jump refused
    }}

    chain gateway_ports {{
        iifname "lo" accept
        ct status dnat ip saddr @staff4 accept
        ct status dnat ip6 saddr @staff6 accept
        # The device is enrolled no longer: its connections through the gateway end, and it goes its own way.
        ct status dnat tcp flags & rst == rst accept
        ct status dnat reject with tcp reset
        drop
    }}

    chain to_this_machine {{
        type filter hook input priority filter; policy accept;
        tcp dport {{ {ports} }} jump gateway_ports
    }}

    chain from_this_machine {{
        type filter hook output priority filter; policy accept;
        meta skuid {uid} tcp dport {{ {ports} }} ct direction original fib daddr type local reject with tcp reset
    }}
}}
"""
