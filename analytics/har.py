"""Reading a HAR 1.2 recording, as browsers' developer tools save one.

Owns what is taken from such a file. Promises: recordings of Chrome, Edge, Firefox and Safari are read alike (names of
headers in any case, HTTP/2's own names, a byte order mark, gzip); anything that is no such recording is refused with
the file, the entry, the key, what was found and what is allowed; bodies and cookies are never looked at.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from config.errors import FairgateError

LARGEST_BYTES: Final = 512 * 2**20
"""A recording longer than this, unpacked, is refused: no page load fills it."""
_HOW: Final = "Save the recording again: developer tools, Network, “Export HAR” (or “Save all as HAR”)."
_WORDS: Final[dict[Any, str]] = {dict: "an object", list: "a list", str: "text"}

type Headers = dict[str, str]
_LATEST_MS: Final = 7_258_118_400_000
"""The start of 2200 in Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange of the recording. Headers by lower-case name, of doubled ones the last; `ts_ms` UTC milliseconds."""

    index: int
    ts_ms: int
    method: str
    url: str
    asked: Headers
    status: int
    answered: Headers
    content_type: str
    page: str
    """The recording's own name of the page it belongs to; "" where it has none."""
    unseen: bool
    """Whether the browser answered it from its own store or by a service worker: no gateway could see it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that the recording says was opened."""

    page_id: str
    ts_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording: its exchanges in the order of the file, and the pages it names."""

    entries: tuple[Entry, ...]
    pages: tuple[Page, ...]


def read_har(path: Path) -> Recording:
    """The recording in the file at `path`.

    Raises:
        FairgateError: it cannot be read, or is none; says where and why.
    """
    reader = _Reader(path)
    log = reader.part(reader.plain(), "log", dict, "log")
    entries = reader.part(log, "entries", list, "log.entries")
    pages = log.get("pages") or []
    if not isinstance(pages, list):
        raise reader.fault("log.pages", pages, "a list")
    return Recording(tuple(reader.entries(entries)), tuple(reader.pages(pages)))


class _Reader:
    """Reads one file, and says of each fault where in it it stands."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fault(self, where: str, found: object, allowed: str) -> FairgateError:
        shown = repr(found)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        return FairgateError(f"{self._path}: {where}: found {shown}; allowed: {allowed}. {_HOW}")

    def plain(self) -> Any:
        try:
            text = self._unpacked().decode("utf-8-sig")
        except (OSError, EOFError, zlib.error) as fault:
            said = getattr(fault, "strerror", None) or "it is damaged or cut short"
            raise FairgateError(f"{self._path} cannot be read: {said}. Name a HAR file.") from fault
        except UnicodeDecodeError as fault:
            raise FairgateError(f"{self._path} is not text in UTF-8 (byte {fault.start}). {_HOW}") from fault
        try:
            return json.loads(text)
        except json.JSONDecodeError as fault:
            said = f"line {fault.lineno}, column {fault.colno}: {fault.msg}"
            raise FairgateError(f"{self._path} is not a whole HAR recording ({said}). {_HOW}") from fault
        except RecursionError as fault:
            raise FairgateError(f"{self._path} is nested too deeply for a HAR recording. {_HOW}") from fault

    def _unpacked(self) -> bytes:
        with self._path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            data = (gzip.GzipFile(fileobj=file) if packed else file).read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise FairgateError(f"{self._path} is larger than {LARGEST_BYTES >> 20} MiB. Record a shorter while.")
        return data

    def part[Part](self, whole: Any, key: str, kind: type[Part], where: str) -> Part:
        """The value of `key`, which must be there and of this kind."""
        found = whole.get(key) if isinstance(whole, dict) else None
        if not isinstance(found, kind) or isinstance(found, bool):
            raise self.fault(where, found, _WORDS[kind])
        return found

    def entries(self, entries: list[Any]) -> Iterator[Entry]:
        for index, entry in enumerate(entries):
            where = f"log.entries[{index}]"
            asked = self.part(entry, "request", dict, f"{where}.request")
            answered = entry.get("response")
            answered = answered if isinstance(answered, dict) else {}
            given = self._headers(answered, f"{where}.response")
            yield Entry(
                index=index,
                ts_ms=self._moment(entry, where),
                method=self.part(asked, "method", str, f"{where}.request.method").upper(),
                url=self.part(asked, "url", str, f"{where}.request.url"),
                asked=self._headers(asked, f"{where}.request"),
                status=_status(answered),
                answered=given,
                content_type=given.get("content-type") or _mime_type(answered),
                page=str(entry.get("pageref") or ""),
                unseen=bool(entry.get("_fromCache") or entry.get("_fetchedViaServiceWorker")),
            )

    def pages(self, pages: list[Any]) -> Iterator[Page]:
        for index, page in enumerate(pages):
            where = f"log.pages[{index}]"
            page_id = self.part(page, "id", str, f"{where}.id")
            yield Page(page_id, self._moment(page, where), str(page.get("title") or ""))

    def _moment(self, part: Any, where: str) -> int:
        stated = self.part(part, "startedDateTime", str, f"{where}.startedDateTime")
        try:
            moment = datetime.fromisoformat(stated)
            ts_ms = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, OverflowError):
            ts_ms = -1
        if not 0 <= ts_ms < _LATEST_MS:
            allowed = 'a time from 1970 to 2199, such as "2026-11-24T09:05:07.123Z"'
            raise self.fault(f"{where}.startedDateTime", stated, allowed)
        return ts_ms

    def _headers(self, part: dict[str, Any], where: str) -> Headers:
        headers = part.get("headers") or []
        if not isinstance(headers, list):
            raise self.fault(f"{where}.headers", headers, "a list of names and values")
        found: Headers = {}
        for number, header in enumerate(headers):
            name = self.part(header, "name", str, f"{where}.headers[{number}].name")
            found[name.lower()] = str(header.get("value") or "")
        return found


def _status(answered: dict[str, Any]) -> int:
    """The status; 0 where there was no answer, which browsers write as 0 or as a negative number."""
    status = answered.get("status")
    return int(status) if isinstance(status, int | float) and 100 <= status <= 999 else 0


def _mime_type(answered: dict[str, Any]) -> str:
    content = answered.get("content")
    return str(content.get("mimeType") or "") if isinstance(content, dict) else ""
