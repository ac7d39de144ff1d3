"""`EventStore`: the few things a reader or the loader asks of the store.

Owns the Protocol both backends keep, and how a Python value becomes the text of a bound parameter.
Importing it loads no engine, pandas or pyarrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

type Parameter = str | int | float | Sequence[str] | Sequence[int]
"""What may be bound to a `{name:Type}` in SQL; a sequence for `{name:Array(...)}`."""

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})


class EventStore(Protocol):
    """One school's, or many schools', stored records. Safe to use from several threads."""

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pd.DataFrame:
        """The answer to one SELECT, read-only. Text is `str` (absent: NaN), Date is datetime64, integers keep
        their width; an empty answer still has its columns.

        Raises:
            StoreError: the store is down, or refused the query.
        """
        ...

    def arrow(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """The same answer as Arrow, where exactness matters: absent stays null and nothing is widened.

        Raises:
            StoreError: the store is down, or refused the query.
        """
        ...

    def insert(self, table: str, rows: pa.Table, token: str) -> None:
        """Append `rows` (columns by name; others take their default). The same `token` twice appends once.

        Raises:
            StoreError: nothing can be said of what was written; send the same rows with the same token again.
        """
        ...

    def command(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """Run one statement that gives no answer.

        Raises:
            StoreError: the store is down, or refused it.
        """
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


def parameter_texts(params: Mapping[str, Parameter] | None) -> dict[str, str]:
    """Each value as the engine reads it: text in TSV escapes, a sequence as an array literal."""
    return {name: _text(value) for name, value in (params or {}).items()}


def _text(value: Parameter) -> str:
    match value:
        case str():
            return value.translate(_ESCAPES)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case _:
            return "[" + ",".join(_literal(item) for item in value) + "]"


def _literal(value: str | int) -> str:
    return "'" + value.translate(_ESCAPES).replace("'", "\\'") + "'" if isinstance(value, str) else repr(value)
