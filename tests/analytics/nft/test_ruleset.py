"""analytics.nft.ruleset: the text is what was agreed, says nothing of anybody else, and the kernel takes it."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.nft.ruleset import FOR_GOOD, NOBODY, REMOVED, Enrolled, Hold, Ruleset, enrolling
from config.resolvers import load_resolvers
from tests.analytics.nft.one_namespace import inside, one_namespace, rules
from tests.end_to_end.namespaces import unavailable

GOLDEN = Path(__file__).with_name("example.nft")
EXAMPLE = Ruleset(
    interfaces=("eth1", "eth1.20"),
    subnets=(ip_network("10.20.0.0/16"), ip_network("2001:db8:20::/48")),
    ports=(8080, 8081),
    gateway_uid=998,
    resolvers=(ip_network("1.1.1.1"), ip_network("45.90.28.0/24"), ip_network("2606:4700:4700::1111")),
)
ENROLLED = Enrolled(frozenset({"10.20.0.15", "10.20.0.9", "2001:db8:20::15"}), frozenset({"10.20.0.77"}))
ADDRESSES = st.frozensets(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str), max_size=12)
WHY_NOT = unavailable()
needs_namespaces = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")


def elements(text: str, name: str) -> set[str]:
    """The elements of a set in a rendered table, without their timeouts."""
    body = re.search(rf"set {name} {{\n(.*?)^ {{4}}}}", text.replace("\t", "    "), re.DOTALL | re.MULTILINE)
    assert body is not None
    listed = body[1].partition("elements = {")[2].partition("}")[0]
    return {each.split()[0] for each in listed.split(",") if each.strip()}


def test_the_whole_is_as_agreed() -> None:
    assert EXAMPLE.table(ENROLLED, (8080, 8081), Hold(None, 30)) == GOLDEN.read_text("utf-8")


@given(lasting=ADDRESSES, passing=ADDRESSES)
def test_the_sets_hold_exactly_the_enrolled_each_in_its_family(
    lasting: frozenset[str], passing: frozenset[str]
) -> None:
    text = EXAMPLE.table(Enrolled(lasting, passing - lasting), EXAMPLE.ports, Hold(30, 30))
    found = {name: elements(text, name) for name in ("staff4", "staff6")}
    assert found["staff4"] | found["staff6"] == lasting | passing
    assert all(isinstance(ip_address(each), IPv4Address) for each in found["staff4"])
    assert all(isinstance(ip_address(each), IPv6Address) for each in found["staff6"])


@given(serving=st.frozensets(st.sampled_from((8080, 8081, 8082, 8083))))
def test_every_share_finds_a_worker_that_listens_and_the_living_keep_theirs(serving: frozenset[int]) -> None:
    ports = (8080, 8081, 8082, 8083)
    ruleset = Ruleset(interfaces=("eth1",), ports=ports, gateway_uid=1, resolvers=())
    text = ruleset.sharing(serving)
    shares = [rule for rule in text.splitlines() if rule.startswith("add rule inet fairgate workers")]
    assert len(shares) == (2 if serving else 0)
    assert ("stragglers tcp dport" in text) is bool(serving)
    for share in shares:
        listed = share.partition("map {")[2].partition("}")[0]
        slots = {int(slot): int(port) for slot, port in (pair.split(":") for pair in listed.split(","))}
        assert set(slots) == set(range(4))
        assert set(slots.values()) == serving
        assert all(slots[slot] == port for slot, port in enumerate(ports) if port in serving)


def test_one_worker_needs_no_sharing() -> None:
    ruleset = Ruleset(interfaces=("eth1",), ports=(8080,), gateway_uid=1, resolvers=())
    assert "workers meta l4proto tcp redirect to :8080" in ruleset.sharing((8080,))


def test_a_family_without_a_subnet_is_not_narrowed() -> None:
    ruleset = Ruleset(
        interfaces=("eth1",), subnets=(IPv4Network("10.20.0.0/16"),), ports=(8080,), gateway_uid=1, resolvers=()
    )
    text = ruleset.table(NOBODY, (8080,), FOR_GOOD)
    assert "        ip saddr { 10.20.0.0/16 } ip saddr @staff4 tcp" in text
    assert "        ip6 saddr @staff6 tcp" in text


@needs_namespaces
def test_loaded_twice_is_loaded_once_and_removing_leaves_other_tables_alone() -> None:
    others = "table ip school_nat { chain out { type nat hook postrouting priority srcnat; masquerade; }; }\n"
    with one_namespace() as name:
        assert inside(name, "nft", "-f", "-", given=others).returncode == 0
        before = rules(name)
        table = EXAMPLE.table(ENROLLED, EXAMPLE.ports, FOR_GOOD)
        assert inside(name, "nft", "-f", "-", given=table).stderr == ""
        once = rules(name)
        assert inside(name, "nft", "-f", "-", given=table).stderr == ""
        assert rules(name) == once
        assert before in once
        for _ in range(2):
            assert inside(name, "nft", "-f", "-", given=REMOVED).stderr == ""
            assert rules(name) == before


@needs_namespaces
def test_the_kernel_takes_the_shipped_resolvers_and_every_number_of_workers() -> None:
    with one_namespace() as name:
        for count in (1, 2, 16):
            ruleset = Ruleset(
                interfaces=("eth1",), ports=tuple(range(8080, 8080 + count)), gateway_uid=1, resolvers=load_resolvers()
            )
            for serving in (ruleset.ports, ruleset.ports[:1], ()):
                text = ruleset.table(ENROLLED, serving, Hold(30, 30)) + ruleset.sharing(serving)
                assert inside(name, "nft", "-f", "-", given=text).stderr == ""


@needs_namespaces
@settings(max_examples=15, deadline=None)
@given(first=ADDRESSES, second=ADDRESSES)
def test_the_kernel_takes_any_addresses_and_changes_to_exactly_the_next_ones(
    kernel: str, first: frozenset[str], second: frozenset[str]
) -> None:
    text = EXAMPLE.table(Enrolled(first), EXAMPLE.ports, FOR_GOOD) + enrolling(Enrolled(second), FOR_GOOD)
    assert inside(kernel, "nft", "-f", "-", given=text).stderr == ""
    listed = inside(kernel, "nft", "list", "ruleset").stdout
    found = elements(listed, "staff4") | elements(listed, "staff6")
    assert {ip_address(each) for each in found} == {ip_address(each) for each in second}
