"""ClickHouse types as Arrow types, for answers that arrive over the native protocol.

Promises: an answer's columns are typed as the embedded engine would type them, so pages see one kind of answer; a type
we do not use is refused by name rather than guessed.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from config.errors import StoreError

_PLAIN: Final[dict[str, pa.DataType]] = {
    "String": pa.string(),
    "Bool": pa.bool_(),
    "Date": pa.date32(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    **{f"Int{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
}
_WRAPPED: Final = re.compile(r"^(Nullable|LowCardinality|Array)\((.*)\)$")


def arrow_type(name: str) -> pa.DataType:
    """The Arrow type of the ClickHouse type `name`.

    Raises:
        StoreError: it is not one our schema or queries use.
    """
    if wrapped := _WRAPPED.match(name):
        inner = arrow_type(wrapped[2])
        return pa.list_(inner) if wrapped[1] == "Array" else inner
    try:
        return _PLAIN[name]
    except KeyError:
        raise StoreError(f"The store answered with a column of type {name}, which Fairgate does not use.") from None


def from_columns(columns: Sequence[Sequence[Any]], named: Sequence[tuple[str, str]]) -> pa.Table:
    """A table of the driver's columns; an empty answer still has its names and types."""
    values = columns or [()] * len(named)
    arrays = [pa.array(part, arrow_type(kind)) for part, (_, kind) in zip(values, named, strict=True)]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in named])
