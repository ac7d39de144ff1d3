"""Stretches of recording from heartbeats, and the silences between them. Pure.

Owns the rule: heartbeats of one gateway belong together when one begins within `SLACK_MS` of the end of what came
before; any longer time between two is a silence, however short the stop. Only of the time since the last one nothing is
said before `SILENCE_MS`, because the next may still be due.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

SLACK_MS: Final = 5_000
SILENCE_MS: Final = 3 * 60_000


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one gateway's time, UTC ms."""

    gateway: str
    from_ms: int
    to_ms: int


def stretches_of(beats: Iterable[tuple[str, int, int]], begin: int, end: int) -> list[Span]:
    """The stretches within [begin, end) of `beats` (gateway, since_ms, ts_ms)."""
    found: list[Span] = []
    for gateway, since, until in sorted(beats):
        span = Span(gateway, max(since, begin), min(until, end))
        if found and found[-1].gateway == gateway and span.from_ms <= found[-1].to_ms + SLACK_MS:
            span = Span(gateway, found[-1].from_ms, max(found[-1].to_ms, span.to_ms))
            found.pop()
        found.append(span)
    return found


def silences(stretches: list[Span], heard_before: set[str], begin: int, now: int) -> list[Span]:
    """Where nothing was heard between `begin` and `now`, of gateways heard within the range or before it."""
    by_gateway = {name: list(spans) for name, spans in groupby(stretches, key=lambda span: span.gateway)}
    quiet: list[Span] = []
    for gateway in sorted(heard_before | set(by_gateway)):
        spans = by_gateway.get(gateway, [])
        reached = begin if gateway in heard_before or not spans else spans[0].from_ms
        for span in spans:
            if span.from_ms - reached > SLACK_MS:
                quiet.append(Span(gateway, reached, span.from_ms))
            reached = max(reached, span.to_ms)
        if now - reached >= SILENCE_MS:
            quiet.append(Span(gateway, reached, now))
    return quiet
