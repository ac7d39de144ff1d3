"""Stores for tests, each opened, migrated and closed again: embedded, served over the native protocol, and remote."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from analytics.daemon import serve
from analytics.store import EventStore, open_store
from analytics.store.embedded import EmbeddedStore
from analytics.store.migrate import migrate
from analytics.store.remote import RemoteStore
from analytics.store.server import ServerStore
from config.settings import Settings, StoreSettings
from config.state import StateFolder

ROOT = Path(__file__).parents[2]


@contextmanager
def embedded_store(folder: Path) -> Iterator[EmbeddedStore]:
    """A migrated chDB of its own."""
    store = EmbeddedStore(folder)
    try:
        migrate(store)
        yield store
    finally:
        store.close()


@contextmanager
def native_server(folder: Path) -> Iterator[int]:
    """The port of a test-support server of the native protocol."""
    command = [sys.executable, "-m", "tests.support.native_server", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            # Its input closes with this, and so it ends.
            process.communicate(timeout=30)


@contextmanager
def server_store(folder: Path) -> Iterator[ServerStore]:
    """A migrated ClickHouse over its native protocol."""
    with native_server(folder) as port:
        store = ServerStore(StoreSettings(backend="server", port=port))
        try:
            store.create_database()
            migrate(store)
            yield store
        finally:
            store.close()


@contextmanager
def running_daemon(root: Path, school: str = "oakfield") -> Iterator[tuple[Settings, StateFolder]]:
    """`fairgate store`, in a thread, until the end of the block."""
    settings, state = Settings(school=school, school_name="Oakfield Primary"), StateFolder(root).prepare()
    stop = Event()
    thread = Thread(target=serve, args=(settings, state, stop))
    thread.start()
    try:
        yield settings, state
    finally:
        stop.set()
        thread.join()


def remote(settings: Settings, state: StateFolder) -> RemoteStore:
    """A reader's store, as dashboard and command line open it."""
    store: EventStore = open_store(settings, state)
    assert isinstance(store, RemoteStore)
    return store
