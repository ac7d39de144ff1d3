"""The address of a named upstream proxy."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.upstream_proxy import ALLOWED, proxy_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://filter.school:3128", ("filter.school", 3128)),
        ("http://Filter.School.:3128/", ("filter.school", 3128)),
        ("http://10.1.2.3:8080", ("10.1.2.3", 8080)),
        ("http://[fd77::1]:8080", ("fd77::1", 8080)),
    ],
)
def test_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert proxy_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "filter.school", "filter.school:3128", "https://filter.school:3128", "http://filter.school"),
        *("http://filter.school:0", "http://filter.school:99999", "http://:3128", "http://a:b@filter.school:3128"),
        *("http://filter.school:3128/path", "http://filter.school:3128?x", "http://fil ter:3128", "http://[::1:3128"),
    ],
)
def test_whatever_would_be_ignored_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"http://host:port") as fault:
        proxy_address(text)
    assert str(fault.value) == ALLOWED


@given(st.text())
def test_nothing_else_is_ever_raised(text: str) -> None:
    with contextlib.suppress(ValueError):
        host, port = proxy_address(f"http://{text}")
        assert host
        assert 0 < port < 65536
