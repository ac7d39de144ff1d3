"""Fetching a list, from a real server on this machine."""

import hashlib
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from analytics.lists.fetching import Fetched, fetch
from config.errors import FairgateError
from config.policy import ListSource

NOW_S = 1_800_000_000
LIST = b"casino.example\n" * 1_000


class Publisher:
    """What the server answers, and what it was asked."""

    def __init__(self) -> None:
        self.files = {"/list.txt": LIST}
        self.headers: dict[str, str] = {"ETag": '"one"', "Last-Modified": formatdate(NOW_S - 86_400, usegmt=True)}
        self.redirects: dict[str, str] = {}
        self.cut = 0
        self.asked: list[tuple[str, str | None]] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.answer(self)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append((request.path, request.headers.get("If-None-Match")))
        body = self.files.get(request.path)
        status = 200 if body is not None else 404
        if request.path in self.redirects:
            status = 302
        elif request.headers.get("If-None-Match", "") == self.headers.get("ETag", "none"):
            status = 304
        request.send_response(status)
        for name, value in self.headers.items():
            request.send_header(name, value)
        if status == 302:
            request.send_header("Location", self.redirects[request.path])
        if status == 200 and body is not None:
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body[: len(body) - self.cut])
            request.close_connection = True
        else:
            request.send_header("Content-Length", "0")
            request.end_headers()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def source(self, **changes: Any) -> ListSource:
        plain = {"address": f"{self.address}/list.txt", "digest_address": None, "sha256": None}
        return ListSource(**{**plain, "oldest_days": 30, "largest_mb": 1, "proxy": None, **changes})


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    running = Publisher()
    yield running
    running.close()


def fetched(source: ListSource, folder: Path, etag: str = "") -> Fetched | None:
    return fetch(source, etag, folder / "fetched", NOW_S * 1_000)


def test_a_list_is_fetched_with_its_date_and_tag(publisher: Publisher, tmp_path: Path) -> None:
    assert fetched(publisher.source(), tmp_path) == Fetched((NOW_S - 86_400) * 1_000, '"one"')
    assert (tmp_path / "fetched").read_bytes() == LIST


def test_what_did_not_change_is_not_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    assert fetched(publisher.source(), tmp_path, etag='"one"') is None
    assert publisher.asked == [("/list.txt", '"one"')]
    assert fetched(publisher.source(), tmp_path, etag='"older"') is not None


def test_a_publisher_that_states_no_date_and_no_tag_is_taken_all_the_same(publisher: Publisher, tmp_path: Path) -> None:
    publisher.headers = {}
    assert fetched(publisher.source(), tmp_path) == Fetched(0, "")


def test_one_that_is_too_old_is_not_taken(publisher: Publisher, tmp_path: Path) -> None:
    publisher.headers["Last-Modified"] = formatdate(NOW_S - 40 * 86_400, usegmt=True)
    with pytest.raises(FairgateError, match=r"was last changed 40 days ago, and lists.toml takes it up to 30"):
        fetched(publisher.source(), tmp_path)


def test_one_that_ends_early_is_not_taken(publisher: Publisher, tmp_path: Path) -> None:
    publisher.cut = 100
    with pytest.raises(FairgateError, match=r"ended after|could not be fetched"):
        fetched(publisher.source(), tmp_path)


def test_one_that_is_too_large_is_not_taken(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/list.txt"] = b"x" * (2**20 + 1)
    with pytest.raises(FairgateError, match="is larger than 1 MB"):
        fetched(publisher.source(), tmp_path)


def test_a_stated_digest_must_agree(publisher: Publisher, tmp_path: Path) -> None:
    assert fetched(publisher.source(sha256=hashlib.sha256(LIST).hexdigest()), tmp_path) is not None
    with pytest.raises(FairgateError, match=r"has the SHA256 .* and should have 00"):
        fetched(publisher.source(sha256="00" * 32), tmp_path)


@pytest.mark.parametrize("kind", ["md5", "sha256"])
@pytest.mark.parametrize("form", ["{digest}\n", "{digest}  list.txt\n", "aa" * 16 + "  other\n{digest} *list.txt\n"])
def test_a_digest_published_beside_it_must_agree(publisher: Publisher, tmp_path: Path, kind: str, form: str) -> None:
    source = publisher.source(digest_address=f"{publisher.address}/SUMS")
    publisher.files["/SUMS"] = form.format(digest=hashlib.new(kind, LIST).hexdigest()).encode()
    assert fetched(source, tmp_path) is not None
    publisher.files["/SUMS"] = form.format(digest=hashlib.new(kind, b"other").hexdigest()).encode()
    with pytest.raises(FairgateError, match=f"has the {kind.upper()}"):
        fetched(source, tmp_path)


@pytest.mark.parametrize("text", ["", "no digest here", "aa" * 16 + "  other\n" + "bb" * 16 + "  third\n"])
def test_a_digest_file_that_does_not_name_the_list_is_refused(publisher: Publisher, tmp_path: Path, text: str) -> None:
    publisher.files["/SUMS"] = text.encode()
    with pytest.raises(FairgateError, match=r"holds no digest of list.txt"):
        fetched(publisher.source(digest_address=f"{publisher.address}/SUMS"), tmp_path)


def test_a_missing_list_or_digest_is_told(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(FairgateError, match="answered 404"):
        fetched(publisher.source(address=f"{publisher.address}/none"), tmp_path)
    with pytest.raises(FairgateError, match="could not be fetched"):
        fetched(publisher.source(digest_address=f"{publisher.address}/none"), tmp_path)


def test_a_redirect_within_what_is_allowed_is_followed(publisher: Publisher, tmp_path: Path) -> None:
    publisher.redirects["/moved"] = "/list.txt"
    assert fetched(publisher.source(address=f"{publisher.address}/moved"), tmp_path) is not None


@pytest.mark.parametrize("target", ["http://lists.example/list.txt", "ftp://127.0.0.1/list.txt"])
def test_a_redirect_to_anywhere_else_is_refused(publisher: Publisher, tmp_path: Path, target: str) -> None:
    publisher.redirects["/list.txt"] = target
    with pytest.raises(FairgateError, match=r"which is not HTTPS|could not be fetched|answered 302"):
        fetched(publisher.source(), tmp_path)
    assert [path for path, _ in publisher.asked] == ["/list.txt"]


def test_the_environments_proxies_are_ignored(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert fetched(publisher.source(), tmp_path) is not None


def test_a_proxy_of_lists_toml_is_used(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["http://lists.example/list.txt"] = LIST
    source = publisher.source(address="http://lists.example/list.txt", proxy=publisher.address)
    assert fetched(source, tmp_path) is not None
    assert publisher.asked == [("http://lists.example/list.txt", None)]


def test_nobody_there_is_told_without_a_traceback(tmp_path: Path) -> None:
    nobody = ListSource(
        address="http://127.0.0.1:9/x", digest_address=None, sha256=None, oldest_days=1, largest_mb=1, proxy=None
    )
    with pytest.raises(FairgateError, match="could not be fetched"):
        fetched(nobody, tmp_path)


def test_a_list_without_an_address_says_what_to_do(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(FairgateError, match=r"has no address in lists.toml"):
        fetched(publisher.source(address=None), tmp_path)
