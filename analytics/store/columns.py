"""Records as rows: how each record type stands in its table.

Owns the Arrow schemas of the tables that mirror records, derived from the record types themselves, and the way back.
Promises: `event_of(row)` gives the very event that was stored, so its canonical form and leaf hash can be made again
from columns alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

import pyarrow as pa

from analytics import event
from analytics.event import FIELDS, WebEvent
from analytics.evidence.seal import Seal
from analytics.records import (
    Acknowledgement,
    Attempts,
    BindingChange,
    Condition,
    Gap,
    Heartbeat,
    PinChange,
    ShieldCount,
)
from config.errors import RecordError

_ARROW: Final[dict[Any, pa.DataType]] = {int: pa.int64(), bool: pa.bool_()}


def _columns(record: type) -> list[pa.Field]:
    return [pa.field(field.name, _ARROW.get(field.type, pa.string())) for field in fields(record)]


_RECEIVED: Final = pa.field("received_ms", pa.int64())
SCHEMAS: Final[dict[str, pa.Schema]] = {
    "events": pa.schema([*_columns(WebEvent), _RECEIVED]),
    "gaps": pa.schema([*_columns(Gap), pa.field("source_offset", pa.int64()), _RECEIVED]),
    "shield_counts": pa.schema([*_columns(ShieldCount), _RECEIVED]),
    "heartbeats": pa.schema([*_columns(Heartbeat), _RECEIVED]),
    "bindings": pa.schema([*_columns(BindingChange), _RECEIVED]),
    "acknowledgements": pa.schema([*_columns(Acknowledgement), _RECEIVED]),
    "pins": pa.schema([*_columns(PinChange), _RECEIVED]),
    "attempts": pa.schema([*_columns(Attempts), _RECEIVED]),
    "conditions": pa.schema([*_columns(Condition), _RECEIVED]),
    "seals": pa.schema([*_columns(Seal), pa.field("leaves", pa.list_(pa.string())), _RECEIVED]),
}

EVENT_SELECT: Final = ", ".join(FIELDS)
"""The columns an event is made of, for SELECT."""


def table_of(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """`rows` as they are inserted into the table `name`."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])


def event_of(row: Mapping[str, Any]) -> WebEvent:
    """The event stored in `row` (at least the columns of `EVENT_SELECT`; None where absent).

    Raises:
        RecordError: the row is not what an event was stored as.
    """
    try:
        return event.from_dict({name: row[name] for name in FIELDS})
    except KeyError as absent:
        raise RecordError(f"The row lacks the column {absent}.") from absent
