"""Fetching a list from where the school's policy says it is published.

Owns the only way out that Fairgate has for lists, used by `fairgate lists update` alone. Promises: HTTPS with a checked
certificate, or this very machine; a redirect leads nowhere else; no proxy unless lists.toml names one; what is too
large, ends early, differs from its stated digest or is older than allowed is not taken; what did not change is not
fetched again.
"""

import hashlib
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final
from urllib.parse import urlsplit

from config.errors import FairgateError
from config.imported_lists import may_be_fetched
from config.policy import ListSource

WAIT_SECONDS: Final = 30
LONGEST_SECONDS: Final = 900
_DAY_MS: Final = 86_400_000
_DIGEST_FILE_BYTES: Final = 2**20
_AT_A_TIME: Final = 2**18
_DIGEST = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lies at the address: when it was published (0: not said), and its ETag ("" for none)."""

    published_ms: int
    etag: str


class _NoDetours(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not may_be_fetched(newurl) or (newurl.startswith("http:") and not req.full_url.startswith("http:")):
            raise FairgateError(
                f"{req.full_url} sends to {newurl[:200]}, which is not HTTPS. Nothing was taken; "
                "ask the publisher for the right address."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(source: ListSource, etag: str, to: Path, now_ms: int) -> Fetched | None:
    """Fetch the list of `source` to the file `to`; None where it still has the ETag `etag` ("": not known).

    Raises:
        FairgateError: it was not taken; says why and what to do. The file may then hold part of it.
    """
    address = source.address
    if address is None:
        raise FairgateError("This list has no address in lists.toml. Add one, or import a file: fairgate lists import.")
    request = urllib.request.Request(address, headers={"If-None-Match": etag} if etag else {})  # noqa: S310 - may_be_fetched
    try:
        with _opener(source).open(request, timeout=WAIT_SECONDS) as answer, to.open("wb") as out:
            published_ms = _published_ms(answer.headers)
            _check_age(address, published_ms, source, now_ms)
            _copy(address, answer, out, source.largest_mb * 2**20)
            fetched = Fetched(published_ms, answer.headers.get("ETag", ""))
    except urllib.error.HTTPError as fault:
        fault.close()
        if fault.code == 304 and etag:
            return None
        raise FairgateError(f"{address} answered {fault.code} {fault.reason}. Nothing was taken.") from fault
    except (OSError, HTTPException, ValueError) as fault:
        raise _not_reached(address, fault) from fault
    _check_digest(source, to)
    return fetched


def _opener(source: ListSource) -> urllib.request.OpenerDirector:
    proxies = {"http": source.proxy, "https": source.proxy} if source.proxy else {}
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies), _NoDetours())


def _copy(address: str, answer: Any, out: IO[bytes], largest: int) -> None:
    stated = answer.headers.get("Content-Length", "")
    began, total = time.monotonic(), 0
    while data := answer.read(_AT_A_TIME):
        total += len(data)
        if total > largest:
            raise FairgateError(
                f"{address} is larger than {largest // 2**20} MB. Nothing was taken; raise largest_mb in lists.toml if "
                "that is right."
            )
        if time.monotonic() - began > LONGEST_SECONDS:
            raise FairgateError(f"{address} took longer than {LONGEST_SECONDS} seconds. Nothing was taken; try again.")
        out.write(data)
    if stated.isdigit() and total != int(stated):
        raise FairgateError(f"{address} ended after {total} of {stated} bytes. Nothing was taken; try again.")


def _published_ms(headers: HTTPMessage) -> int:
    try:
        return int(parsedate_to_datetime(headers.get("Last-Modified", "")).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def _check_age(address: str, published_ms: int, source: ListSource, now_ms: int) -> None:
    days = (now_ms - published_ms) // _DAY_MS
    if published_ms and days > source.oldest_days:
        raise FairgateError(
            f"{address} was last changed {days} days ago, and lists.toml takes it up to {source.oldest_days}. "
            "Nothing was taken: sites change hands. Ask its publisher, or change oldest_days."
        )


def _check_digest(source: ListSource, path: Path) -> None:
    wanted = source.sha256 or _published_digest(source)
    if not wanted:
        return
    with path.open("rb") as file:
        kind = "sha256" if len(wanted) == 64 else "md5"
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != wanted.lower():
        raise FairgateError(
            f"{source.address} has the {kind.upper()} {found}, and should have {wanted.lower()}. Nothing was taken: "
            "it was changed on its way, or its digest was not. Try again later."
        )


def _published_digest(source: ListSource) -> str:
    """The digest in the file that the publisher keeps beside the list; "" where none is configured."""
    address = source.digest_address
    if address is None:
        return ""
    try:
        with _opener(source).open(address, timeout=WAIT_SECONDS) as answer:
            text = answer.read(_DIGEST_FILE_BYTES).decode("utf-8", "replace")
    except (OSError, HTTPException, ValueError) as fault:
        raise _not_reached(address, fault) from fault
    name = PurePosixPath(urlsplit(source.address or "").path).name
    lines = [line for line in text.splitlines() if _DIGEST.search(line)]
    named = [line for line in lines if name in re.split(r"[\s*()=]+", line)] or (lines if len(lines) == 1 else [])
    found = _DIGEST.search(named[0]) if named else None
    if found is None:
        raise FairgateError(
            f"{address} holds no digest of {name}. Nothing was taken; mend digest_address in lists.toml."
        )
    return found[0]


def _not_reached(address: str, fault: Exception) -> FairgateError:
    reason = getattr(fault, "reason", None) or getattr(fault, "strerror", None) or fault
    return FairgateError(f"{address} could not be fetched ({reason}). Nothing was taken; try again later.")
