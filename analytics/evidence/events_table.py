"""The events as a spreadsheet.

Promises: one row an event, every recorded field, times in UTC and in London; no cell can be taken for a formula, so
a host name chosen by somebody else runs nothing when the file is opened.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from analytics.event import FIELDS, WebEvent
from analytics.evidence.request import london

COLUMNS: Final = ("row", "time_london", "time_utc", *FIELDS)
_RISKY: Final = tuple("=+-@\t\r\n'")
"""A cell that begins so gets an apostrophe before it, which spreadsheets hide."""


def events_csv(events: Sequence[WebEvent]) -> bytes:
    """The table, UTF-8 with a header row."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for number, event in enumerate(events, 1):
        cells = [_cell(getattr(event, name)) for name in FIELDS]
        table.writerow([number, f"{london(event.ts_ms):%Y-%m-%d %H:%M:%S}", _utc(event.ts_ms), *cells])
    return out.getvalue().encode("utf-8")


def _utc(ts_ms: int) -> str:
    return f"{datetime.fromtimestamp(ts_ms // 1000, UTC):%Y-%m-%d %H:%M:%S}.{ts_ms % 1000:03d}"


def _cell(value: Any) -> str | int:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case int():
            return value
        case _:
            return f"'{value}" if str(value).startswith(_RISKY) else str(value)
