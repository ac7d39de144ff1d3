"""What tests of the loader share."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.store.embedded import EmbeddedStore
from tests.analytics.gate import Gate
from tests.support.stores import embedded_store

_schools = itertools.count()


@pytest.fixture(scope="module")
def gate_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """One chDB a test module; schools keep the tests apart."""
    with embedded_store(tmp_path_factory.mktemp("store") / "chdb") as store:
        yield store


@pytest.fixture
def gate(gate_store: EmbeddedStore, tmp_path: Path) -> Gate:
    """A school of its own, with an empty spool."""
    return Gate(tmp_path / "spool", gate_store, f"school-{next(_schools)}")
