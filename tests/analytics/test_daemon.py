"""`fairgate store`: one owner, a socket that only answers, and nothing lost when it is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pandas as pd
import pyarrow as pa
import pytest

from analytics.daemon import serve
from analytics.spool import SpoolWriter
from analytics.store import open_store
from analytics.store.remote import RemoteStore
from analytics.store.server import ServerStore
from config.errors import FairgateError, StoreError
from config.settings import Settings, StoreSettings
from config.state import StateFolder
from tests.analytics.spool.samples import SEALER, web_event
from tests.support.stores import ROOT, embedded_store, native_server, remote, running_daemon

_RUN = """
import sys
from pathlib import Path
from analytics.daemon import serve
from config.settings import Settings, StoreSettings
from config.state import StateFolder
serve(Settings(school="oakfield", school_name="Oakfield Primary"), StateFolder(Path(sys.argv[1])))
"""
_OPEN = """
import sys
from pathlib import Path
from analytics.store.embedded import EmbeddedStore
from config.errors import StoreError
try:
    EmbeddedStore(Path(sys.argv[1]))
except StoreError as refused:
    sys.exit(str(refused))
"""


@contextmanager
def process(root: Path) -> Iterator[subprocess.Popen[str]]:
    """`fairgate store` as a process of its own, ready."""
    ready = root / "run" / "store.ready"
    ready.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-c", _RUN, str(root)], cwd=ROOT, text=True) as started:
        try:
            _waited(ready.exists)
            yield started
        finally:
            started.kill()


def _waited(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 180
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _count(store: RemoteStore, table: str = "events") -> int:
    return int(store.arrow(f"SELECT count() AS n FROM {table}").to_pylist()[0]["n"])  # noqa: S608 - our own tables


def test_a_spooled_record_is_on_the_pages_side_of_the_socket(tmp_path: Path) -> None:
    with running_daemon(tmp_path) as (settings, state):
        store = remote(settings, state)
        with SpoolWriter(state.spool / "gate-0", "oakfield", "gate-0", SEALER) as writer:
            assert writer.put(web_event())
            _waited(lambda: _count(store, "visits_now") == 1)
        frame = store.query("SELECT host, day FROM visits_now WHERE person_id = {p:String}", {"p": "p-01"})
        assert frame["host"].tolist() == ["www.shop.example"]
        assert pd.api.types.is_datetime64_dtype(frame["day"])
        status = store.status()
        assert (status["events"], status["damaged"], status["fault"]) == (1, 0, "")
        store.close()


def test_it_is_ready_exactly_while_it_serves(tmp_path: Path) -> None:
    with running_daemon(tmp_path) as (settings, state):
        ready = state.root / "run" / "store.ready"
        _waited(ready.exists)
        assert ready.read_text() == str(os.getpid())
        assert state.store_socket.parent.stat().st_mode & 0o777 == 0o700
    assert not ready.exists()
    with pytest.raises(StoreError, match=r"The store does not answer at .*Start it with `fairgate store`"):
        remote(settings, state).query("SELECT 1")


def test_a_second_store_on_the_same_state_is_refused(tmp_path: Path) -> None:
    with running_daemon(tmp_path) as (settings, state):
        _waited((state.root / "run" / "store.ready").exists)
        with pytest.raises(FairgateError, match=r"Another fairgate store .* is already running"):
            serve(settings, state)


@pytest.mark.slow
def test_a_second_owner_of_the_embedded_store_is_refused(tmp_path: Path) -> None:
    with embedded_store(tmp_path / "chdb"):
        command = [sys.executable, "-c", _OPEN, str(tmp_path / "chdb")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "already open in another process" in second.stderr


def test_the_socket_works_under_a_path_longer_than_a_socket_may_have(tmp_path: Path) -> None:
    with running_daemon(tmp_path / ("long" * 40)) as (settings, state):
        _waited((state.root / "run" / "store.ready").exists)
        assert remote(settings, state).arrow("SELECT toInt64(1) AS one").to_pylist() == [{"one": 1}]


def test_the_socket_answers_questions_and_takes_nothing(tmp_path: Path) -> None:
    with running_daemon(tmp_path) as (settings, state):
        _waited((state.root / "run" / "store.ready").exists)
        store = remote(settings, state)
        with pytest.raises(StoreError, match="only answers questions"):
            store.insert("gaps", pa.table({"school": ["x"]}), "t")
        with pytest.raises(StoreError, match="only answers questions"):
            store.command("DROP TABLE events")
        for sql in ("DROP TABLE events", "SELECT * FROM file('/etc/passwd', 'LineAsString')", "SELECT 1; SELECT 2"):
            with pytest.raises(StoreError, match="The store refused"):
                store.query(sql)
        with pytest.raises(StoreError) as refused:
            store.query("SELECT nothing FROM events")
        assert "code 47" in str(refused.value)
        assert "Detail" not in str(refused.value)
        assert _count(store) == 0


@pytest.mark.slow
def test_a_reader_goes_on_after_the_store_was_restarted(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    store = RemoteStore(state.store_socket)
    for _ in range(2):
        with process(tmp_path) as running:
            assert _count(store) == 0
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0
        assert not (tmp_path / "run" / "store.ready").exists()


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    sent = 0
    with SpoolWriter(state.spool / "gate-0", "oakfield", "gate-0", SEALER, max_seconds=0.5) as writer:
        for life in range(4):
            with process(tmp_path) as running:
                until = time.monotonic() + 0.3 + life * 0.37
                while time.monotonic() < until:
                    sent += writer.put(web_event(sent))
                    time.sleep(0.001)
                running.kill()
    store = RemoteStore(state.store_socket)
    with process(tmp_path):
        _waited(lambda: _count(store, "visits_now") >= sent)
        [row] = store.arrow("SELECT count() AS n, uniqExact(event_id) AS u FROM events").to_pylist()
        assert row == {"n": sent, "u": sent}
        assert _count(store, "visits_now") == sent
        sealed = "SELECT sum(count) AS n, sum(length(leaves)) AS l FROM seals_once"
        _waited(lambda: store.arrow(sealed).to_pylist() == [{"n": sent, "l": sent}])
        assert _count(store, "gaps_once") == 0


@pytest.mark.slow
def test_with_a_server_as_the_store_it_only_loads(tmp_path: Path) -> None:
    with native_server(tmp_path / "served") as port:
        settings = Settings(
            school="oakfield", school_name="Oakfield Primary", store=StoreSettings(backend="server", port=port)
        )
        state, stop = StateFolder(tmp_path / "state").prepare(), Event()
        thread = Thread(target=serve, args=(settings, state, stop))
        thread.start()
        with SpoolWriter(state.spool / "gate-0", "oakfield", "gate-0", SEALER) as writer:
            assert writer.put(web_event())
        _waited((state.root / "run" / "store.ready").exists)
        store = open_store(settings, state)
        _waited(lambda: store.arrow("SELECT count() AS n FROM visits_now").to_pylist() == [{"n": 1}])
        assert not state.store_socket.exists()
        stop.set()
        thread.join()
        store.close()


def test_a_server_that_is_down_is_one_plain_sentence(tmp_path: Path) -> None:
    with native_server(tmp_path / "served") as port:
        store = ServerStore(Settings(school="oakfield", school_name="O", store=StoreSettings(port=port)).store)
        store.create_database()
        assert store.arrow("SELECT toInt64(1) AS one").num_rows == 1
    with pytest.raises(StoreError, match=rf"The store does not answer at 127\.0\.0\.1:{port}"):
        store.query("SELECT 1")


def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    settings = Settings(school="oakfield", school_name="O", store=StoreSettings(password_file=tmp_path / "absent"))
    with pytest.raises(StoreError, match=r"password file .*absent cannot be read"):
        ServerStore(settings.store)
