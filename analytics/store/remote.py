"""The store as other processes on the machine reach it: Arrow Flight on the Unix socket of `fairgate store`.

Owns the client and the wire form of a question. Promises: a store that is starting again is waited for, briefly; one
that is down is one `StoreError` sentence; read-only, so a page can never change what was recorded.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
from pyarrow import flight

from analytics.store.event_store import Parameter
from analytics.store.faults import store_is_down
from analytics.store.frames import as_frame
from analytics.store.socket_path import reachable
from config.errors import StoreError

_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries: a restart of the store takes about as long as all of them."""
_QUERY_SECONDS = 60.0


class RemoteStore:
    """A read-only `EventStore` behind the socket at `path`. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._client: flight.FlightClient | None = None

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pd.DataFrame:
        """See `EventStore.query`."""
        return as_frame(self.arrow(sql, params))

    def arrow(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """See `EventStore.arrow`."""
        ticket = flight.Ticket(json.dumps({"sql": sql, "params": dict(params or {})}).encode())
        options = flight.FlightCallOptions(timeout=_QUERY_SECONDS)
        return self._asked(lambda client: client.do_get(ticket, options).read_all())

    def status(self) -> dict[str, Any]:
        """How the store and its loader are (see analytics.daemon).

        Raises:
            StoreError: the store is down.
        """
        answer = self._asked(lambda client: next(iter(client.do_action(flight.Action("status", b"")))))
        found: dict[str, Any] = json.loads(answer.body.to_pybytes())
        return found

    def insert(self, table: str, rows: pa.Table, token: str) -> None:
        """Always refused: only the loader writes."""
        _read_only()

    def command(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        """Always refused: only the loader writes."""
        _read_only()

    def close(self) -> None:
        """See `EventStore.close`."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _asked[T](self, ask: Callable[[flight.FlightClient], T]) -> T:
        """What `ask` gets from the store, tried again while it does not answer."""
        for wait in (*_WAITS, None):
            try:
                return ask(self._connected())
            except (flight.FlightUnavailableError, FileNotFoundError):
                self.close()
                if wait is None:
                    raise store_is_down(str(self._path)) from None
                time.sleep(wait)
            except flight.FlightTimedOutError:
                raise StoreError(
                    f"The store took longer than {_QUERY_SECONDS:.0f} s. Ask for a shorter time."
                ) from None
            except flight.FlightServerError as fault:
                raise StoreError(_said(fault)) from None
        raise AssertionError("not reached")

    def _connected(self) -> flight.FlightClient:
        client = self._client
        if client is None:
            if not self._path.exists():
                raise FileNotFoundError(self._path)
            client = self._client = flight.connect(f"grpc+unix://{reachable(self._path)}")
        return client


def _said(fault: flight.FlightServerError) -> str:
    """The server's own sentence, without what gRPC adds around it."""
    return str(fault).split(". Detail:")[0].removesuffix(".") + "."


def _read_only() -> NoReturn:
    raise StoreError("The store's socket only answers questions; what is stored comes through the spool alone.")
