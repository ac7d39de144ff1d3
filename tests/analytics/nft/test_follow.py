"""`fairgate nft follow` for real, in a network namespace: with a kernel that others change, and at its end."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analytics.nft.ruleset import TABLE
from analytics.snapshot import DeviceClass
from config.health import check
from tests.analytics.nft.one_namespace import INTERFACE, fairgate, inside, one_namespace
from tests.end_to_end.namespaces import unavailable
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import School, device
from tests.tracked import ROOT

WHY_NOT = unavailable()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")]
WAIT: float = 90
PORT = 18080
LISTENS = """
import json, os, select, socket, sys
with socket.create_server(("0.0.0.0", int(sys.argv[2]))):
    ready = open(sys.argv[1], "w"); json.dump({"pid": os.getpid(), "port": int(sys.argv[2])}, ready); ready.close()
    while not select.select([sys.stdin], [], [], 0.5)[0]:
        os.utime(sys.argv[1])
"""


class Kept:
    """A school's rules, kept in line in a namespace."""

    def __init__(self, namespace: str, root: Path) -> None:
        self.namespace = namespace
        self.school = School(root)
        self.school.gateway = {"mode": "transparent", "listen_host": "", "listen_port": PORT, "workers": 2}
        self.school.transparent = {"interfaces": [INTERFACE], "gateway_user": "root"}
        self.enrol("10.0.0.5")

    def enrol(self, *addresses: str) -> None:
        self.school.devices = (device(DeviceClass.STAFF, "p-anne", *addresses),)
        self.school.prepare()

    def start(self, *before: str) -> subprocess.Popen[bytes]:
        """`before` is put before the command, in the namespace."""
        command = [*before, sys.executable, "-W", "ignore", "-m", "fairgate"]
        command += ["nft", "follow", "--state", str(self.school.root)]
        ready = self.school.root / "run" / "nft.ready"
        ready.unlink(missing_ok=True)
        with (self.school.root / "nft.log").open("a") as log:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *command], cwd=ROOT, stdout=log, stderr=log
            )
        assert wait_until(lambda: ready.exists() or process.poll() is not None, WAIT)
        assert process.poll() is None, self.said
        return process

    @contextmanager
    def following(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start()
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(60) == 0, self.said

    @contextmanager
    def worker(self, number: int) -> Iterator[None]:
        """Something that listens like worker `number`."""
        ready = self.school.root / "run" / f"gateway-{number}.ready"
        command = [sys.executable, "-c", LISTENS, str(ready), str(PORT + number)]
        with subprocess.Popen(["ip", "netns", "exec", self.namespace, *command], stdin=-1) as process:
            assert wait_until(ready.exists, WAIT)
            try:
                yield
            finally:
                process.kill()

    @property
    def said(self) -> str:
        return (self.school.root / "nft.log").read_text()

    def table(self) -> str:
        """Our table; "" where it does not stand."""
        return inside(self.namespace, "nft", "--stateless", "list", "table", *TABLE.split()).stdout

    def becomes(self, *parts: str, without: str = "\0") -> bool:
        """Whether the table comes to hold all `parts`, and not `without`."""
        return wait_until(lambda: all(part in (table := self.table()) for part in parts) and without not in table, WAIT)

    def owed(self) -> list[dict[str, Any]]:
        file = self.school.state.gateway / "nft" / "owed.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with one_namespace() as namespace:
        yield Kept(namespace, tmp_path / "state")


def test_nobody_is_redirected_before_a_worker_listens_and_nothing_is_owed_for_that(kept: Kept) -> None:
    with kept.following():
        assert kept.becomes("10.0.0.5", without="redirect to")
        with kept.worker(0):
            assert kept.becomes(f"map {{ 0 : {PORT}, 1 : {PORT} }}")
            with kept.worker(1):
                assert kept.becomes(f"map {{ 0 : {PORT}, 1 : {PORT + 1} }}")
            assert kept.becomes(f"map {{ 0 : {PORT}, 1 : {PORT} }}")
        assert kept.owed() == []
        assert check(kept.school.state, "nft") is None


def test_no_worker_for_a_while_is_owed_from_the_redirects_end_to_its_return(kept: Kept) -> None:
    with kept.following():
        with kept.worker(0):
            assert kept.becomes("redirect to")
        assert wait_until(lambda: "redirect to" not in kept.table(), WAIT)
        between = time.time_ns() // 1_000_000
        with kept.worker(0):
            assert kept.becomes("redirect to")
            assert wait_until(lambda: bool(kept.owed()), WAIT)
        (owed,) = kept.owed()
        assert owed["say"] == "bypassed"
        assert owed["from_ms"] <= between <= owed["to_ms"]


def test_at_its_end_only_our_table_goes_and_the_time_until_the_next_start_is_owed(kept: Kept) -> None:
    assert inside(kept.namespace, "nft", "table ip others { chain c { }; }").returncode == 0
    with kept.worker(0):
        with kept.following():
            assert kept.becomes("redirect to")
        assert kept.table() == ""
        assert "table ip others" in inside(kept.namespace, "nft", "list", "ruleset").stdout
        stopped = time.time_ns() // 1_000_000
        assert kept.owed() == []
        with kept.following():
            assert kept.becomes("redirect to")
        (owed,) = kept.owed()
        assert owed["from_ms"] <= stopped <= owed["to_ms"]


def test_killed_it_leaves_rules_that_the_kernel_forgets_and_owes_the_time_since(kept: Kept) -> None:
    with kept.worker(0):
        process = kept.start()
        assert kept.becomes("redirect to")
        process.kill()
        process.wait()
        assert "10.0.0.5" in kept.table()
        assert wait_until(lambda: "10.0.0.5" not in kept.table(), WAIT)
        forgotten = time.time_ns() // 1_000_000
        with kept.following():
            assert kept.becomes("10.0.0.5")
        (owed,) = kept.owed()
        assert owed["from_ms"] <= forgotten <= owed["to_ms"]


def test_started_again_soon_after_a_kill_nobody_went_past(kept: Kept) -> None:
    with kept.worker(0):
        process = kept.start()
        assert kept.becomes("redirect to")
        process.kill()
        process.wait()
        with kept.following():
            assert kept.becomes("redirect to", "10.0.0.5")
            assert kept.owed() == []


def test_failing_closed_the_redirect_stays_whatever_happens(kept: Kept) -> None:
    kept.school.gateway["fail"] = "closed"
    kept.school.prepare()
    with kept.following():
        assert kept.becomes("redirect to", "10.0.0.5")
    assert "redirect to" in kept.table()
    assert "10.0.0.5" in kept.table()
    assert kept.owed() == []


@pytest.mark.parametrize(
    ("change", "owed"),
    [
        (("delete", "table", "inet", "fairgate"), ["bypassed"]),
        (("flush", "set", "inet", "fairgate", "staff4"), ["bypassed"]),
        (("flush", "chain", "inet", "fairgate", "workers"), ["bypassed"]),
        # One too many: nobody went past.
        (("add", "element", "inet", "fairgate", "staff4", "{ 10.0.0.99 }"), []),
    ],
)
def test_what_somebody_else_changed_is_put_right(kept: Kept, change: tuple[str, ...], owed: list[str]) -> None:
    with kept.worker(0), kept.following():
        assert kept.becomes("redirect to", "10.0.0.5")
        assert inside(kept.namespace, "nft", *change).returncode == 0
        assert wait_until(lambda: "table_was_changed" in kept.said, WAIT)
        assert kept.becomes("redirect to", "10.0.0.5", without="10.0.0.99")
        assert wait_until(lambda: [each["say"] for each in kept.owed()] == owed, WAIT)


def test_a_new_snapshot_is_in_the_kernel_soon_and_a_damaged_one_changes_nothing(kept: Kept) -> None:
    with kept.worker(0), kept.following():
        kept.enrol("10.0.0.6", "2001:db8::6")
        assert kept.becomes("10.0.0.6", "2001:db8::6", without="10.0.0.5")
        kept.school.state.snapshot.write_text("{")
        assert wait_until(lambda: "snapshot_refused" in kept.said, WAIT)
        assert kept.becomes("10.0.0.6")


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_the_right_to_administer_the_network_is_all_it_needs(kept: Kept) -> None:
    powers = ("setpriv", "--bounding-set=-all,+net_admin", "--inh-caps=-all,+net_admin", "--no-new-privs")
    with kept.worker(0):
        process = kept.start(*powers)
        assert kept.becomes("redirect to", "10.0.0.5")
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "CapEff:\t0000000000001000\n" in status
        kept.enrol("10.0.0.6")
        assert kept.becomes("10.0.0.6", without="10.0.0.5")
        process.terminate()
        assert process.wait(60) == 0, kept.said
        assert kept.table() == ""


def test_a_second_one_is_refused_and_so_is_a_hand_that_would_change_the_rules(kept: Kept) -> None:
    with kept.following() as first:
        command = (sys.executable, "-W", "ignore", "-m", "fairgate", "nft", "follow", "--state", str(kept.school.root))
        second = inside(kept.namespace, *command)
        assert second.returncode == 2
        assert f"Another fairgate nft (process {first.pid}) is already running" in second.stderr
        for by_hand in ("up", "down"):
            refused = fairgate(kept.namespace, kept.school.root, "nft", by_hand)
            assert f"Another fairgate nft (process {first.pid}) is already running" in refused.stderr


def test_its_log_names_no_address(kept: Kept) -> None:
    with kept.worker(0), kept.following() as process:
        assert kept.becomes("redirect to", "10.0.0.5")
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert "following" in kept.said
    assert "10.0.0.5" not in kept.said


def test_the_notification_socket_is_told_of_its_life(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with kept.following():
            assert [manager.recv(99), manager.recv(99)] == [b"READY=1", b"WATCHDOG=1"]
