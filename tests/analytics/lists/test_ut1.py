"""Lists in UT1's form, made here and real."""

from pathlib import Path

import pytest

from analytics.lists.content import read_content
from analytics.lists.faults import Faults
from analytics.lists.ut1 import Ut1
from config.errors import ConfigError
from config.host_name import is_public_suffix, normal_host
from tests.analytics.lists.small_lists import SHARED, shipped
from tests.analytics.lists.test_archive import tar

FILES = {
    "blacklists/games/domains": b"a.example\nB.example\n",
    "blacklists/games/urls": b"c.example/play\n",
    "blacklists/games/expressions": b"(game|play)\n# not one\n(poker)\n",
    "blacklists/games/usage": b"black\ngames\njeux\n",
    "blacklists/global_usage": b"NAME: games\n",
    "blacklists/ads/domains": b"",
    "blacklists/LICENSE.pdf": b"%PDF",
}


def test_a_category_is_its_domains_and_urls(tmp_path: Path) -> None:
    faults = Faults()
    archive = Ut1(tar(tmp_path / "x", FILES, {"blacklists/play": "games"}), faults)
    assert list(archive.rules()) == [("games", "a.example"), ("games", "b.example"), ("games", "c.example/play")]
    assert archive.categories == {"games", "ads"}
    assert archive.aliases == {"jeux": "games", "play": "games"}
    assert faults.left_out == {"regular expressions": 2}


@pytest.mark.parametrize("target", ["../../etc", "/etc", "..", "games/domains"])
def test_a_link_to_anywhere_else_is_only_counted(tmp_path: Path, target: str) -> None:
    faults = Faults()
    archive = Ut1(tar(tmp_path / "x", FILES, {"blacklists/play": target}), faults)
    list(archive.rules())
    assert "play" not in archive.aliases
    assert faults.left_out["links to somewhere else"] == 1


def test_a_bad_line_is_named_with_its_category_and_file(tmp_path: Path) -> None:
    faults = Faults()
    list(Ut1(tar(tmp_path / "x", {"b/games/domains": b"a.example\nco.uk\n"}), faults).rules())
    assert str(faults.first[0]).startswith("games/domains, line 2: 'co.uk': anybody may register")


def test_an_archive_without_a_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no category"):
        list(Ut1(tar(tmp_path / "x", {"README": b"hello"}), Faults()).rules())


@pytest.mark.skipif(not SHARED.is_file(), reason="the real UT1 archive is not on this machine")
def test_the_real_archive_is_read_with_every_line_accounted_for() -> None:
    listed = next(one for one in shipped().imported if one.key == "ut1")
    faults = Faults()
    content = read_content(SHARED, listed, "ut1", "", faults)
    assert sum(map(len, content.values())) > 200_000
    assert len(content["jobsearch"]) > 60_000
    assert len(content["adult"]) > 1_000
    assert "malware" not in content
    assert faults.left_out["names in categories that lists.toml gives no meaning (malware)"] > 15_000
    # The few lines that are not taken are suffixes, queries and the like, and each is explained.
    assert 0 < faults.bad.total() < 2_000
    assert all(fault.why and fault.file and fault.line for fault in faults.first)
    hosts = {name.partition("/")[0] for held in content.values() for name in held}
    assert [host for host in hosts if is_public_suffix(host) or normal_host(host) != host] == []
