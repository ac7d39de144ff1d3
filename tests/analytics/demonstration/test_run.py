"""`run_demo`, where it ends before anything is started; the rest is in tests/end_to_end/test_demo.py."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.demonstration.run import run_demo
from config.errors import FairgateError


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """It takes over Ctrl-C and SIGTERM; put them back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_another_folder_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(FairgateError, match="not a demonstration"):
        run_demo(tmp_path, once=True, as_json=True, gateway_port=None, dashboard_port=None)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_sigterm_interrupts_as_ctrl_c_does_and_only_once(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(FairgateError):
        run_demo(tmp_path, once=True, as_json=True, gateway_port=None, dashboard_port=None)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
