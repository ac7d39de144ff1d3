"""analytics.nft.serving: a worker serves while its file stands, its process lives and its port listens; all three."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from analytics.nft.serving import HANGS_SECONDS, STOPPING, Serving, listening_ports, workers_coming


def ready(run: Path, name: str, **told: object) -> None:
    (run / f"{name}.ready").write_text(json.dumps(told))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_listens_in_either_family(host: str) -> None:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        port = server.getsockname()[1]
        assert port in listening_ports()
    assert port not in listening_ports()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_is_found_among_many_connections(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as stack:
        busy = stack.enter_context(socket.create_server((host, 0), family=family))
        for _ in range(50):
            stack.enter_context(socket.create_connection((host, busy.getsockname()[1])))
            stack.enter_context(busy.accept()[0])
        late = stack.enter_context(socket.create_server((host, 0), family=family))
        assert late.getsockname()[1] in listening_ports()


def test_all_three_signs_are_needed(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert Serving(tmp_path).ports() == frozenset()
        ready(tmp_path, "gateway-0", pid=int(ended.stdout), port=port)
        assert Serving(tmp_path).ports() == frozenset(), "its process is gone"
        ready(tmp_path, "gateway-0", pid=os.getpid(), port=port)
        assert Serving(tmp_path).ports() == {port}
        (tmp_path / STOPPING).touch()
        assert Serving(tmp_path).ports() == frozenset(), "it is about to stop"
        (tmp_path / STOPPING).unlink()
        assert Serving(tmp_path).ports() == {port}
    assert Serving(tmp_path).ports() == frozenset(), "its port is closed"


def test_a_worker_whose_event_loop_hangs_does_not_serve_though_its_port_is_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ready(tmp_path, "gateway-0", pid=os.getpid(), port=port)
        silent_since = time.time() - HANGS_SECONDS - 1
        os.utime(tmp_path / "gateway-0.ready", (silent_since, silent_since))
        assert Serving(tmp_path).ports() == frozenset()
        os.utime(tmp_path / "gateway-0.ready")
        assert Serving(tmp_path).ports() == {port}


def test_a_worker_that_was_killed_and_not_waited_for_is_gone(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as process,
    ):
        ready(tmp_path, "gateway-0", pid=process.pid, port=server.getsockname()[1])
        serving = Serving(tmp_path)
        assert len(serving.ports()) == 1
        process.kill()
        # Waits without taking note, so that it stays what Linux calls a zombie.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert serving.ports() == frozenset()


def test_the_kernel_is_asked_once_for_each_worker(tmp_path: Path) -> None:
    run, serving = tmp_path / "run", Serving(tmp_path / "run", tmp_path)
    run.mkdir()
    ready(run, "gateway-0", pid=os.getpid(), port=8080)
    (tmp_path / "tcp").write_text("  sl  local_address\n   0: 0100007F:1F90 00000000:0000 0A 00000000\n")
    assert serving.ports() == {8080}
    (tmp_path / "tcp").unlink()
    assert serving.ports() == {8080}
    ready(run, "gateway-0", pid=os.getppid(), port=8080)
    assert serving.ports() == frozenset(), "another process: asked anew"


def test_the_supervisors_own_file_is_no_workers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ready(tmp_path, "gateway", pid=os.getpid(), port=port, workers=[port])
        assert Serving(tmp_path).ports() == frozenset()
        ready(tmp_path, "gateway", pid=os.getpid(), port=port)
        assert Serving(tmp_path).ports() == {port}, "a worker that runs by itself"


def test_workers_are_coming_while_the_gateways_own_process_runs(tmp_path: Path) -> None:
    assert not workers_coming(tmp_path)
    (tmp_path / "gateway.lock").write_text(str(os.getpid()))
    assert workers_coming(tmp_path)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    (tmp_path / STOPPING).touch()
    assert not workers_coming(tmp_path), "it is about to stop"
    (tmp_path / STOPPING).unlink()
    (tmp_path / "gateway.lock").write_bytes(ended.stdout)
    assert not workers_coming(tmp_path)
    (tmp_path / "gateway.lock").write_text("")
    assert not workers_coming(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x", "port": 1}', '{"pid": 1}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "gateway-0.ready").write_text(text)
    assert Serving(tmp_path).ports() == frozenset()
