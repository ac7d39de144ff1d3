"""Many events at once, from their canonical JSON to columns, at C++ speed.

Owns a short cut and its proof. Arrow's JSON reader fills the columns; then each event's canonical bytes are made again
from those columns and compared with the bytes that were spooled. Where they are equal the row is the event, exactly,
and its leaf hash can be made from the store; where not (text that needs escapes, or a record that is not what it says)
the caller goes the slow way through `analytics.records.decode`. Nothing is ever taken on trust from the short cut.
"""

import io
from dataclasses import fields
from enum import StrEnum
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from analytics.canonical import LARGEST_INTEGER
from analytics.event import VERSION, WebEvent
from analytics.store.columns import SCHEMAS

MARK: Final = b',"record":"web",'
"""Stands in every event's canonical form, and, because quotes inside text are escaped, nowhere else."""

_TYPES: Final = {field.name: field.type for field in fields(WebEvent)}
_ENUMS: Final = {
    name: pa.array(list(map(str, kind)))
    for name, kind in _TYPES.items()
    if isinstance(kind, type) and issubclass(kind, StrEnum)
}
_SCHEMA: Final = pa.schema([field for field in SCHEMAS["events"] if field.name in _TYPES])
_CONSTANTS: Final = {"record": '"web"', "v": str(VERSION)}
_BLOCK: Final = 4 * 2**20


def parsed_events(datas: list[bytes]) -> tuple[pa.Table, pa.BooleanArray] | None:
    """The events' columns and, for each row, whether it is proven exact; None where Arrow cannot read them at all."""
    options = pj.ParseOptions(explicit_schema=_SCHEMA, unexpected_field_behavior="ignore")
    blocks = pj.ReadOptions(block_size=max(_BLOCK, max(map(len, datas)) + 1))
    try:
        table = pj.read_json(io.BytesIO(b"\n".join(datas)), read_options=blocks, parse_options=options)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    if table.num_rows != len(datas):
        return None
    table = table.combine_chunks()
    same = pc.equal(_canonical(table), pa.array(datas, pa.binary()).cast(pa.string(), safe=False))
    exact = same
    for name, kind in _TYPES.items():
        if name in _ENUMS:
            exact = pc.and_(exact, pc.is_in(table[name], value_set=_ENUMS[name]))
        elif kind is int:
            exact = pc.and_(exact, pc.less_equal(pc.abs(table[name]), LARGEST_INTEGER))
    return table, pc.fill_null(exact, False).combine_chunks()


def _canonical(table: pa.Table) -> pa.Array:
    """Each row's canonical JSON, as far as no text needs an escape; null where a value is missing."""
    pieces: list[object] = []
    before = "{"
    for name in sorted((*_TYPES, *_CONSTANTS)):
        before += f'"{name}":'
        if name in _CONSTANTS:
            before += f"{_CONSTANTS[name]},"
            continue
        opening, text, closing = _piece(table[name], name)
        pieces += [before + opening, text]
        before = f"{closing},"
    return pc.binary_join_element_wise(*pieces, before[:-1] + "}", "")


def _piece(column: pa.ChunkedArray, name: str) -> tuple[str, pa.ChunkedArray, str]:
    if pa.types.is_boolean(column.type):
        return "", pc.if_else(column, "true", "false"), ""
    if pa.types.is_integer(column.type):
        return "", column.cast(pa.string()), ""
    if _TYPES[name] is str or name in _ENUMS:
        return '"', column, '"'
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    return "", pc.fill_null(quoted, "null"), ""
