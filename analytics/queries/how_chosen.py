"""How surely a visit was chosen, whether the site refused its page, and whether it was then left open.

Owns the bounds: the answers to "I only looked briefly" and "it was blocked". Promises: all are read from the visit
alone; none changes any count.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

SURE_PERCENT: Final = 80
"""From here on the browser itself says that somebody typed or clicked."""
LIKELY_PERCENT: Final = 60
REFUSED_FROM: Final = 400
"""HTTP statuses of errors and refusals."""
LEFT_OPEN_MS: Final = 5 * 60_000
"""A page that goes on fetching for this long beyond the time credited to it was left open."""


class HowChosen(StrEnum):
    """How sure it is that a person chose the page."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


def how_chosen(confidence: int) -> HowChosen:
    """The words' code for a confidence of 0 to 100."""
    if confidence >= SURE_PERCENT:
        return HowChosen.SURE
    return HowChosen.LIKELY if confidence >= LIKELY_PERCENT else HowChosen.UNSURE


def was_refused(visit: Mapping[Any, Any]) -> bool:
    """Whether the site, or a filter before it, answered with a refusal or an error instead of the page."""
    return int(visit["status"]) >= REFUSED_FROM


def was_left_open(visit: Mapping[Any, Any]) -> bool:
    """Whether the page (start_ms, upper_s, fetched_until_ms) went on by itself long after it was looked at."""
    credited_until = int(visit["start_ms"]) + int(visit["upper_s"]) * 1000
    return int(visit["fetched_until_ms"]) - credited_until > LEFT_OPEN_MS
