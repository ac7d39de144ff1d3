"""`fairgate dashboard` as a process."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from config.errors import FairgateError
from dashboard.serve import ready_file, serve
from tests.dashboard.small_school import SmallSchool

ROOT = Path(__file__).parents[2]
RUN = (
    "import sys; from pathlib import Path; from config.settings import load_settings; from config.state import "
    "StateFolder; from dashboard.serve import serve; s = StateFolder(Path(sys.argv[1])); "
    "serve(load_settings(s.settings), s)"
)


def settings_of(school: SmallSchool, port: int) -> None:
    text = f'school = "oakfield"\nschool_name = "Oakfield"\n[dashboard]\nlisten_port = {port}\n'
    school.here.state.settings.write_text(text, "utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_in_use_is_a_sentence(fresh: SmallSchool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = fresh.here.settings
        busy = settings.model_copy(update={"dashboard": settings.dashboard.model_copy(update={"listen_port": port})})
        with pytest.raises(FairgateError, match=rf"port {port} .*dashboard.listen_port"):
            serve(busy, fresh.here.state)
    assert not ready_file(fresh.here.state).exists()


def test_a_second_one_is_refused(fresh: SmallSchool) -> None:
    with fresh.here.state.lock("dashboard"), pytest.raises(FairgateError, match="already running"):
        serve(fresh.here.settings, fresh.here.state)


@pytest.mark.slow
def test_it_answers_without_a_store_and_ends_cleanly(fresh: SmallSchool) -> None:
    port, ready = free_port(), ready_file(fresh.here.state)
    settings_of(fresh, port)
    home = fresh.here.state.root / "home"
    home.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(fresh.here.state.root)],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(ready, process)
        answer = httpx.get(f"http://127.0.0.1:{port}/sign-in")
        assert answer.status_code == 200
        assert list(home.rglob("*.ctl")) == []
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert not ready.exists()


def wait_for(ready: Path, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 60
    while not ready.exists():
        assert process.poll() is None, "it ended before it was ready"
        assert time.monotonic() < until, "it never became ready"
        time.sleep(0.1)
