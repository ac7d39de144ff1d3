"""`fairgate pins`: counts without sites, and forgetting through the running identity."""

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.bindings import IdentityTable
from analytics.records import PinChange, PinStep
from analytics.spool import read_records, segments
from fairgate import app
from tests.analytics.test_identifying import start, stop
from tests.proxy_addons.running_gateway import School

LATER = time.time_ns() // 1_000_000 + 86_400_000


@pytest.fixture
def school(tmp_path: Path) -> School:
    """One with something learnt for two devices, and one that lacks the certificate."""
    school = School(tmp_path / "state")
    school.prepare()
    table = IdentityTable(school.state.identity)
    with table.change():
        for client, host in (
            ("d-1", "a.pinned.example"),
            ("d-1", "b.pinned.example"),
            ("10.0.0.9", "a.pinned.example"),
        ):
            table.put_pin(client, host, 1, LATER)
        table.put_distrusting("d-3", 1_800_000_000_000)
    table.close()
    return school


def fairgate(school: School, *words: str) -> str:
    done = CliRunner().invoke(app, ["pins", *words, "--state", str(school.root)])
    return done.output if done.exception is None else str(done.exception)


def test_counts_are_listed_without_a_site(school: School) -> None:
    said = fairgate(school, "list")
    assert "d-1: 2 sites, the last until" in said
    assert "10.0.0.9: 1 site, the last until" in said
    assert "d-3: lacks the school's certificate, since 15 January 2027, 08:00" in said
    assert "example" not in said


def test_where_nothing_is_learnt_it_says_so(tmp_path: Path) -> None:
    assert "Nothing is let through" in fairgate(School(tmp_path), "list")


@pytest.mark.parametrize("words", [[], ["d-1", "--all"]])
def test_it_forgets_for_one_device_or_all_by_name(school: School, words: list[str]) -> None:
    assert "Name one device, or --all" in fairgate(school, "forget", *words)


def test_without_identity_it_says_what_to_do(school: School) -> None:
    assert "does not answer" in fairgate(school, "forget", "d-1")
    assert "Start it" in fairgate(school, "forget", "d-1")


@pytest.mark.slow
def test_what_is_forgotten_is_opened_again_and_on_record(school: School) -> None:
    process = start(school.state)
    try:
        assert "Forgotten: 2 sites" in fairgate(school, "forget", "d-1")
        assert "d-1: 2" not in fairgate(school, "list")
        assert "Forgotten: 1 site." in fairgate(school, "forget", "--all")
        assert "lacks" in fairgate(school, "list")
    finally:
        stop(process)
    folder = school.state.spool / "gate-identity"
    kept = [line.record for segment in segments(folder) for line in read_records(segment.path)]
    steps = [record.step for record in kept if isinstance(record, PinChange)]
    assert steps == [PinStep.FORGOTTEN] * 3
