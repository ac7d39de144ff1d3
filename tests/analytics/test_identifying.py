"""`fairgate identity` as a process: told by a worker, seen by a worker, on the spool, and cleanly stopped."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.bindings import IdentityReader
from analytics.event import Method
from analytics.records import Attempts, BindingChange, Gap, GapReason
from analytics.sources.source import now_ms
from analytics.spool import read_records, segments
from config.state import StateFolder
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.tell_identity import TellIdentity
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import REPOSITORY, School

pytestmark = pytest.mark.slow


def start(state: StateFolder, **env: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "fairgate.py", "identity", "--state", str(state.root)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **env},
    )
    ready = state.root / "run" / "identity.ready"
    assert wait_until(lambda: ready.exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()[1]
    return process


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
    return said


async def _tell(state: StateFolder) -> None:
    tell, seen = TellIdentity(state.identity_socket), LiveIdentity(state.identity)
    tell.running()
    seen.running()
    tell.tell("signed_in", session="x", person_id="p-anne", device_id=None, client_ip="10.0.0.5", from_ms=now_ms())
    tell.tell("bypassed", from_ms=1, to_ms=2)
    tell.tell("attempts", since_ms=1, quic=3, dot=2, doh=1)
    for _ in range(600):
        if seen.now.bindings:
            break
        await asyncio.sleep(0.1)
    assert [binding.person_id for binding in seen.now.bindings] == ["p-anne"]
    await asyncio.sleep(0.5)
    tell.done()
    seen.done()


def test_what_a_worker_tells_is_bound_and_spooled(tmp_path: Path) -> None:
    school = School(tmp_path / "state")
    school.prepare()
    process = start(school.state)
    asyncio.run(_tell(school.state))
    said = stop(process)
    assert "p-anne" not in said
    folder = school.state.spool / "gate-identity"
    kept = [line.record for segment in segments(folder) for line in read_records(segment.path)]
    (opened,) = [record for record in kept if isinstance(record, BindingChange)][:1]
    assert (opened.source, opened.person_id, opened.client_ip) == (Method.PROXY, "p-anne", "10.0.0.5")
    assert [record.reason for record in kept if isinstance(record, Gap)] == [GapReason.BYPASSED]
    assert [(r.quic, r.dot, r.doh) for r in kept if isinstance(r, Attempts)] == [(3, 2, 1)]
    assert not (school.root / "run" / "identity.ready").exists()
    assert not school.state.identity_socket.exists()


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    school = School(tmp_path / "state")
    school.prepare()
    process = start(school.state)
    second = subprocess.run(
        [sys.executable, "fairgate.py", "identity", "--state", str(school.root)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert second.returncode == 2
    assert "already running" in second.stderr
    stop(process)


def test_the_service_manager_is_told_that_it_is_ready_lives_and_stops(tmp_path: Path) -> None:
    school = School(tmp_path / "state")
    school.prepare()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(120)
        process = start(school.state, NOTIFY_SOCKET=str(tmp_path / "notify"))
        heard = {manager.recv(200)}
        while heard != {b"READY=1", b"WATCHDOG=1"}:
            heard.add(manager.recv(200))
        stop(process)
        while manager.recv(200) != b"STOPPING=1":
            pass


def test_one_that_hangs_is_not_believed_and_the_time_is_a_gap(tmp_path: Path) -> None:
    school = School(tmp_path / "state")
    school.prepare()
    process = start(school.state)
    told = {"say": "signed_in", "session": "x", "person_id": "p-anne", "client_ip": "10.0.0.5", "from_ms": now_ms()}
    with socket.socket(socket.AF_UNIX) as talk, talk.makefile("rwb") as lines:
        talk.connect(str(school.state.identity_socket))
        lines.write(json.dumps(told).encode() + b"\n")
        lines.flush()
        assert json.loads(lines.readline())["taken"]
    reader = IdentityReader(school.state.identity)

    def named() -> bool:
        reader.look()
        return bool(reader.now.bindings)

    assert wait_until(named, 60)
    process.send_signal(signal.SIGSTOP)
    assert wait_until(lambda: not named(), 120)
    process.send_signal(signal.SIGCONT)
    assert wait_until(named, 60)
    reader.close()
    stop(process)
    folder = school.state.spool / "gate-identity"
    kept = [line.record for segment in segments(folder) for line in read_records(segment.path)]
    (gap,) = [record for record in kept if isinstance(record, Gap)]
    assert gap.reason is GapReason.UNNAMED
    assert gap.to_ms - gap.from_ms >= 10_000
