"""The server backend: ClickHouse over its native protocol, by clickhouse-driver.

Promises: one connection carries one statement at a time (a driver's Client is not thread-safe, so they are pooled); a
broken one is thrown away; queries are read-only on the server too; an insert is acknowledged only when it is written
(no server-side buffering) and its token makes a retry harmless. Durability (fsync) is set on the tables, in the
migrations, so it holds whoever writes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from queue import Empty, LifoQueue
from threading import BoundedSemaphore
from typing import Any

import pandas as pd
import pyarrow as pa
from clickhouse_driver import Client
from clickhouse_driver import errors as driver_errors

from analytics.store.arrow_types import from_columns
from analytics.store.event_store import Parameter
from analytics.store.faults import engine_fault, store_is_down
from analytics.store.frames import as_frame
from analytics.store.statements import INSERT_SETTINGS, check_readonly, insert_statement
from config.errors import StoreError
from config.settings import StoreSettings

_MOST_CONNECTIONS = 16
_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 120


class ServerStore:
    """An `EventStore` in the database that `settings` names. Connects when first asked."""

    def __init__(self, settings: StoreSettings) -> None:
        """Read the password.

        Raises:
            StoreError: its file cannot be read.
        """
        self._where = f"{settings.host}:{settings.port}"
        self._database = settings.database
        self._client: Callable[[str], Client] = partial(_client, settings, _password(settings))
        self._idle: LifoQueue[Client] = LifoQueue()
        self._places = BoundedSemaphore(_MOST_CONNECTIONS)

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pd.DataFrame:
        """See `EventStore.query`."""
        return as_frame(self.arrow(sql, params))

    def arrow(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """See `EventStore.arrow`."""
        check_readonly(sql)
        with self._one() as client:
            columns, named = client.execute(
                sql, _values(params), with_column_types=True, columnar=True, settings={"readonly": 1}
            )
        return from_columns(columns, named)

    def insert(self, table: str, rows: pa.Table, token: str) -> None:
        """See `EventStore.insert`."""
        if rows.num_rows == 0:
            return
        sql = f"{insert_statement(table, rows.column_names)} VALUES"
        columns = [column.to_pylist() for column in rows.columns]
        settings = {**INSERT_SETTINGS, "insert_deduplication_token": token}
        with self._one() as client:
            client.execute(sql, columns, columnar=True, settings=settings)

    def command(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """See `EventStore.command`."""
        with self._one() as client:
            client.execute(sql, _values(params))

    def create_database(self) -> None:
        """Make the database where it does not exist yet.

        Raises:
            StoreError: the server does not answer, or this user may not.
        """
        client = self._client("default")
        try:
            client.execute(f"CREATE DATABASE IF NOT EXISTS {self._database}")
        except Exception as fault:
            raise self._explained(fault) from None
        finally:
            client.disconnect()

    def close(self) -> None:
        """See `EventStore.close`."""
        while not self._idle.empty():
            self._idle.get_nowait().disconnect()

    @contextmanager
    def _one(self) -> Iterator[Any]:
        """A connection for one statement; every fault comes out as `StoreError`."""
        with self._places:
            try:
                client = self._idle.get_nowait()
            except Empty:
                client = self._client(self._database)
            try:
                yield client
            except Exception as fault:
                client.disconnect()
                raise self._explained(fault) from None
            self._idle.put(client)

    def _explained(self, fault: Exception) -> Exception:
        if isinstance(fault, driver_errors.NetworkError | driver_errors.SocketTimeoutError | OSError | EOFError):
            return store_is_down(self._where)
        if isinstance(fault, driver_errors.Error):
            return engine_fault(str(fault), getattr(fault, "code", None))
        return fault


def _client(settings: StoreSettings, password: str, database: str) -> Client:
    return Client(
        host=settings.host,
        port=settings.port,
        database=database,
        user=settings.user,
        password=password,
        secure=settings.secure,
        connect_timeout=_CONNECT_SECONDS,
        send_receive_timeout=_STATEMENT_SECONDS,
        settings={"server_side_params": True},
    )


def _values(params: Mapping[str, Parameter] | None) -> dict[str, Any] | None:
    """The driver escapes by itself; it tells arrays from tuples by list, and does not know how to write a bool."""
    if not params:
        return None
    return {name: _value(value) for name, value in params.items()}


def _value(value: Parameter) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int | float) else list(value)


def _password(settings: StoreSettings) -> str:
    if settings.password_file is None:
        return ""
    try:
        return settings.password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise StoreError(
            f"The store's password file {settings.password_file} cannot be read. "
            "Mend store.password_file in fairgate.toml, or the file's mode."
        ) from fault
