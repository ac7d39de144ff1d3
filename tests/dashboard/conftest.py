"""Fixtures: one filled school for the tests that only look, and an empty one for those that change something."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.store import EventStore
from dashboard.app import Pages
from tests.dashboard.small_school import SmallSchool, fill, found
from tests.support.stores import embedded_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventStore]:
    """One chDB with four weeks of records of the school "oakfield"."""
    with embedded_store(tmp_path_factory.mktemp("dashboard") / "store") as opened:
        yield opened


@pytest.fixture(scope="session")
def filled(store: EventStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallSchool]:
    """A demonstration school with four weeks of visits."""
    school = found(tmp_path_factory.mktemp("school"), store)
    fill(school)
    yield school
    school.here.governance.close()


@pytest.fixture(scope="session")
def app(filled: SmallSchool) -> Pages:
    """The application over the filled school."""
    return filled.app()


@pytest.fixture
def fresh(store: EventStore, tmp_path: Path) -> Iterator[SmallSchool]:
    """A real (not demonstration) school of the same key, with other people: nothing was recorded of them."""
    school = found(tmp_path / "state", store, demonstration=False)
    yield school
    school.here.governance.close()
