"""The stand-in web server, asked by a real client that verifies its certificates."""

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from analytics.demonstration.page import NOTICE
from analytics.demonstration.web_server import DOWNLOAD_BYTES, StandInWeb


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInWeb]:
    server = StandInWeb(tmp_path_factory.mktemp("web"))
    server.start()
    yield server
    server.stop()


def ask(web: StandInWeb, url: str, method: str = "GET") -> httpx.Response:
    """Ask the stand-in for `url` as if its host's name led there."""
    address = httpx.URL(url)
    port = web.port if address.scheme == "https" else web.port + 1
    request = httpx.Request(
        method,
        address.copy_with(host="127.0.0.1", port=port),
        headers={"Host": address.host},
        extensions={"sni_hostname": address.host},
    )
    trust = ssl.create_default_context(cafile=str(web.certificate_path))
    with httpx.Client(verify=trust, trust_env=False) as client:
        return client.send(request)


def test_each_host_proves_itself_by_its_own_certificate(web: StandInWeb) -> None:
    for host in ("www.bbc.co.uk", "www.twinkl.co.uk", "never-heard-of.example"):
        assert ask(web, f"https://{host}/").status_code == 200


def test_a_client_that_trusts_only_public_authorities_refuses_it(web: StandInWeb) -> None:
    with (
        socket.create_connection(("127.0.0.1", web.port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="www.bbc.co.uk")


def test_every_page_says_that_it_is_a_stand_in(web: StandInWeb) -> None:
    for path in ("/", "/news", "/no-such-page", "/search?q=phonics"):
        assert NOTICE in ask(web, f"https://www.bbc.co.uk{path}").text


def test_plain_http_redirects_to_https(web: StandInWeb) -> None:
    answer = ask(web, "http://www.bbc.co.uk/news?a=b")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://www.bbc.co.uk/news?a=b")


def test_a_plain_site_answers_over_plain_http(web: StandInWeb) -> None:
    assert NOTICE in ask(web, "http://village-hall.example/bookings").text


def test_bare_domains_and_short_links_lead_elsewhere(web: StandInWeb) -> None:
    assert ask(web, "https://amazon.co.uk/deals").headers["location"] == "https://www.amazon.co.uk/deals"
    assert ask(web, "https://bit.ly/half-price").headers["location"] == "https://www.amazon.co.uk/deals"


def test_the_download_is_streamed_whole(web: StandInWeb) -> None:
    answer = ask(web, "https://www.tes.com/downloads/resource-pack.zip")
    assert len(answer.content) == DOWNLOAD_BYTES
    assert answer.headers["transfer-encoding"] == "chunked"


def test_a_form_is_thanked_for_and_a_missing_page_is_missing(web: StandInWeb) -> None:
    assert ask(web, "https://www.bbc.co.uk/enquiry", "POST").status_code == 303
    assert ask(web, "https://www.bbc.co.uk/no-such-page").status_code == 404


def test_parts_have_their_own_types(web: StandInWeb) -> None:
    kinds = {
        "assets/site.css": "text/css",
        "assets/site.js": "text/javascript",
        "assets/logo.svg": "image/svg+xml",
        "live/updates.json": "application/json",
    }
    for path, kind in kinds.items():
        assert ask(web, f"https://www.bbc.co.uk/{path}").headers["content-type"].startswith(kind)


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: [\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused_and_the_server_stays(web: StandInWeb, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web.port + 1), timeout=10) as plain:
        plain.sendall(sent)
        assert plain.recv(100).startswith(b"HTTP/1.1 400")
    assert ask(web, "https://www.bbc.co.uk/").status_code == 200


def test_what_a_page_echoes_is_escaped(web: StandInWeb) -> None:
    text = ask(web, "https://www.google.com/search?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in text


def test_the_authority_is_kept_for_the_next_start(web: StandInWeb) -> None:
    again = StandInWeb(web.certificate_path.parent)
    assert again.certificate_path.read_bytes() == web.certificate_path.read_bytes()
    again.start()
    try:
        assert ask(again, "https://www.bbc.co.uk/").status_code == 200
    finally:
        again.stop()
