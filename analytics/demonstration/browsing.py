"""A small browser: sends what a real one would send for each page, through the proxy, and notes every request.

Owns one member's connections. It follows redirects itself, loads a page's parts and frames, asks what polling pages
ask, and states where each request comes from as Chromium does (Sec-Fetch-*, Referer).
Promises: certificates are verified for real. Where the gateway decrypts, only its authority is trusted; where it must
not (banking, the shield, people not told), only the stand-in web's own is, so a wrong decryption fails at once.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from analytics.categorise import Judge, registrable_domain
from analytics.demonstration.ledger import Ledger
from analytics.demonstration.sites import FORM_PATH, Dest
from analytics.event import NotInspected

USER_AGENT: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
_PAGE: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
_ACCEPT: Final = {
    Dest.DOCUMENT: _PAGE,
    Dest.FRAME: _PAGE,
    Dest.STYLE: "text/css,*/*;q=0.1",
    Dest.IMAGE: "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8",
}
_MODE: Final = {Dest.DOCUMENT: "navigate", Dest.FRAME: "navigate", Dest.FETCH: "cors"}
_MOST_REDIRECTS: Final = 10
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """The gateway, and the authorities a client of it needs."""

    port: int
    gateway_ca: Path
    web_ca: Path


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits where: a sign-in at the proxy, or a device's own address."""

    person_id: str
    told: bool
    sign_in: tuple[str, str] | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Why a request is made."""

    dest: Dest
    referer: str | None = None
    chosen: bool = False
    """By a person's own click or typing."""


class Browser:
    """One member's browser. Use it as a context manager, from one thread."""

    def __init__(self, seat: Seat, proxy: Proxy, judge: Judge, ledger: Ledger) -> None:
        self._seat, self._proxy, self._judge, self._ledger = seat, proxy, judge, ledger
        self._inspected = self._client(proxy.gateway_ca)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._inspected.close()

    def visit(self, url: str, *, came_from: str | None = None) -> str:
        """Open a page as a person would, with all it pulls in; returns the address it ended at."""
        if self._seat.told and self._judge.pass_through(urlsplit(url).hostname or "") is None:
            self._ledger.will_visit()
        return self._open(url, Ask(Dest.DOCUMENT, came_from, chosen=True))

    def send_form(self, page: str) -> str:
        """Send the form on `page`; returns the address of the page that thanks for it."""
        ask = Ask(Dest.DOCUMENT, page, chosen=True)
        answer = self._send(urljoin(page, FORM_PATH), ask, form={"message": "Hello from the demonstration"})
        target = _redirect_target(answer, urljoin(page, FORM_PATH))
        self._ledger.will_visit()
        return self._open(target, ask) if target else page

    def _open(self, url: str, ask: Ask) -> str:
        at, answer = self._follow(url, ask)
        if answer is not None and answer.headers.get("content-type", "").startswith("text/html"):
            self._load_parts(at, answer.text)
        return at

    def _follow(self, url: str, ask: Ask) -> tuple[str, httpx.Response | None]:
        for _ in range(_MOST_REDIRECTS):
            answer = self._send(url, ask)
            target = _redirect_target(answer, url)
            if target is None:
                break
            url = target
        return url, answer

    def _load_parts(self, page: str, html: str) -> None:
        reader = _PartReader()
        reader.feed(html)
        for address, dest in reader.found:
            url = urljoin(page, address)
            if dest is Dest.FRAME:
                self._open(url, Ask(dest, page))
            else:
                self._follow(url, Ask(dest, page))

    def _send(self, url: str, ask: Ask, form: dict[str, str] | None = None) -> httpx.Response | None:
        """One request, noted first; None where no answer came."""
        host = urlsplit(url).hostname or ""
        method = "GET" if form is None else "POST"
        with self._noted(url, host) as client:
            try:
                return client.request(method, url, headers=headers(url, ask, posted=form is not None), data=form)
            except httpx.TransportError:
                self._ledger.went_unanswered()
                return None

    @contextmanager
    def _noted(self, url: str, host: str) -> Iterator[httpx.Client]:
        """The client that must be used for `host`, once the ledger knows what to expect of it."""
        reason = self._judge.pass_through(host)
        if not self._seat.told:
            self._ledger.will_ignore()
        elif reason is NotInspected.SHIELD:
            self._ledger.will_shield()
        else:
            self._ledger.will_record(self._seat.person_id, host)
        if self._seat.told and (reason is None or not url.startswith("https:")):
            yield self._inspected
            return
        # One connection a request: what is not decrypted is one event a connection.
        with self._client(self._proxy.web_ca) as client:
            yield client

    def _client(self, authority: Path) -> httpx.Client:
        transport = _SeatedTransport(self._seat, self._proxy.port, ssl.create_default_context(cafile=str(authority)))
        return httpx.Client(transport=transport, timeout=_SECONDS, trust_env=False, headers={"User-Agent": USER_AGENT})


