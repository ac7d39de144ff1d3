"""`fairgate judge`: what the policy says of an address, for the person who asks.

Owns the reading of addresses as people type them, and the two forms of the answer. Promises: every address gets one
answer in the order asked; one that cannot be read gets its own error and the rest go on; nothing here raises for
what was typed, and nothing is recorded.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TextIO
from urllib.parse import SplitResult, urlsplit

from analytics.categorise import Judge, normal_host
from analytics.event import Purpose
from analytics.lists.listed import ListsInForce
from config.policy import Policy

LONGEST_URL: Final = 65_536
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE).match
_NOT_WEB = re.compile(r"(?:about|blob|chrome|data|file|ftp|javascript|mailto|tel|view-source):", re.IGNORECASE).match
_WEB: Final = ("http", "https", "ws", "wss")


class AddressFault(ValueError):
    """The text is no web address; the message says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a web address that a verdict needs; `host` is normal, `query` without its "?"."""

    host: str
    path: str
    query: str


def judge_urls(
    urls: Iterable[str], policy: Policy, as_json: bool, out: TextIO, lists: ListsInForce | None = None
) -> int:
    """Write one line for each address ("-": each line of standard input) and return the exit status: 0, or 1 where
    one could not be read. `lists` are the imported ones in force."""
    judge = Judge(policy, lists)
    status = 0
    for url in _each(urls):
        answer = _answer(url, judge, policy)
        status |= "error" in answer
        out.write((json.dumps(answer) if as_json else _line(answer)) + "\n")
    return status


def read_address(url: str) -> Address:
    """The address in `url`, with or without its scheme.

    Raises:
        AddressFault: why it is none.
    """
    text = url.strip()
    if not text:
        raise AddressFault("it is empty")
    if len(text) > LONGEST_URL:
        raise AddressFault(f"it is longer than {LONGEST_URL} characters")
    if any(character <= " " or character == "\x7f" for character in text):
        raise AddressFault("it holds a space or control character")
    if found := _NOT_WEB(text):
        raise AddressFault(f"it begins with {found[0].lower()} instead of https: or http:")
    try:
        return _parts(text if _SCHEME(text) else f"https://{text.removeprefix('//')}")
    except ValueError as fault:
        raise AddressFault(str(fault)) from fault


def _parts(text: str) -> Address:
    # Browsers read a backslash as a slash, so "https://a.example\@b.example" leads to a.example.
    parts = urlsplit(text.replace("\\", "/"))
    if parts.scheme not in _WEB:
        raise AddressFault(f"it begins with {parts.scheme}: instead of https: or http:")
    name = parts.hostname or ""
    _check_port(parts)
    host = normal_host(f"[{name}]" if ":" in name else name)
    if host is None:
        raise AddressFault(f"{name!r} is no host name" if name else "it has no host name")
    return Address(host, parts.path or "/", parts.query)


def _check_port(parts: SplitResult) -> None:
    try:
        fits = parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise AddressFault("its port is no number from 1 to 65535")


def _each(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        if url == "-":
            # As bytes, so that a line in another encoding spoils only itself.
            lines = (line.decode("utf-8", "replace").strip() for line in sys.stdin.buffer)
            yield from filter(None, lines)
        else:
            yield url


def _answer(url: str, judge: Judge, policy: Policy) -> dict[str, Any]:
    try:
        address = read_address(url)
    except AddressFault as fault:
        return {"url": url, "error": f"This is not a web address: {fault}."}
    verdict = judge.judge(address.host, address.path, address.query)
    answer = {
        "url": url,
        "host": address.host,
        "category": verdict.category,
        "purpose": str(verdict.purpose),
        "gravity": verdict.gravity,
        "inspected": judge.pass_through(address.host) is None,
        "list": verdict.list_name,
        "rule": verdict.rule,
        "reason": verdict.sentence,
    }
    return answer | _shield_answer(address, judge) if verdict.purpose is Purpose.SHIELDED else answer


def _shield_answer(address: Address, judge: Judge) -> dict[str, Any]:
    """The area, which no record ever holds, for the person who typed the address."""
    area = judge.shield_area(address.host, address.path, address.query)
    if area is None:
        return {}
    whole = judge.shielded(address.host)
    what, handled = (
        (address.host, "never decrypted") if whole else (f"This address of {address.host}", "never recorded")
    )
    return {
        "category": area.key,
        "list": "Shield",
        "rule": f"shield: {area.title}",
        "reason": f"{what} is shielded ({area.title}): it is {handled}, and only counted without a name.",
    }


def _line(answer: dict[str, Any]) -> str:
    text = f"{answer['url']}: {answer['error']}" if "error" in answer else str(answer["reason"])
    # A terminal must not be steered, nor an encoding broken, by what somebody pasted.
    return "".join(character if character.isprintable() else "�" for character in text)
