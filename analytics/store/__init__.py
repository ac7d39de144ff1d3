"""The store: where events are kept and asked for.

Owns every line of SQL that reaches the engine, the schema and its migrations, and the two backends that share them:
embedded (chDB, owned by `fairgate store`) and server (ClickHouse over its native protocol).
Promises: whoever reads calls `open_store` and need not know which backend answers; values reach SQL as bound
parameters only; every fault of an engine comes out as one `StoreError` sentence.
"""

from analytics.store.event_store import EventStore, Parameter
from config.settings import Settings
from config.state import StateFolder

__all__ = ["EventStore", "Parameter", "open_store"]


def open_store(settings: Settings, state: StateFolder) -> EventStore:
    """The store for a reader: through `fairgate store` where it is embedded, straight to the server where it is not.

    Opening never fails because the store is down; the first query then does.

    Raises:
        StoreError: the server's password file cannot be read.
    """
    if settings.store.backend == "server":
        from analytics.store.server import ServerStore

        return ServerStore(settings.store)
    from analytics.store.remote import RemoteStore

    return RemoteStore(state.store_socket)
