"""config.health: what is asked from outside is true of a real process."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import FairgateError
from config.health import check
from config.state import StateFolder

PROCESS = """
import sys
from pathlib import Path
from config.state import StateFolder
state = StateFolder(Path(sys.argv[1]))
held = state.lock("gateway")
print("locked", flush=True)
sys.stdin.readline()
(state.root / "run" / "gateway.ready").write_text("{}")
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state").prepare()


@pytest.fixture
def gateway(state: StateFolder) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the gateway's lock, and serves once a line is sent to it."""
    command = [sys.executable, "-c", PROCESS, str(state.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def send_a_line(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_process_that_never_ran_is_said_not_to_run(state: StateFolder) -> None:
    answer = check(state, "gateway")
    assert answer is not None
    assert "is not running" in answer
    assert "fairgate gateway" in answer


def test_a_process_is_starting_until_its_ready_file_stands_and_then_ready(
    state: StateFolder, gateway: subprocess.Popen[str]
) -> None:
    assert said(gateway) == "locked"
    answer = check(state, "gateway")
    assert answer is not None
    assert "starting" in answer
    send_a_line(gateway)
    assert said(gateway) == "ready"
    assert check(state, "gateway") is None


def test_a_process_that_ended_is_not_taken_for_a_running_one(
    state: StateFolder, gateway: subprocess.Popen[str]
) -> None:
    said(gateway)
    send_a_line(gateway)
    said(gateway)
    gateway.kill()
    gateway.wait()
    answer = check(state, "gateway")
    assert answer is not None
    assert "is not running" in answer


def test_a_new_start_is_not_ready_by_the_file_that_a_killed_one_left(state: StateFolder) -> None:
    (state.root / "run" / "gateway.ready").write_text("{}")
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(state.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        said(process)
        answer = check(state, "gateway")
        process.kill()
    assert answer is not None
    assert "starting" in answer


def test_a_gateway_without_one_of_its_workers_is_not_well(state: StateFolder, gateway: subprocess.Popen[str]) -> None:
    said(gateway)
    send_a_line(gateway)
    said(gateway)
    run = state.root / "run"
    (run / "gateway.ready").write_text('{"workers": [8080, 8081]}')
    for number in (0, 1):
        (run / f"gateway-{number}.ready").write_text(f'{{"pid": {gateway.pid}}}')
    assert check(state, "gateway") is None
    (run / "gateway-1.ready").unlink()
    assert "of its 2 workers number 1 " in (check(state, "gateway") or "")


def test_a_name_that_is_no_process_is_refused_with_the_names_there_are(state: StateFolder) -> None:
    with pytest.raises(FairgateError, match="gateway, identity, nft, store, dashboard"):
        check(state, "gatway")


def test_asking_takes_no_lock(state: StateFolder) -> None:
    with state.lock("store"):
        check(state, "store")
    with state.lock("store"):
        assert check(state, "store") is not None


def test_a_damaged_file_reads_as_not_running(state: StateFolder) -> None:
    (state.root / "run" / "store.lock").write_bytes(b"\xff\xfe")
    assert check(state, "store") is not None
