"""`fairgate store`: the one owner of the embedded store, and the loader.

Owns chDB, the loader's thread (after which acknowledgements are taken into governance), and the Unix socket (Arrow
Flight) through which dashboard and command line ask.
Promises: a second one is refused before anything is opened; the schema is brought up to date before the first
question; `run/store.ready` exists exactly while it serves; SIGTERM and Ctrl-C end it between two statements; while the
store or a disk fails it goes on trying, and says so in its status.

Who may ask: whoever may enter the folder `run`, which is 0700. gRPC does not tell Python the uid at the other end of a
Unix socket, so the folder's mode is the guard, and the kernel enforces it. Questions run read-only.

With a ClickHouse server as the store this process is the loader alone; readers ask the server.
"""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import structlog
from pyarrow import flight

from analytics.loader import Loader
from analytics.loading import Loading
from analytics.projecting import Projecting
from analytics.store.embedded import EmbeddedStore
from analytics.store.event_store import EventStore
from analytics.store.migrate import migrate
from analytics.store.server import ServerStore
from analytics.store.socket_path import reachable
from config.errors import FairgateError, StoreError
from config.settings import Settings
from config.state import StateFolder

_log = structlog.get_logger("fairgate.store")


def serve(settings: Settings, state: StateFolder, stop: Event | None = None) -> None:
    """Run until SIGTERM, Ctrl-C, or `stop` is set.

    Raises:
        FairgateError: another one runs, the store cannot be opened, or its schema is not ours.
    """
    stop = _stopped_by_signals() if stop is None else stop
    state.prepare()
    with ExitStack() as closing:
        closing.enter_context(state.lock("store"))
        store = _opened(settings, state, stop)
        closing.callback(store.close)
        for migration in migrate(store):
            _log.info("migrated", number=migration.number, name=migration.name)
        projecting = Projecting(state, store)
        closing.callback(projecting.close)
        loader = Loader(state.spool, store, settings.school)
        loading = Loading(loader, settings.store.load_seconds, projecting.after_loading)
        if settings.store.backend == "embedded":
            closing.callback(_Door(store, loading, state).shutdown)
        closing.enter_context(loading.running())
        closing.enter_context(_ready(state.root / "run" / "store.ready"))
        _log.info("serving", backend=settings.store.backend)
        stop.wait()
        _log.info("stopping")


class _Door(flight.FlightServerBase):  # type: ignore[misc]
    """Answers questions at the state folder's socket."""

    def __init__(self, store: EventStore, loading: Loading, state: StateFolder) -> None:
        self._store = store
        self._loading = loading
        self._state = state
        # A socket left by a process that was killed is in the way; the lock says that nobody else's stands there.
        state.store_socket.unlink(missing_ok=True)
        # The first answer in Arrow costs about a second: not the first viewer's.
        store.arrow("SELECT 1")
        super().__init__(f"grpc+unix://{reachable(state.store_socket)}")

    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.RecordBatchStream:
        """Answer one query."""
        try:
            asked = json.loads(ticket.ticket)
            return flight.RecordBatchStream(self._store.arrow(asked["sql"], asked["params"]))
        except FairgateError as fault:
            raise flight.FlightServerError(str(fault)) from None
        except (ValueError, KeyError, TypeError) as fault:
            raise flight.FlightServerError("The store could not read the question.") from fault

    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> Iterator[flight.Result]:
        """`status`: how store and loader are."""
        if action.type != "status":
            raise flight.FlightServerError(f"The store knows no action {action.type!r}.")
        yield flight.Result(json.dumps(self._status()).encode())

    def list_actions(self, context: flight.ServerCallContext) -> list[tuple[str, str]]:
        """What `do_action` knows."""
        return [("status", "how the store and its loader are")]

    def _status(self) -> dict[str, Any]:
        disk = shutil.disk_usage(self._state.store)
        events = self._store.arrow("SELECT count() AS events FROM events").to_pylist()[0]["events"]
        return {
            **self._loading.status(),
            "events": events,
            "disk_free_bytes": disk.free,
            "disk_total_bytes": disk.total,
        }


def _opened(settings: Settings, state: StateFolder, stop: Event) -> EventStore:
    """The store; a server that is not up yet is waited for."""
    if settings.store.backend == "embedded":
        return EmbeddedStore(state.store)
    store = ServerStore(settings.store)
    wait = 1.0
    while not stop.is_set():
        try:
            store.create_database()
            return store
        except StoreError as fault:
            _log.warning("store_down", fault=type(fault).__name__)
            stop.wait(wait)
            wait = min(wait * 2, 30.0)
    raise StoreError("Stopped before the store answered.")


@contextmanager
def _ready(path: Path) -> Iterator[None]:
    path.write_text(str(os.getpid()), "ascii")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _stopped_by_signals() -> Event:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
