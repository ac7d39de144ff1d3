"""The store against the ledger, on a real store fed by the real loader."""

from collections.abc import Iterator

import pytest

from analytics.demonstration.history import WORKER, write_history
from analytics.demonstration.ledger import Ledger
from analytics.demonstration.loaded import Since
from analytics.demonstration.school import DemoSchool
from analytics.event import Kind, WebEvent
from analytics.loader import Loader
from analytics.spool import read_records, segments
from analytics.store import EventStore
from config.policy import Policy
from tests.support.stores import embedded_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def events(school: DemoSchool, policy: Policy) -> list[WebEvent]:
    """The history, as it stands on the spool."""
    write_history(school, policy)
    lines = (line for each in segments(school.state.spool / WORKER) for line in read_records(each.path))
    return [line.record for line in lines if isinstance(line.record, WebEvent)]


@pytest.fixture(scope="module")
def store(school: DemoSchool, events: list[WebEvent], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventStore]:
    with embedded_store(tmp_path_factory.mktemp("loaded") / "store") as opened:
        loader = Loader(school.state.spool, opened, "oakfield-demo")
        while not loader.step().idle:
            pass
        yield opened


@pytest.fixture
def since(store: EventStore, events: list[WebEvent]) -> Since:
    return Since(store, "oakfield-demo", min(event.ts_ms for event in events))


@pytest.fixture
def ledger(events: list[WebEvent]) -> Ledger:
    ledger = Ledger()
    for event in events:
        ledger.will_record(str(event.person_id), event.host)
    return ledger


def test_the_whole_history_is_stored_once(since: Since, ledger: Ledger, events: list[WebEvent]) -> None:
    reckoning = since.wait_for(ledger)
    assert (reckoning.stored, reckoning.lost, reckoning.doubled) == (len(events), 0, 0)


def test_one_request_too_many_in_the_ledger_is_lost(since: Since, ledger: Ledger, events: list[WebEvent]) -> None:
    ledger.will_record(str(events[0].person_id), "www.bbc.co.uk")
    assert since.reckoning(ledger).lost == 1


def test_one_too_few_is_doubled(since: Since, ledger: Ledger, events: list[WebEvent]) -> None:
    ledger.expected[str(events[0].person_id), events[0].host] -= 1
    assert since.reckoning(ledger).doubled == 1


def test_every_navigation_is_one_visit(since: Since, events: list[WebEvent]) -> None:
    navigations = sum(event.kind is Kind.NAVIGATION for event in events)
    assert sum(since.visits_by_purpose().values()) == navigations
