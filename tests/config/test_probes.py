"""The probes of operating systems: exact addresses, each with a reason; a mistake is explained."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.probes import probe_addresses


def test_the_shipped_list_holds_each_system() -> None:
    found = probe_addresses()
    for host, path in (
        ("www.msftconnecttest.com", "/connecttest.txt"),
        ("www.msftncsi.com", "/ncsi.txt"),
        ("captive.apple.com", "/"),
        ("connectivitycheck.gstatic.com", "/generate_204"),
        ("detectportal.firefox.com", "/success.txt"),
        ("nmcheck.gnome.org", "/check_network_status.txt"),
    ):
        assert (host, path) in found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[a]\naddresses = ["http://x.example/y"]\nwhy = "Asked for."', "line 2: a.addresses: found 'http://x.example"),
        ('[a]\naddresses = ["X.example/y"]\nwhy = "Asked for."', "in lower case"),
        ('[a]\naddresses = ["x.example/y?z"]\nwhy = "Asked for."', "found 'x.example/y\\?z'"),
        ('[a]\naddresses = ["x.example"]\nwhy = "Asked for."', "a host in lower case and a path"),
        ('[a]\naddresses = ["x.example/y"]', "a.why: found nothing"),
        ('[a]\naddresses = []\nwhy = "Asked for."', "a.addresses"),
        ('[a]\naddresses = ["x.example/y"]\nwhy = "Asked for."\nmore = 1', "no such key"),
    ],
)
def test_a_mistake_is_explained(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "probes.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=sentence):
        probe_addresses(file)
