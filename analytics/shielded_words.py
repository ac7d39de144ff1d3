"""Whether words that were going to be kept give away something shielded.

Owns the reading of a search and of a path for shielded phrases and for shielded addresses written inside them, such as
"samaritans.org" typed into a search engine. Promises: pure and total; a search is read in every value of its query,
since what was typed first may stand beside what was searched for; of an over-long text only the start is read, which is
many times what may be kept.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import parse_qsl, unquote

from analytics.categorise import Judge
from analytics.event import Purpose

_LONGEST: Final = 4096
_MOST_ADDRESSES: Final = 64
_ENCODED_TIMES: Final = 3
"""How often an address is decoded, at most: wrappers put one inside another."""
_words = re.compile(r"[^\s?#\"'<>|,;&=()]+").findall
_between_words = re.compile(r"(?:[^\w'’]|_)+").sub
_ends_of_host = re.compile(r"[:@]").split


def in_search(judge: Judge, query: str) -> bool:
    """Whether a search engine's query holds a shielded phrase, or names a shielded address."""
    try:
        text = " | ".join(value for _, value in parse_qsl(query[:_LONGEST]))
    except ValueError:
        return True
    return bool(text) and (_says(judge, text) or _names(judge, text))


def in_path(judge: Judge, path: str) -> bool:
    """Whether a path holds a shielded phrase, or carries a shielded address."""
    text = path[:_LONGEST]
    return _says(judge, _decoded(text)) or _names(judge, text)


def _says(judge: Judge, text: str) -> bool:
    return judge.shielded_words(text) or judge.shielded_words(_between_words(" ", text))


def _names(judge: Judge, text: str) -> bool:
    found = islice(_addresses(_decoded(text)), _MOST_ADDRESSES)
    return any(judge.judge(host, path).purpose is Purpose.SHIELDED for host, path in found)


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    """Whatever may be a host in the text, with the path after it, as a browser would read it."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace("\\", "/")
    for word in _words(plain):
        steps = word.split("/")
        for number, step in enumerate(steps):
            if "." in step:
                path = "/" + "/".join(steps[number + 1 :])
                yield from ((name.strip("."), path) for name in _ends_of_host(step) if "." in name)


def _decoded(text: str) -> str:
    for _ in range(_ENCODED_TIMES):
        if "%" not in text:
            break
        text = unquote(text)
    return text