class _SeatedTransport(httpx.HTTPTransport):
    """Speaks to the proxy from the seat's own address, which httpx by itself does only without a proxy."""

    def __init__(self, seat: Seat, port: int, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore.HTTPProxy(
            f"http://127.0.0.1:{port}",
            proxy_auth=seat.sign_in,
            ssl_context=trust,
            max_keepalive_connections=50,
            network_backend=_From(seat.address),
        )


class _From(httpcore.SyncBackend):
    """Connects from `address`; from any where it is None."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return super().connect_tcp(host, port, timeout, local_address or self._address, socket_options)


class _PartReader(HTMLParser):
    """Finds what a page pulls in, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Dest]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        dest, name = _PULLING.get(tag, (None, ""))
        if tag == "link" and values.get("rel") != "stylesheet":
            return
        if dest is not None and values.get(name):
            self.found.append((values[name], dest))


_PULLING: Final = {
    "link": (Dest.STYLE, "href"),
    "script": (Dest.SCRIPT, "src"),
    "img": (Dest.IMAGE, "src"),
    "iframe": (Dest.FRAME, "src"),
    "body": (Dest.FETCH, "data-poll"),
}


def headers(url: str, ask: Ask, *, posted: bool = False) -> dict[str, str]:
    """What Chromium says of where a request comes from; over plain HTTP it says no Sec-Fetch-*."""
    said = {"Accept": _ACCEPT.get(ask.dest, "*/*"), "Accept-Language": "en-GB,en;q=0.9"}
    if ask.referer is not None:
        said["Referer"] = _shown_referer(ask.referer, url)
    if ask.dest in (Dest.DOCUMENT, Dest.FRAME):
        said["Upgrade-Insecure-Requests"] = "1"
    if posted:
        said["Origin"] = _origin(ask.referer or url)
    if url.startswith("https:"):
        said["Sec-Fetch-Dest"] = ask.dest
        said["Sec-Fetch-Mode"] = _MODE.get(ask.dest, "no-cors")
        said["Sec-Fetch-Site"] = _relation(ask.referer, url)
        if ask.chosen:
            said["Sec-Fetch-User"] = "?1"
    return said


def _relation(referer: str | None, url: str) -> str:
    if referer is None:
        return "none"
    if _origin(referer) == _origin(url):
        return "same-origin"
    there, here = (registrable_domain(urlsplit(address).hostname or "") for address in (referer, url))
    return "same-site" if there == here else "cross-site"


def _shown_referer(referer: str, url: str) -> str:
    """strict-origin-when-cross-origin: the whole page within a site, its origin alone elsewhere."""
    return referer if _origin(referer) == _origin(url) else f"{_origin(referer)}/"


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _redirect_target(answer: httpx.Response | None, url: str) -> str | None:
    if answer is None or answer.status_code not in (301, 302, 303, 307, 308):
        return None
    return urljoin(url, answer.headers["location"])
