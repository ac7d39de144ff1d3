"""Processes that are not at work, and sockets at which nobody answers."""

import os
import socket

from tests.analytics.doctor.conftest import School


def test_processes_that_do_not_run_are_said_with_the_command_that_starts_them(school: School) -> None:
    lines = school.lines("processes")
    assert len(lines) == 3
    assert all(
        f"Start it with `fairgate {name}`" in line
        for name, line in zip(("gateway", "store", "dashboard"), lines, strict=True)
    )


def test_a_process_that_runs_and_does_not_answer_is_said(school: School) -> None:
    run = school.state.root / "run"
    assert school.lines("sockets") == []
    (run / "store.lock").write_text(str(os.getpid()))
    (line,) = school.lines("sockets")
    assert "The store runs, and nobody answers at its socket." in line
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(school.state.store_socket))
        listening.listen()
        assert school.lines("sockets") == []
