"""The embedded backend: chDB, ClickHouse's engine inside this process.

Owns chDB's handles. One process owns a path; a second is refused by a sentence, a forked child would hang.
Promises: one handle carries one statement at a time (handles are pooled, never shared); queries run on handles
that are read-only for good, so SQL cannot reach files or the network.
"""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import BoundedSemaphore
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from chdb.state.sqlitelike import Connection

from analytics.store.event_store import Parameter, parameter_texts
from analytics.store.faults import engine_fault
from analytics.store.frames import as_frame
from analytics.store.statements import INSERT_SETTINGS, check_readonly, insert_statement
from config.errors import StoreError

_MOST_HANDLES = 8
_WRITER = ("SET implicit_select=0",)
_READER = (*_WRITER, "SET max_execution_time=60", "SET readonly=1")


class EmbeddedStore:
    """An `EventStore` over the chDB at `path`, which is made where absent."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            StoreError: another process owns it, or it cannot be opened.
        """
        self._owned = _own(path)
        self._writers = _Handles(lambda: _connect(path, _WRITER))
        self._readers = _Handles(lambda: _connect(path, _READER))
        try:
            with self._writers.one() as handle:
                handle.query("SELECT 1")
        except StoreError:
            self.close()
            raise

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pd.DataFrame:
        """See `EventStore.query`."""
        return as_frame(self.arrow(sql, params))

    def arrow(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """See `EventStore.arrow`."""
        check_readonly(sql)
        with self._readers.one() as handle:
            data = handle.query(sql, "ArrowStream", params=parameter_texts(params)).bytes()
        with pa.ipc.open_stream(data) as reader:
            return reader.read_all()

    def insert(self, table: str, rows: pa.Table, token: str) -> None:
        """See `EventStore.insert`."""
        if rows.num_rows == 0:
            return
        settings = ", ".join(f"{name}={value}" for name, value in INSERT_SETTINGS.items())
        sql = f"{insert_statement(table, rows.column_names)} SETTINGS {settings}, insert_deduplication_token="
        with self._writers.one() as handle, handle.send_insert(f"{sql}{_quoted(token)}", "ArrowStream") as sink:
            sink.append(_stream(rows))
            sink.finish()

    def command(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """See `EventStore.command`."""
        with self._writers.one() as handle:
            handle.query(sql, params=parameter_texts(params))

    def close(self) -> None:
        """Close every handle; chDB lets go of the path with the last one."""
        self._readers.close()
        self._writers.close()
        self._owned.close()


class _Handles:
    """A pool of chDB handles, made as they are needed."""

    def __init__(self, make: Callable[[], Connection]) -> None:
        self._make = make
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._places = BoundedSemaphore(_MOST_HANDLES)

    @contextmanager
    def one(self) -> Iterator[Any]:
        """A handle for one statement; chDB's faults come out as `StoreError`."""
        with self._places:
            try:
                handle = self._idle.get_nowait()
            except Empty:
                handle = self._make()
            try:
                yield handle
            except RuntimeError as fault:
                raise engine_fault(str(fault)) from None
            finally:
                self._idle.put(handle)

    def close(self) -> None:
        """Close the idle ones."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


def _own(path: Path) -> IO[bytes]:
    """A lock in `path`. chDB has one of its own, but takes long to refuse and does not say why."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (path / "owner.lock").open("ab")
    except OSError as fault:
        raise StoreError(f"The store folder {path} cannot be made or written ({fault.strerror}).") from fault
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise StoreError(
            f"The store at {path} is already open in another process, and it has only one owner. "
            "Stop that `fairgate store` first."
        ) from None
    return handle


def _connect(path: Path, settings: tuple[str, ...]) -> Connection:
    try:
        handle = Connection(str(path))
        for setting in settings:
            handle.query(setting)
    except RuntimeError as fault:
        raise engine_fault(str(fault)) from None
    return handle


def _stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
