"""Which listed sites cover a host."""

import pytest

from analytics.site_index import SiteIndex, levels, path_under
from config.site_pattern import read_pattern

PATTERNS = (
    "example.co.uk",
    "example.co.uk/sport",
    "www.example.co.uk",
    "*.gov.uk",
    "*.local",
    "localhost",
    "192.0.2.7",
)


@pytest.fixture
def index() -> SiteIndex[str]:
    return SiteIndex((read_pattern(pattern, "news", "curated"), pattern) for pattern in PATTERNS)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("example.co.uk", ["example.co.uk/sport", "example.co.uk"]),
        ("a.www.example.co.uk", ["www.example.co.uk", "example.co.uk/sport", "example.co.uk"]),
        ("badexample.co.uk", []),
        ("example.co.uk.evil.com", []),
        ("co.uk", []),
        ("kent.gov.uk", ["*.gov.uk"]),
        ("gov.uk", ["*.gov.uk"]),
        ("printer", ["*.local"]),
        ("server.oakfield.local", ["*.local"]),
        ("192.168.1.7", ["*.local"]),
        ("::1", ["*.local"]),
        ("192.0.2.7", ["192.0.2.7", "*.local"]),
        ("8.8.8.8", []),
        ("", ["*.local"]),
    ],
)
def test_the_nearest_rules_come_first_and_stop_at_the_public_suffix(
    index: SiteIndex[str], host: str, found: list[str]
) -> None:
    assert [meaning for _, meaning in index.covering(levels(host))] == found


@pytest.mark.parametrize(
    ("path", "listed", "under"),
    [
        ("/sport", "/sport", True),
        ("/sport/football", "/sport", True),
        ("/sports", "/sport", False),
        ("/", "/sport", False),
        ("/anything", "", True),
        ("", "", True),
    ],
)
def test_a_path_is_covered_step_by_step(path: str, listed: str, under: bool) -> None:
    assert path_under(path, listed) is under
