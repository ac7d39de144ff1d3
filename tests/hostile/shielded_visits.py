"""People who browse shielded and ordinary sites through a real gateway with curl, each address marked with a canary."""

import base64
import contextlib
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from tests.end_to_end.browsing import CHROME, PAGE

FRAME: Final = ("-A", CHROME, "-H", "Sec-Fetch-Dest: iframe", "-H", "Sec-Fetch-Mode: navigate")
PART: Final = ("-A", CHROME, "-H", "Sec-Fetch-Dest: script", "-H", "Sec-Fetch-Mode: no-cors")


@dataclass
class Visitor:
    """One person's curl. `proxy` is the gateway's address with their sign-in."""

    name: str
    proxy: str
    ca: Path
    """The stand-in web's authority and the gateway's: whichever answers is trusted."""
    canaries: list[str] = field(default_factory=list)
    """In what is shielded."""
    ordinary: list[str] = field(default_factory=list)
    """In what is recorded: the scan must find each."""
    counted: int = 0

    def canary(self) -> str:
        self.canaries.append(f"zq{self.name}hid{len(self.canaries):03d}")
        return self.canaries[-1]

    def mark(self) -> str:
        self.ordinary.append(f"zq{self.name}seen{len(self.ordinary):03d}")
        return self.ordinary[-1]

    def fetch(self, url: str, *more: str) -> int:
        """The status that curl got; 0 where it got none."""
        told = ("-o", "/dev/null", "-w", "%{http_code}", "-m", "20", "-s", "--cacert", str(self.ca))
        done = subprocess.run(
            ["curl", "-x", self.proxy, *told, *more, url], capture_output=True, text=True, check=False
        )
        return int(done.stdout or 0)

    def hide(self, url: str, *more: str, counts: int = 1) -> int:
        """Ask for something shielded, counted as so many."""
        self.counted += counts
        return self.fetch(url, *(more or PAGE))

    def site(self) -> str:
        return f"{self.canary()}.samaritans.org"


def shielded(visitor: Visitor, expire: Callable[[str], None]) -> None:
    """Every way of asking for something shielded that curl knows."""
    hide, site, canary = visitor.hide, visitor.site, visitor.canary
    assert hide(f"https://{site()}/{canary()}?{canary()}") == 200
    assert hide(f"http://{site()}/{canary()}?{canary()}") == 200
    assert hide(f"HTTP://{site().upper()}:80/{canary()}") == 200
    assert hide(f"https://{site()}/{canary()}", "-X", "POST", "-d", f"note={canary()}") == 200
    expire(badly_certified := site())
    assert hide(f"https://{badly_certified}/{canary()}") == 0
    assert hide(f"https://www.boots.com/online-doctor/{canary()}?x={canary()}") == 200
    assert hide(f"https://www.boots.com/Online%2Ddoctor/../online-doctor/{canary()}", "--path-as-is", *PAGE) == 200
    assert hide(f"https://www.google.com/search?q=union+rep+{canary()}") == 200
    assert hide(f"https://www.bing.com/search?q={canary()}&oq=panic-attacks") == 200
    assert hide(f"https://duckduckgo.com/?q={site()}%2F{canary()}") == 200
    assert hide(f"http://www.amazon.co.uk/{canary()}", "-H", f"Host: {site()}") == 200
    assert hide(f"http://{site()}/{canary()}", "-H", "Host: www.amazon.co.uk") == 200
    upgrade = ("-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-m", "1")
    hide(f"http://{site()}/upgrade?{canary()}", *upgrade)
    assert hide(f"http://{site()}/hang?{canary()}", "-m", "1") == 0
    _raw(visitor)


def around(visitor: Visitor) -> None:
    """What leads to shielded pages, what they pull in, and what they lead to."""
    hide, site, canary, mark = visitor.hide, visitor.site, visitor.canary, visitor.mark
    page = f"https://{site()}/{canary()}"
    frame = f"{canary()}.frames.example"
    assert hide(f"https://{canary()}.cdn.example/{canary()}.js", *PART, "-e", page) == 200
    assert hide(f"https://{frame}/", *FRAME, "-e", page) == 200
    assert hide(f"https://{canary()}.video.example/v", *PART, "-e", f"https://{frame}/") == 200
    assert hide(f"https://{canary()}.api.example/", *PART, "-H", f"Origin: {page.rpartition('/')[0]}") == 200
    assert hide(f"https://{canary()}.fonts.example/", *PART) == 200, "a part that names no page"
    back = f"https://{mark()}.plain.example/"
    there = f"http://{site()}/to?{quote(back, safe='')}"
    assert hide(f"https://{canary()}.short.example/to?{quote(there, safe='')}", *PAGE, "-L", counts=2) == 200
    assert visitor.fetch(f"https://{mark()}.plain.example/", *PAGE, "-e", page) == 200
    visitor.ordinary.append("www.bet365.com")
    assert visitor.fetch(f"https://www.bet365.com/go/{page}", *PAGE) == 200


def ordinary(visitor: Visitor) -> None:
    """What must be found: the scan would else prove nothing."""
    assert visitor.fetch(f"https://{visitor.mark()}.plain.example/", *PAGE) == 200
    assert visitor.fetch(f"http://{visitor.mark()}.plain.example/", *PAGE) == 200
    assert visitor.fetch(f"https://www.google.com/search?q=volcano+{visitor.mark()}", *PAGE) == 200
    assert visitor.fetch(f"https://www.bet365.com/{visitor.mark()}", *PAGE) == 200


def unreachable(visitor: Visitor) -> None:
    """The same once no site answers any more."""
    for scheme in ("https", "http"):
        assert visitor.hide(f"{scheme}://{visitor.site()}/{visitor.canary()}") in (0, 502)
        assert visitor.fetch(f"{scheme}://{visitor.mark()}.plain.example/", *PAGE) in (0, 502)


def _raw(visitor: Visitor) -> None:
    """A tunnel of neither TLS nor HTTP."""
    host, proxy = visitor.site(), urlsplit(visitor.proxy)
    credentials = base64.b64encode(f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}".encode()).decode()
    with socket.create_connection(("127.0.0.1", proxy.port or 0), timeout=10) as raw:
        asked = f"CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\nProxy-Authorization: Basic {credentials}\r\n\r\n"
        raw.sendall(asked.encode())
        assert b"200" in raw.recv(4096)
        raw.sendall(b"\x00\x01\x02 binary")
        raw.settimeout(1)
        with contextlib.suppress(TimeoutError):
            raw.recv(4096)
    visitor.counted += 1
