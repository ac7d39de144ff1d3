"""What may be answered with the notice: a page visit or a probe; nothing that carries or fetches anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_addons.page_visit import _NEVER, PAGE_VISIT, PORTAL_PROBE, channel
from proxy_addons.seen import HeaderValues

CHROME = {
    b"user-agent": b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    b"accept": b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    b"upgrade-insecure-requests": b"1",
}
STATED = {b"sec-fetch-dest": b"document", b"sec-fetch-mode": b"navigate"}
HEADERS = st.dictionaries(
    st.sampled_from([*_NEVER, b"accept", b"user-agent", b"sec-fetch-dest", b"sec-fetch-mode", b"content-length"]),
    st.sampled_from([b"document", b"navigate", b"text/html", b"Mozilla/5.0 (X11)", b"0", b"17", b"image", b""]),
)


def of(
    headers: HeaderValues, method: bytes = b"GET", path: str = "/news", query: str = "", host: str = "a.example"
) -> str | None:
    return channel(method, host, path, query, headers)


@pytest.mark.parametrize("headers", [CHROME, CHROME | STATED, STATED, CHROME | {b"content-length": b"0"}])
@pytest.mark.parametrize("path", ["/", "/news", "/news/", "/index.html", "/a.b/page.PHP", "/default.aspx"])
def test_a_page_visit(headers: HeaderValues, path: str) -> None:
    assert of(headers, path=path, query="id=1") == PAGE_VISIT


@pytest.mark.parametrize(
    ("headers", "method", "path"),
    [
        (CHROME, b"POST", "/"),
        (CHROME, b"HEAD", "/"),
        (CHROME, b"PUT", "/"),
        (CHROME, b"GET", "/letter.pdf"),
        (CHROME, b"GET", "/setup.exe"),
        (CHROME, b"GET", "/picture.jpeg"),
        (CHROME | {b"range": b"bytes=0-"}, b"GET", "/"),
        (CHROME | {b"upgrade": b"websocket"}, b"GET", "/"),
        (CHROME | {b"x-requested-with": b"XMLHttpRequest"}, b"GET", "/"),
        (CHROME | {b"sec-purpose": b"prefetch"}, b"GET", "/"),
        (CHROME | {b"content-length": b"4"}, b"GET", "/"),
        (CHROME | {b"transfer-encoding": b"chunked"}, b"GET", "/"),
        (CHROME | {b"origin": b"http://a.example"}, b"GET", "/"),
        (CHROME | {b"sec-fetch-dest": b"iframe"}, b"GET", "/"),
        (CHROME | {b"sec-fetch-dest": b"empty"}, b"GET", "/"),
        (CHROME | {b"sec-fetch-dest": b"document", b"sec-fetch-mode": b"cors"}, b"GET", "/"),
        (CHROME | {b"accept": b"*/*"}, b"GET", "/"),
        (CHROME | {b"accept": b"application/json"}, b"GET", "/"),
        (CHROME | {b"user-agent": b"OfficeUpdate/1.0"}, b"GET", "/"),
        (CHROME | {b"user-agent": b"curl/8.5"}, b"GET", "/"),
        ({}, b"GET", "/"),
    ],
)
def test_never(headers: HeaderValues, method: bytes, path: str) -> None:
    assert of(headers, method, path) is None


def test_a_probe_is_its_exact_host_and_path_and_nothing_near_it() -> None:
    assert (
        of({b"user-agent": b"Microsoft NCSI"}, path="/connecttest.txt", host="www.msftconnecttest.com") == PORTAL_PROBE
    )
    for path, query, host in (
        ("/connecttest.txt", "a=b", "www.msftconnecttest.com"),
        ("/other.txt", "", "www.msftconnecttest.com"),
        ("/connecttest.txt", "", "msftconnecttest.com.evil.example"),
    ):
        assert of({}, path=path, query=query, host=host) is None
    assert of({}, b"POST", "/connecttest.txt", "", "www.msftconnecttest.com") is None


@given(HEADERS, st.sampled_from([b"GET", b"POST", b"get", b"PUT", b"OPTIONS", b""]), st.text(max_size=20))
def test_whatever_is_sent_only_a_bare_get_is_ever_answered(headers: HeaderValues, method: bytes, path: str) -> None:
    if of(headers, method, path) is not None:
        assert method == b"GET"
        assert _NEVER.isdisjoint(headers)
        assert headers.get(b"content-length", b"0") == b"0"
        assert headers.get(b"sec-fetch-dest", b"document") == b"document"
