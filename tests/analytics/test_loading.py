"""The loader's thread: no fault ends it, and it says what is wrong."""

import time
from collections.abc import Callable

import pytest

from analytics.loading import Loading
from config.errors import StoreError
from tests.analytics.gate import FailingStore, Gate


def _waited(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_loads_what_is_spooled_while_it_runs(gate: Gate) -> None:
    loading = Loading(gate.loader(), 0.01)
    with loading.running():
        gate.spool(*gate.events(3))
        _waited(lambda: loading.status()["records_loaded"] == 3 and loading.status()["behind_person_days"] == 0)
    assert gate.count("visits_now") == 3
    assert loading.status()["behind_bytes"] == 0


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (StoreError("The store is away."), "The store is away."),
        (ZeroDivisionError("secret.example"), "ZeroDivisionError"),
    ],
)
def test_a_fault_is_said_and_got_over(
    gate: Gate, fault: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = [fault, fault]

    def failing(when: str, _table: str) -> None:
        if when == "before" and faults:
            raise faults.pop()

    gate.spool(*gate.events(2))
    loading = Loading(gate.loader(FailingStore(gate.store, failing)), 0.2)
    with loading.running():
        _waited(lambda: loading.status()["fault"] == said)
        _waited(lambda: loading.status()["records_loaded"] == 2)
        _waited(lambda: loading.status()["fault"] == "")
    assert gate.count("events") == 2
    assert "example" not in capsys.readouterr().out
