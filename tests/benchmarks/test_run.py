"""tests.benchmarks.run: what is measured is what is written, and a failure is neither hidden nor contagious."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import run


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the figures go, with three measurements in place of the real ones: one of them breaks."""

    def broken() -> dict[str, float]:
        raise OSError("no disk")

    measured: dict[str, run.Measure] = {"one": lambda: {"a": 1.5}, "bad": broken, "two": lambda: {"b": 2.0}}
    monkeypatch.setattr(run, "_measure", measured.__getitem__)
    monkeypatch.setattr(run, "modules", lambda: list(measured))
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "OUT", tmp_path / "build" / "bench.json")
    return tmp_path / "build" / "bench.json"


def test_figures_are_written_with_the_machine_and_the_date(out: Path) -> None:
    assert run.main(["one", "two"]) == 0
    told = json.loads(out.read_text("utf-8"))
    assert (told["a"], told["b"]) == (1.5, 2.0)
    assert told["_machine"]["cores"] >= 1
    assert told["_failed"] == []


def test_one_that_fails_costs_the_others_nothing_and_is_told(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main() == 1
    told = json.loads(out.read_text("utf-8"))
    assert (told["a"], told["b"]) == (1.5, 2.0)
    assert told["_failed"] == ["bad"]
    assert "no disk" in capsys.readouterr().err


def test_a_figure_given_twice_is_a_fault(out: Path) -> None:
    assert run.main(["one", "one"]) == 1
    assert json.loads(out.read_text("utf-8"))["_failed"] == ["one"]


def test_every_module_with_a_measure_is_found_and_this_one_is_not() -> None:
    found = run.modules()
    assert "spool" in found
    assert "run" not in found
    assert "test_run" not in found
