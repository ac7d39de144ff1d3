"""A worker's folder that somebody emptied, or put another in the place of, while the loader's memory stayed.

The writer then uses its segments' numbers again. Nothing that it writes may be taken for loaded already, nothing may
be removed that was not loaded, and what the store holds already counts once (analytics.loader, invariant 8).
"""

import itertools
import json
import os
import shutil
import time
from pathlib import Path

import pytest
import structlog

from analytics import durable
from analytics.store.progress import FOLDER, read_progress
from tests.analytics.gate import DAY_MS, FailingStore, Gate, Killed, waited
from tests.analytics.spool.samples import web_event


def _old(gate: Gate) -> None:
    """Every progress file as if it had been written long ago."""
    for ack in (gate.root / FOLDER / "gate-0").iterdir():
        os.utime(ack, (time.time() - 8 * DAY_MS / 1000,) * 2)


def _spool_each(gate: Gate, first: int, *counts: int) -> None:
    """One closed segment for each of `counts`, its events numbered from `first` on."""
    for count in counts:
        gate.spool(*(web_event(first + number, school=gate.school) for number in range(count)))
        first += count


@pytest.mark.parametrize("running", [True, False])
def test_a_folder_that_was_emptied_loses_nothing_of_what_is_written_to_it_after(gate: Gate, running: bool) -> None:
    loader = gate.loader()
    _spool_each(gate, 0, 4, 4, 4)
    loader.run_until_idle()
    shutil.rmtree(gate.folder)
    _spool_each(gate, 20, 4, 4, 4, 4)
    result = (loader if running else gate.loader()).run_until_idle()
    assert (result.events, result.segments) == (16, 4)
    assert (gate.count("events_once"), gate.count("visits_now"), gate.count("seals_once")) == (28, 28, 7)
    assert gate.rows("gaps_once", "reason, segment") == [{"reason": "sequence", "segment": 1}]


@pytest.mark.parametrize("closed", [True, False])
def test_a_folder_that_was_replaced_by_an_earlier_copy_loses_nothing(gate: Gate, closed: bool, tmp_path: Path) -> None:
    loader = gate.loader()
    _spool_each(gate, 0, 3)
    shutil.copytree(gate.folder, tmp_path / "copy")
    _spool_each(gate, 10, 3, 3)
    loader.run_until_idle()
    shutil.rmtree(gate.folder)
    shutil.copytree(tmp_path / "copy", gate.folder)
    with gate.writer() as writer:
        for number in range(30, 35):
            assert writer.put(web_event(number, school=gate.school))
        if not closed:
            waited(loader, lambda: gate.count("events_once") == 14)
    loader.run_until_idle()
    assert (gate.count("events_once"), gate.count("visits_now"), gate.count("seals_once")) == (14, 14, 4)
    # The copy's own segment is known already; the one after it does not follow what was met last.
    assert gate.rows("gaps_once", "reason, segment") == [{"reason": "sequence", "segment": 2}]


@pytest.mark.parametrize("count", [2, 9])
def test_an_open_segment_that_was_replaced_is_loaded_from_its_start(gate: Gate, count: int) -> None:
    """Shorter or longer than what was loaded of the one before it."""
    with gate.writer() as writer:
        for number in range(5):
            assert writer.put(web_event(number, school=gate.school))
        loader = gate.loader()
        waited(loader, lambda: gate.count("events") == 5)
        shutil.rmtree(gate.folder)
    shutil.rmtree(gate.folder, ignore_errors=True)
    _spool_each(gate, 20, count)
    loader.run_until_idle()
    assert (gate.count("events_once"), gate.count("seals_once"), gate.count("gaps")) == (5 + count, 1, 0)


def test_nothing_is_pruned_that_is_not_the_very_segment_that_was_loaded(gate: Gate) -> None:
    loader = gate.loader()
    _spool_each(gate, 0, 4, 4, 4)
    loader.run_until_idle()
    shutil.rmtree(gate.folder)
    _spool_each(gate, 20, 4, 4, 4)
    _old(gate)
    assert loader.prune() == 0
    assert gate.loader().prune() == 0
    loader.run_until_idle()
    assert loader.prune() == 0
    _old(gate)
    assert loader.prune() == 2
    assert gate.count("events_once") == 24


@pytest.mark.parametrize("write", range(2))
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_the_link_of_a_folder_begun_again_the_gap_counts_once(
    gate: Gate, write: int, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spool_each(gate, 0, 2, 2)
    gate.loader().run_until_idle()
    shutil.rmtree(gate.folder)
    _spool_each(gate, 20, 2, 2)
    written = itertools.count()

    def dying(path: Path, data: bytes, mode: int = 0o600) -> None:
        dies = next(written) == write
        if not dies or when == "after":
            durable.write_whole(path, data, mode)
        if dies:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("analytics.store.chain.write_whole", dying)
        with pytest.raises(Killed):
            gate.loader().run_until_idle()
    gate.loader().run_until_idle()
    assert {name: gate.count(name) for name in ("events", "seals", "gaps")} == {"events": 8, "seals": 4, "gaps": 1}


@pytest.mark.parametrize("table", ["gaps", "seals", "events"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_a_folder_begun_again_is_loaded_everything_counts_once(gate: Gate, when: str, table: str) -> None:
    _spool_each(gate, 0, 2, 2)
    gate.loader().run_until_idle()
    shutil.rmtree(gate.folder)
    _spool_each(gate, 20, 2, 2)

    def fault(now: str, into: str) -> None:
        if (now, into) == (when, table):
            raise Killed

    with pytest.raises(Killed):
        gate.loader(FailingStore(gate.store, fault)).run_until_idle()
    gate.loader().run_until_idle()
    assert {name: gate.count(name) for name in ("events", "seals", "gaps")} == {"events": 8, "seals": 4, "gaps": 1}


def test_the_progress_of_an_earlier_version_is_read_and_what_it_cannot_vouch_for_counts_once(gate: Gate) -> None:
    _spool_each(gate, 0, 2, 2)
    gate.loader().run_until_idle()
    for ack in (gate.root / FOLDER / "gate-0").glob("*.ack"):
        plain = json.loads(ack.read_bytes())
        ack.write_text(json.dumps({name: plain[name] for name in plain if name not in ("seal", "first")}))
        assert read_progress(ack).done
    gate.loader().run_until_idle()
    assert {name: gate.count(name) for name in ("events_once", "seals_once", "visits_now", "gaps")} == {
        "events_once": 4,
        "seals_once": 2,
        "visits_now": 4,
        "gaps": 0,
    }


def test_the_log_of_a_segment_that_is_another_names_nothing(gate: Gate) -> None:
    _spool_each(gate, 0, 2)
    loader = gate.loader()
    loader.run_until_idle()
    shutil.rmtree(gate.folder)
    _spool_each(gate, 20, 3)
    with structlog.testing.capture_logs() as logged:
        loader.run_until_idle()
    assert logged == [
        {
            "event": "segment_is_not_the_one_that_was_loaded",
            "log_level": "warning",
            "segment": 1,
            "why": "another seal",
        }
    ]
