"""The shield's promise over any sequence of browsing: nothing of it is left but a count for each hour.

Told in two ways that do not depend on each other. No canary of anything shielded is in a record's bytes, a log line or
a count. And what is recorded is, to the field, what would have been recorded had nothing shielded happened at all: so
no number, reason, time or missing link tells of it either.
"""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from analytics.event import WebEvent
from analytics.records import Condition, Heartbeat, Record, ShieldCount
from proxy_addons import heartbeat, passed_through, shield
from tests.proxy_addons.shielded_browsing import (
    HIDDEN_ADDRESS,
    HIDDEN_DEVICE,
    HIDDEN_PERSON,
    Browsing,
)
from tests.proxy_addons.shielded_shapes import SHAPES, acts_of

pytestmark = pytest.mark.slow

CANARY = re.compile(rb"zq[0-9]{4}x", re.IGNORECASE)
HOUR = 3_600_000
_NUMBERS = st.tuples(
    st.integers(0, len(SHAPES) - 1), st.integers(0, 3), st.integers(0, HOUR // 3), st.integers(0, 1_000_000)
)
EACH_SHAPE = [(shape, who, 15_000, 7919 * (who + 1) + shape) for who in range(4) for shape in range(len(SHAPES))]


def played(numbers: list[tuple[int, int, int, int]], *, bare: bool) -> tuple[Browsing, list[Any]]:
    """The browsing played, and what was logged meanwhile."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        browsing = Browsing(Path(folder), bare=bare)
        for module in (heartbeat, passed_through, shield):
            patch.setattr(module, "now_ms", lambda: browsing.now)
        browsing.heart._since = browsing.now
        browsing.play(list(acts_of(numbers)))
    return browsing, logs


def told(record: Record) -> Record:
    """What a record says, without the numbers that are drawn or measured afresh, and the paths that hide something."""
    return replace(record, event_id="", duration_ms=0, path="") if isinstance(record, WebEvent) else record


@settings(max_examples=150)
@given(st.lists(_NUMBERS, max_size=24))
@example(EACH_SHAPE)
def test_nothing_shielded_leaves_a_word(numbers: list[tuple[int, int, int, int]]) -> None:
    browsing, logs = played(numbers, bare=False)
    left = browsing.spooled() + repr((logs, browsing.pipeline.tally)).encode()
    assert CANARY.search(left) is None, left[max(0, CANARY.search(left).start() - 600) :][:900]  # type: ignore[union-attr]
    for hidden in (HIDDEN_PERSON, HIDDEN_DEVICE, HIDDEN_ADDRESS):
        assert hidden.encode() not in left
    assert browsing.pipeline.tally.hook_errors == 0


@settings(max_examples=150)
@given(st.lists(_NUMBERS, max_size=24))
@example(EACH_SHAPE)
def test_exactly_a_count_for_each_hour_is_kept(numbers: list[tuple[int, int, int, int]]) -> None:
    browsing, _ = played(numbers, bare=False)
    counted: Counter[int] = Counter()
    for record in browsing.records:
        if isinstance(record, ShieldCount):
            counted[record.hour_ms] += record.count
    assert counted == browsing.hours
    assert {type(record) for record in browsing.records} <= {WebEvent, ShieldCount, Heartbeat, Condition}


@settings(max_examples=150)
@given(st.lists(_NUMBERS, max_size=24))
@example(EACH_SHAPE)
def test_all_else_is_recorded_as_if_nothing_shielded_had_happened(numbers: list[tuple[int, int, int, int]]) -> None:
    browsing, _ = played(numbers, bare=False)
    bare, _ = played(numbers, bare=True)
    recorded = [told(record) for record in browsing.records if not isinstance(record, ShieldCount)]
    assert recorded == [told(record) for record in bare.records]


@settings(max_examples=150)
@given(st.lists(_NUMBERS, max_size=24))
@example(EACH_SHAPE)
def test_what_is_ordinary_is_all_recorded(numbers: list[tuple[int, int, int, int]]) -> None:
    browsing, _ = played(numbers, bare=False)
    hosts = Counter(event.host.removeprefix("cdn.") for event in browsing.pipeline.events)
    assert hosts == Counter(browsing.expected)
