"""proxy_addons.supervise, worker_process and beats: real workers that are killed, hang, and are stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.records import Gap, GapReason, Record
from analytics.spool import read_records, segments
from config.health import check
from tests.proxy_addons import supervised as gateways
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School
from tests.proxy_addons.supervised import WAIT, alive, back, pid, supervised, told

pytestmark = pytest.mark.slow


@pytest.fixture
def school(tmp_path: Path) -> School:
    """Two workers of a transparent gateway; nothing is redirected to them here."""
    school = School(tmp_path / "state")
    school.gateway = {"mode": "transparent", "workers": 2}
    school.prepare()
    return school


def on_spool(school: School, worker: int) -> list[Record]:
    lines = [line for each in segments(school.state.spool / f"gate-{worker}") for line in read_records(each.path)]
    return [line.record for line in lines if line.record is not None]


def crashes(school: School, worker: int) -> list[Gap]:
    return [each for each in on_spool(school, worker) if isinstance(each, Gap) and each.reason is GapReason.CRASHED]


def test_each_worker_has_its_port_spool_and_readiness_and_all_share_authority_and_key(school: School) -> None:
    with supervised(school, 2) as process:
        ports = [(told(school, number) or {})["port"] for number in (0, 1)]
        assert ports == [school.port, school.port + 1]
        assert wait_until(lambda: check(school.state, "gateway") is None, WAIT)
        ready = json.loads((school.root / "run" / "gateway.ready").read_text())
        assert (ready["pid"], ready["workers"]) == (process.pid, ports)
        workers = [pid(school, number) for number in (0, 1)]
    assert process.returncode == 0
    assert not any(alive(each) for each in workers)
    assert not list((school.root / "run").glob("*.ready"))
    assert all(each.closed for number in (0, 1) for each in segments(school.state.spool / f"gate-{number}"))
    assert len(list(school.state.keys.glob("*.pem"))) == 1


def test_a_worker_that_is_killed_comes_back_and_the_other_never_notices(school: School) -> None:
    with supervised(school, 2):
        killed, other = pid(school, 1), pid(school, 0)
        os.kill(killed, signal.SIGKILL)
        back(school, 1, killed)
        assert pid(school, 0) == other
    (gap,) = crashes(school, 1)
    assert gap.from_ms <= gap.to_ms
    assert crashes(school, 0) == []
    said = (school.root / "gateway.log").read_text()
    assert "worker_ended" in said
    assert "SIGKILL" in said


def test_a_worker_that_hangs_is_ended_and_started_again(school: School) -> None:
    before = "import proxy_addons.worker_process as w; w.SILENT_SECONDS = 8.0"
    with supervised(school, 2, before=before):
        hangs = pid(school, 0)
        os.kill(hangs, signal.SIGSTOP)
        back(school, 0, hangs)
    assert "worker_hangs" in (school.root / "gateway.log").read_text()
    assert len(crashes(school, 0)) == 1


def test_workers_whose_supervisor_is_killed_stop_cleanly(school: School) -> None:
    with supervised(school, 2) as process:
        workers = [pid(school, number) for number in (0, 1)]
        process.kill()
        process.wait()
        assert wait_until(lambda: not any(alive(each) for each in workers), WAIT)
    assert all(each.closed for number in (0, 1) for each in segments(school.state.spool / f"gate-{number}"))


def test_a_second_gateway_on_the_folder_is_refused(school: School) -> None:
    with supervised(school, 2) as process:
        second = subprocess.run(
            gateways.command(school.root), cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=WAIT
        )
        assert second.returncode == 2
        assert f"Another fairgate gateway (process {process.pid}) is already running" in second.stderr


def test_a_worker_that_cannot_start_any_more_is_tried_again_less_and_less_often(school: School) -> None:
    with supervised(school, 2):
        snapshot = school.state.snapshot.read_bytes()
        school.state.snapshot.write_bytes(b"{")
        os.kill(killed := pid(school, 1), signal.SIGKILL)
        said = school.root / "gateway.log"
        assert wait_until(lambda: "in_a_row=3" in said.read_text(), WAIT)
        assert "is damaged" in said.read_text(), "its own sentence reaches the operator"
        school.state.snapshot.write_bytes(snapshot)
        back(school, 1, killed)


def test_a_worker_that_cannot_start_keeps_no_other_from_serving(school: School, tmp_path: Path) -> None:
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        socket.create_server(("127.0.0.1", school.port + 1)) as in_the_way,
    ):
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT)
        with supervised(school, 1, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}):
            while manager.recv(200) != b"READY=1":
                pass
            said = school.root / "gateway.log"
            assert wait_until(
                lambda: f"Port {school.port + 1} on 127.0.0.1 is already in use" in said.read_text(), WAIT
            )
            assert "of its 2 workers number 1 " in (check(school.state, "gateway") or "")
            in_the_way.close()
            assert wait_until(lambda: told(school, 1) is not None, WAIT)
            assert wait_until(lambda: check(school.state, "gateway") is None, WAIT)


def test_the_service_manager_is_told_that_it_serves_lives_and_stops(school: School, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT)
        with supervised(school, 2, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}):
            heard = {manager.recv(200)}
            while heard != {b"READY=1", b"WATCHDOG=1"}:
                heard.add(manager.recv(200))
        rest = b""
        while b"STOPPING=1" not in rest:
            rest = manager.recv(200)


def test_the_watchdog_is_not_fed_while_a_worker_cannot_run(school: School, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT)
        before = (
            "import proxy_addons.supervise as s, proxy_addons.worker_process as w\n"
            "s._FEED_SECONDS = 0.0; w.PAUSES = (20.0,)"
        )
        with supervised(school, 2, before=before, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}):
            os.kill(killed := pid(school, 1), signal.SIGKILL)
            said = school.root / "gateway.log"
            assert wait_until(lambda: "worker_ended" in said.read_text(), WAIT)
            time.sleep(0.5)
            manager.setblocking(False)
            while _received(manager):
                pass
            time.sleep(2)
            assert not _received(manager), "nothing is told while worker 1 is away"
            manager.setblocking(True)
            back(school, 1, killed)
            assert manager.recv(200) == b"WATCHDOG=1"


def _received(manager: socket.socket) -> bytes:
    try:
        return manager.recv(200)
    except BlockingIOError:
        return b""


def test_the_supervisor_loads_no_mitmproxy() -> None:
    code = "import proxy_addons.supervise, sys; sys.exit('mitmproxy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
