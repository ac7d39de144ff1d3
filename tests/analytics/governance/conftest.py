"""A founded school with its three first accounts, on a real SQLite database, with cheap password hashes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analytics.governance import Governance, Passwords, Role
from tests.analytics.governance.office import Office, open_office


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """The real argon2id, at its least cost: its strength is tested by itself."""
    return Passwords(time_cost=1, memory_kib=64)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "governance" / "governance.sqlite"


@pytest.fixture
def governance(place: Path, passwords: Passwords) -> Iterator[Governance]:
    opened = Governance.found(place, "oakfield", "Oakfield Primary", passwords=passwords)
    yield opened
    opened.close()


@pytest.fixture
def office(governance: Governance) -> Office:
    return open_office(governance, Role.HEADTEACHER, Role.CHAIR, Role.TECHNICIAN)


@pytest.fixture
def run_together() -> Callable[[int, Callable[[], object]], None]:
    """Runs something in so many threads at once, and raises what any of them raised."""

    def run(count: int, work: Callable[[], object]) -> None:
        with ThreadPoolExecutor(count) as pool:
            for done in [pool.submit(work) for _ in range(count)]:
                done.result()

    return run
