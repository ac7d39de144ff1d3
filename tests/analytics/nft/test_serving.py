"""analytics.nft.serving: a worker serves while its file stands, its process lives and its port listens; all three."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.nft.serving import HANGS_SECONDS, listening_ports, serving_ports


def ready(run: Path, name: str, **told: object) -> None:
    (run / f"{name}.ready").write_text(json.dumps(told))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_listens_in_either_family(host: str) -> None:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        port = server.getsockname()[1]
        assert port in listening_ports()
    assert port not in listening_ports()


def test_all_three_signs_are_needed(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert serving_ports(tmp_path) == frozenset()
        ready(tmp_path, "gateway-0", pid=int(ended.stdout), port=port)
        assert serving_ports(tmp_path) == frozenset(), "its process is gone"
        ready(tmp_path, "gateway-0", pid=os.getpid(), port=port)
        assert serving_ports(tmp_path) == {port}
    assert serving_ports(tmp_path) == frozenset(), "its port is closed"


def test_a_worker_whose_event_loop_hangs_does_not_serve_though_its_port_is_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ready(tmp_path, "gateway-0", pid=os.getpid(), port=port)
        silent_since = time.time() - HANGS_SECONDS - 1
        os.utime(tmp_path / "gateway-0.ready", (silent_since, silent_since))
        assert serving_ports(tmp_path) == frozenset()
        os.utime(tmp_path / "gateway-0.ready")
        assert serving_ports(tmp_path) == {port}


def test_the_supervisors_own_file_is_no_workers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ready(tmp_path, "gateway", pid=os.getpid(), port=port, workers=[port])
        assert serving_ports(tmp_path) == frozenset()
        ready(tmp_path, "gateway", pid=os.getpid(), port=port)
        assert serving_ports(tmp_path) == {port}, "a worker that runs by itself"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x", "port": 1}', '{"pid": 1}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "gateway-0.ready").write_text(text)
    assert serving_ports(tmp_path) == frozenset()
