"""config.resolvers: the shipped list loads; a mistake names file, line, key, what was found and what is allowed."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.resolvers import SHIPPED, load_resolvers


def test_the_shipped_list_holds_the_best_known_of_both_families_in_order() -> None:
    found = load_resolvers()
    assert {ip_network(each) for each in ("1.1.1.1", "8.8.8.8", "9.9.9.9", "2606:4700:4700::1111")} <= set(found)
    assert len(set(found)) == len(found)
    assert [each.version for each in found] == sorted(each.version for each in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[a]\ntitle = "An operator"\nwhy = "Why."\nauthor = "Us."\naddresses = ["1.1.1"]\n',
            "line 5: a.addresses.0: found '1.1.1'",
        ),
        (
            '[a]\ntitle = "An operator"\nwhy = "Why."\nauthor = "Us."\naddresses = ["10.0.0.0/8"]\n',
            "a range of at most /24",
        ),
        ('[a]\ntitle = "An operator"\nwhy = "Why."\nauthor = "Us."\naddresses = ["2001::/16"]\n', "or /32"),
        (
            '[a]\ntitle = "An operator"\nwhy = "Why."\nauthor = "Us."\naddresses = ["1.1.1.1/24"]\n',
            "found '1.1.1.1/24'",
        ),
        ('[a]\ntitle = "An operator"\nauthor = "Us."\naddresses = ["1.1.1.1"]\n', "a.why: found nothing"),
        ('[a]\ntitle = "An operator"\nwhy = "Why."\naddresses = ["1.1.1.1"]\n', "a.author: found nothing"),
        ('[a]\ntitle = "An operator"\nwhy = "Why."\nauthor = "Us."\naddresses = []\n', "a.addresses: found \\[\\]"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "resolvers.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=said):
        load_resolvers(file)


def test_a_list_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"Copy {SHIPPED}"):
        load_resolvers(tmp_path / "none.toml")


def test_a_school_may_list_none(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    file.write_text("# none\n", "utf-8")
    assert load_resolvers(file) == ()
