"""The events as a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.evidence.events_table import COLUMNS, events_csv
from tests.analytics.spool.samples import web_event


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


@pytest.mark.parametrize("risky", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'x"])
def test_no_cell_can_be_taken_for_a_formula(risky: str) -> None:
    (row,) = rows(events_csv([web_event(path=risky, search_phrase=risky)]))
    assert row["path"] == row["search_phrase"] == "'" + risky


def test_times_are_in_utc_and_in_london_on_both_sides_of_the_clock_change() -> None:
    summer, winter = 1_792_888_200_123, 1_792_891_800_123
    found = rows(events_csv([web_event(ts_ms=summer), web_event(ts_ms=winter)]))
    assert [row["time_utc"] for row in found] == ["2026-10-25 00:30:00.123", "2026-10-25 01:30:00.123"]
    assert [row["time_london"] for row in found] == ["2026-10-25 01:30:00", "2026-10-25 01:30:00"]


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    (row,) = rows(events_csv([web_event(path=text)]))
    # Exactly one apostrophe is put before what begins riskily, an apostrophe included, so one is taken off again.
    assert row["path"].removeprefix("'") == text
    assert tuple(row) == COLUMNS
