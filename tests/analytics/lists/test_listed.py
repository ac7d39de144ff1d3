"""What the lists say of a site under the policy: settled in the person's favour, and never across a suffix."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.lists.adblock import EXCEPTED
from analytics.lists.listed import NOTHING, Found, ListsInForce, lists_in_force
from analytics.lists.shelf import in_force_file
from analytics.site_index import folded_path, levels
from config.errors import ConfigError
from config.host_name import is_public_suffix, registrable_domain
from tests.analytics.lists.small_lists import CAREFUL, HINTS, Holds, Mapped, compiled, in_force, listed, policy


def said(lists: ListsInForce, host: str, path: str = "/") -> tuple[str, str, str] | None:
    """(category or area, quality, rule) of an address; None where nothing is said."""
    found = lists.of_host(levels(host))
    area, page = lists.of_path(found.path_hosts, folded_path(path))
    if area := area or found.area:
        return area.key, "shield", ""
    one = page or found.listed
    return (one.category.key, one.source.quality, one.rule.pattern) if one else None


@pytest.mark.parametrize(
    ("host", "path", "told"),
    [
        ("casino.example", "/", ("gambling", "evidence", "casino.example")),
        ("www.casino.example", "/x", ("gambling", "evidence", "casino.example")),
        ("shop.casino.example", "/x", ("shopping", "evidence", "shop.casino.example")),
        ("www.shop.casino.example", "/", ("shopping", "evidence", "shop.casino.example")),
        ("portal.example", "/", None),
        ("portal.example", "/shop/shoes", ("shopping", "hint", "portal.example/shop")),
        ("portal.example", "/shop/slots", ("gambling", "hint", "portal.example/shop/slots")),
        ("portal.example", "/SHOP//x?y", ("shopping", "hint", "portal.example/shop")),
        ("portal.example", "/shops", None),
        ("www.portal.example", "/shop", ("shopping", "hint", "portal.example/shop")),
        ("own.portal.example", "/shop", ("advertising", "hint", "own.portal.example")),
        ("8.8.8.8", "/", ("shopping", "evidence", "8.8.8.8")),
        ("example", "/", None),
    ],
)
def test_the_nearest_host_counts_and_then_the_longest_path(
    tmp_path: Path, host: str, path: str, told: tuple[str, str, str] | None
) -> None:
    holds: Holds = {
        "careful": {"bets": ["casino.example"], "shops": ["shop.casino.example", "8.8.8.8"]},
        "rough": {
            "ads": ["own.portal.example"],
            "shops": ["portal.example/shop"],
            "bets": ["portal.example/shop/slots"],
        },
    }
    assert said(in_force(tmp_path, holds), host, path) == told


def test_of_two_lists_the_one_that_lists_toml_has_first_counts(tmp_path: Path) -> None:
    holds: Holds = {"careful": {"bets": ["x.example"]}, "rough": {"ads": ["x.example"]}}
    assert said(in_force(tmp_path, holds), "x.example") == ("gambling", "evidence", "x.example")
    turned = policy(*reversed(policy().imported))
    assert said(in_force(tmp_path, holds, turned), "x.example") == ("advertising", "hint", "x.example")


@pytest.mark.parametrize(
    ("categories", "told"),
    [
        (("bets", "porn"), ("gambling", "evidence")),
        (("bets", "shops"), ("shopping", "evidence")),
        (("bets", "porn", "shops"), ("shopping", "evidence")),
        (("porn", "work"), ("teaching_resources", "evidence")),
        (("shops", "vague"), ("weapons", "hint")),
    ],
)
def test_of_two_categories_the_one_that_weighs_least_counts(
    tmp_path: Path, categories: tuple[str, ...], told: tuple[str, str]
) -> None:
    more: tuple[Mapped, ...] = (("work", "teaching_resources", "evidence"), ("vague", "weapons", "hint"))
    made = policy(listed("one", (*CAREFUL, *more)))
    for order in (categories, categories[::-1]):
        found = said(in_force(tmp_path, {"one": {own: ["x.example"] for own in order}}, made), "x.example")
        assert found is not None
        assert found[:2] == told


def test_what_any_list_of_any_quality_shields_is_shielded_and_all_below_it(tmp_path: Path) -> None:
    holds: Holds = {
        "careful": {"porn": ["x.example", "www.x.example"]},
        "rough": {"cult": ["x.example", "y.example/members"]},
    }
    lists = in_force(tmp_path, holds)
    assert said(lists, "www.x.example") == ("faith", "shield", "")
    assert said(lists, "y.example") is None
    assert said(lists, "www.y.example", "/members/7") == ("faith", "shield", "")


def test_a_path_shields_even_below_a_nearer_rule(tmp_path: Path) -> None:
    holds: Holds = {"careful": {"shops": ["www.y.example"]}, "rough": {"cult": ["y.example/members"]}}
    lists = in_force(tmp_path, holds)
    assert said(lists, "www.y.example", "/members") == ("faith", "shield", "")
    assert said(lists, "www.y.example", "/other") == ("shopping", "evidence", "www.y.example")


def test_an_exception_takes_the_lists_word_away_but_no_other_lists(tmp_path: Path) -> None:
    holds: Holds = {
        "careful": {"porn": ["x.example"], EXCEPTED: ["good.x.example"]},
        "rough": {"ads": ["x.example"]},
    }
    lists = in_force(tmp_path, holds)
    assert said(lists, "x.example") == ("adult", "evidence", "x.example")
    assert said(lists, "www.good.x.example") == ("advertising", "hint", "x.example")


def test_what_the_policy_gives_no_meaning_says_nothing(tmp_path: Path) -> None:
    lists = compiled(tmp_path / "x", policy(), {"careful": {"bets": ["x.example"]}, "rough": {"ads": ["y.example"]}})
    assert ListsInForce(lists, policy(listed("rough", HINTS))).of_host(levels("x.example")) is NOTHING
    other = policy(listed("careful", (("porn", "adult", "evidence"),), "evidence"))
    assert ListsInForce(lists, other).of_host(levels("x.example")) is NOTHING
    gone = replace(policy(), categories={k: v for k, v in policy().categories.items() if k != "gambling"})
    assert ListsInForce(lists, gone).of_host(levels("x.example")) is NOTHING


def test_a_list_of_one_kind_means_what_lists_toml_or_the_import_said(tmp_path: Path) -> None:
    made = policy(listed("plain", ()))
    lists = in_force(tmp_path, {"plain": {"=": ["a.example"], "=adult": ["b.example"]}}, made)
    assert said(lists, "a.example") == ("advertising", "hint", "a.example")
    assert said(lists, "b.example") == ("adult", "hint", "b.example")


SUFFIXES = st.sampled_from(["com", "co.uk", "github.io", "kawasaki.jp", "sch.uk", "blogspot.com", "example"])
HOSTS = st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), SUFFIXES).map(
    lambda p: ".".join((*p[0], p[1]))
)


@settings(max_examples=40)  # each writes a file
@given(st.lists(HOSTS, min_size=1, max_size=6), HOSTS)
def test_a_rule_reaches_only_its_own_registrant(
    tmp_path_factory: pytest.TempPathFactory, rules: list[str], host: str
) -> None:
    # Suffixes are put in by force: even if one slipped through, it must cover nobody.
    suffixes = ["com", "co.uk", "github.io", "kawasaki.jp", "a.kawasaki.jp", "example", "blogspot.com"]
    held = sorted({*rules, *suffixes})
    found = in_force(tmp_path_factory.mktemp("l"), {"careful": {"porn": held}}).of_host(levels(host))
    covering = [rule for rule in held if host == rule or host.endswith(f".{rule}")]
    own = [rule for rule in covering if len(rule) >= len(registrable_domain(host))]
    assert (found.listed is not None) == bool(own)
    if found.listed is not None:
        assert found.listed.rule.host == max(own, key=len)
        assert found.listed.rule.host == host or not is_public_suffix(found.listed.rule.host)


def test_the_folder_s_lists_are_read_whole_or_refused(tmp_path: Path) -> None:
    assert lists_in_force(tmp_path, policy()) is None
    compiled(in_force_file(tmp_path), policy(), {"careful": {"bets": ["x.example"]}})
    read = lists_in_force(tmp_path, policy())
    assert read is not None
    assert read.of_host(levels("x.example")) != Found(None, None, ())
    damaged = in_force_file(tmp_path).read_bytes()[:-1] + b"\xff"
    in_force_file(tmp_path).unlink()
    in_force_file(tmp_path).write_bytes(damaged)
    with pytest.raises(ConfigError, match="its rules are not those"):
        lists_in_force(tmp_path, policy())
