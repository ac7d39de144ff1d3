"""The school of these tests, once per test module where it is only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.governance import Governance, Passwords
from analytics.store.embedded import EmbeddedStore
from analytics.store.migrate import migrate
from tests.analytics.queries.school_week import SchoolWeek, busy_day, insert, open_school


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """One chDB for all: it can be opened at one path in a process; schools keep tests apart."""
    opened = EmbeddedStore(tmp_path_factory.mktemp("store") / "chdb")
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def school(store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SchoolWeek]:
    """`open_school`, and Ann's busy Tuesday. People's ids are fresh, so modules do not meet in the store."""
    place: Path = tmp_path_factory.mktemp("governance") / "governance.sqlite"
    governance = Governance.found(
        place, "oakfield", "Oakfield Primary", passwords=Passwords(time_cost=1, memory_kib=64)
    )
    opened = open_school(governance, store)
    insert(store, busy_day(opened.people["ann"]))
    yield opened
    governance.close()
