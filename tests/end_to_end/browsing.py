"""A client for tests: curl through the gateway."""

import subprocess
from dataclasses import dataclass

from tests.proxy_addons.running_gateway import School

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
PAGE = (
    *("-A", CHROME, "-H", "Sec-Fetch-Dest: document", "-H", "Sec-Fetch-Mode: navigate"),
    *("-H", "Sec-Fetch-Site: none", "-H", "Sec-Fetch-User: ?1"),
)
"""Headers of a page that somebody typed the address of."""


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where there was none; `connect` is the proxy's own to CONNECT."""

    status: int
    connect: int
    body: str
    fault: str


def fetch(school: School, url: str, *more: str, proxy: str | None = None, ca: str | None = None) -> Answer:
    """What curl gets."""
    done = subprocess.run(
        [
            *("curl", "-sS", "-m", "20", "-x", proxy or school.proxy, "--cacert", ca or school.ca),
            *("-w", "\n%{http_code} %{http_connect}", *more, url),
        ],
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
    )
    body, _, codes = done.stdout.rpartition("\n")
    status, connect = (int(code) for code in codes.split())
    return Answer(status, connect, body, done.stderr)


def page(school: School, url: str, *more: str, proxy: str | None = None) -> Answer:
    """As `fetch`, as a browser asks for a typed address."""
    return fetch(school, url, *PAGE, *more, proxy=proxy)
