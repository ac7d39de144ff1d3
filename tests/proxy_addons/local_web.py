"""A web of two loopback ports for tests: any host name over TLS on one, plain HTTP on the next, its own authority."""

import contextlib
import functools
import ipaddress
import socket
import ssl
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PAGE = b'<title>Arrived</title><img src="/logo.png"><script src="https://static.widgets.example/w.js"></script><p>Hello'
ASKS_ON = (
    b"<title>Arrived</title><p>Hello<script>(async () => { for (let i = 0; i < 4; i++) { await fetch('/more' + i);"
    b" await new Promise(later => setTimeout(later, 300)) } document.body.append('Everything came') })()</script>"
)
"""A page that goes on asking its site for things."""
PIECE = b"x" * 65_536


class Authority:
    """Signs a certificate for any name; `lasts` may be negative, for one that is out of date."""

    def __init__(self, folder: Path, name: str = "Test web authority") -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        ca = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0), timedelta(days=2))
        self.certificate = folder / "web-ca.pem"
        self.certificate.write_bytes(ca.public_bytes(Encoding.PEM))

    def leaf(self, host: str, lasts: timedelta = timedelta(days=1)) -> Path:
        """A PEM file of key and certificate for `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:60])])
        certificate = self._sign(name, key, x509.SubjectAlternativeName([_general_name(host)]), lasts)
        path = self._folder / f"{host.replace(':', '_')}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
        return path

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType, lasts: timedelta
    ) -> x509.Certificate:
        until = datetime.now(UTC) + lasts
        return (
            x509.CertificateBuilder(subject_name=name, issuer_name=self._name, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=3))
            .not_valid_after(until)
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )


class LocalWeb:
    """Serves while the context lasts. `seen` holds (host, method, path, header names) of every request."""

    def __init__(
        self,
        folder: Path,
        host: str = "127.0.0.1",
        ports: tuple[int, int] | None = None,
        answering: type["Handler"] | None = None,
    ) -> None:
        self.authority = Authority(folder)
        self.seen: list[tuple[str, str, str, frozenset[str]]] = []
        self.expired: set[str] = set()
        self.early: set[str] = set()
        self.misnamed: set[str] = set()
        self.unknown: set[str] = set()
        self._stranger = Authority(folder / "stranger", "An authority nobody trusts")
        self.release = threading.Event()
        self._contexts = functools.cache(self._context)
        self._one = threading.Lock()
        handler = functools.partial(answering or Handler, self)
        if ports is None:
            self._servers = _consecutive(host, handler)
        else:
            self._servers = [_Server((host, port), handler) for port in ports]
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.authority.leaf("localhost"))
        tls.sni_callback = self._choose  # type: ignore[assignment]
        self._servers[0].socket = tls.wrap_socket(
            self._servers[0].socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def port(self) -> int:
        """TLS; plain HTTP is on the next."""
        return int(self._servers[0].server_address[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.release.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        lasts = timedelta(days=-1 if host in self.expired else 9 if host in self.early else 1)
        signing = self._stranger if host in self.unknown else self.authority
        context.load_cert_chain(signing.leaf(f"not.{host}" if host in self.misnamed else host, lasts))
        return context

    def _choose(self, connection: ssl.SSLSocket, host: str | None, _: ssl.SSLContext) -> None:
        if host:
            with self._one:
                connection.context = self._contexts(host)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        # "::" takes IPv4 too.
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.1"

    def __init__(self, web: LocalWeb, *given: Any) -> None:
        self.web = web
        super().__init__(*given)

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        names = frozenset(name.lower() for name in self.headers)
        self.web.seen.append((self.headers.get("Host", ""), self.command, self.path, names))
        match path.split("/"):
            case [_, "large", count]:
                self._large(int(count))
            case [_, "chunked", count]:
                self._chunked(int(count))
            case [_, "cut"]:
                self.close_connection = True
            case [_, "garbage"]:
                self.wfile.write(b"\x00\x01 nothing that HTTP knows\r\n\r\n")
                self.close_connection = True
            case [_, "hang"]:
                self.web.release.wait(30)
            case [_, "moved"]:
                self.answer(302, b"", {"Location": "/arrived"})
            case [_, "to"]:
                self.answer(302, b"", {"Location": unquote(self.path.partition("?")[2])})
            case [_, "upgrade"]:
                self._upgrade()
            case _:
                self._page(path)

    def _page(self, path: str) -> None:
        match path:
            case "/page":
                self.answer(200, PAGE, {})
            case "/offers-http3":
                self.answer(200, ASKS_ON, {"Alt-Svc": 'h3=":443"; ma=3600'})
            case _:
                self.answer(404 if path == "/missing" else 200, f"<p>{path}</p>".encode(), {})

    def do_POST(self) -> None:
        left, read = int(self.headers.get("Content-Length", "0")), 0
        while read < left:
            piece = self.rfile.read(min(65_536, left - read))
            if not piece:
                return
            read += len(piece)
        names = frozenset(name.lower() for name in self.headers)
        self.web.seen.append((self.headers.get("Host", ""), self.command, self.path, names))
        self.answer(200, str(read).encode(), {})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _large(self, count: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", str(count))
        self.end_headers()
        while count > 0:
            self.wfile.write(PIECE[:count])
            count -= len(PIECE)

    def _chunked(self, count: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while count > 0:
            piece = PIECE[:count]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            count -= len(piece)
        self.wfile.write(b"0\r\n\r\n")

    def _upgrade(self) -> None:
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "websocket")
        self.end_headers()
        self.wfile.flush()
        with contextlib.suppress(OSError):
            while data := self.connection.recv(4096):
                self.connection.sendall(bytes([0x81, len(data) % 100]) + b"y" * (len(data) % 100))
        self.close_connection = True


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _consecutive(host: str, handler: Any) -> list[_Server]:
    """Servers on two ports that follow each other."""
    for _ in range(50):
        first = _Server((host, 0), handler)
        try:
            return [first, _Server((host, int(first.server_address[1]) + 1), handler)]
        except OSError:
            first.server_close()
    raise OSError("no two free ports that follow each other")


def free_port() -> int:
    """A port nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Any, seconds: float = 20.0) -> bool:
    """Whether `condition()` became true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


if __name__ == "__main__":
    # In a network namespace of its own, on the ports of the web: python -m tests.proxy_addons.local_web FOLDER HOST
    with LocalWeb(Path(sys.argv[1]), sys.argv[2], (443, 80)):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()
