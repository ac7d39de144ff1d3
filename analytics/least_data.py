"""The least that is kept of a path or a search, and the phrases that shield one.

Owns what may leave a URL: a path only where the category's stated purpose needs it, a phrase only from the named
values of a search engine's query. Promises: no other part of a query, and nothing over-long, is ever kept; nothing
here raises.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, Protocol
from urllib.parse import parse_qsl

LONGEST_PATH: Final = 200
LONGEST_PHRASE: Final = 200
_LONGEST_QUERY: Final = 16_384


class Keeping(Protocol):
    """The part of a verdict that says what may be kept."""

    @property
    def rule(self) -> str: ...
    @property
    def keep(self) -> str: ...
    @property
    def phrase_keys(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...


_OF_ANOTHER_ADDRESS: Final = ("page_context", "page_shown")
"""Reasons with which the rule names a part of another address than the one asked for."""


def kept_path(verdict: Keeping, path: str) -> str:
    """What is kept of `path`: all of it, or no more than the part the rule itself names ("/sport"), or ""."""
    if verdict.keep == "path":
        return _storable(path.partition("?")[0].partition("#")[0])[:LONGEST_PATH]
    if verdict.reason in _OF_ANOTHER_ADDRESS:
        return ""
    _, slash, rest = verdict.rule.partition("/")
    return slash + rest


def search_phrase(verdict: Keeping, query: str) -> str:
    """What was searched for, in one line; "" except for a search engine. Ask it only of navigations."""
    if verdict.keep != "phrase":
        return ""
    return searched_for(verdict.phrase_keys, query)[:LONGEST_PHRASE]


def searched_for(keys: tuple[str, ...], query: str) -> str:
    """The values of `keys` in the query, in one line; "" where there are none."""
    folded = query.lower()
    # Reading a query costs more than the rest of a verdict; most hold none of the keys, which browsers never encode.
    if not any(f"{key}=" in folded for key in keys):
        return ""
    try:
        pairs = parse_qsl(query[:_LONGEST_QUERY])
    except ValueError:
        return ""
    return _storable(" ".join(" ".join(value for key, value in pairs if key.lower() in keys).split()))


def phrase_pattern(phrases: Iterable[str], innocent: Iterable[str] = ()) -> Callable[[str], bool]:
    """Whether a text holds one of the phrases as whole words, whatever its case and spacing, outside an innocent one:
    "cancer" is in "tropic of cancer symptoms" only for the symptoms."""
    listed, passed_over = _whole_words(phrases), _whole_words(innocent)

    def shields(text: str) -> bool:
        folded = _folded(text)
        return bool(listed.search(folded)) and bool(listed.search(passed_over.sub(" | ", folded)))

    return shields


def _whole_words(phrases: Iterable[str]) -> re.Pattern[str]:
    listed = sorted({_folded(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)" if listed else r"(?!)")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(plain.split())


def _storable(text: str) -> str:
    """The text without half characters, which no record can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
