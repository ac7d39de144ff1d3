"""One store a backend, for the whole run: opening an engine costs more than most tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.store import EventStore
from tests.support.stores import embedded_store, server_store


@pytest.fixture(scope="package")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, EventStore]]:
    """The embedded store and the served one, migrated."""
    folder: Path = tmp_path_factory.mktemp("stores")
    with embedded_store(folder / "embedded") as embedded, server_store(folder / "served") as served:
        yield {"embedded": embedded, "server": served}


@pytest.fixture(params=["embedded", "server"])
def store(request: pytest.FixtureRequest, stores: dict[str, EventStore]) -> EventStore:
    """The same contract is asked of each."""
    return stores[request.param]
