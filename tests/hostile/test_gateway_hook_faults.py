"""A fault in any of our hooks never breaks the traffic; it is counted, and leaves a gap record."""

import contextlib
import functools
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.records import Gap, GapReason, Heartbeat
from config.settings import load_settings
from proxy_addons.assembly import assemble
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import START, School, stop
from tests.proxy_addons.unusual_web import UnusualHandler

pytestmark = pytest.mark.slow

HOOKS = (
    *("client_connected", "client_disconnected", "server_connect", "server_connected", "server_connect_error"),
    *("server_disconnected", "tls_clienthello", "http_connect", "http_connect_error", "requestheaders", "request"),
    *("responseheaders", "response", "error", "tcp_start", "tcp_message", "tcp_end"),
)
OURS_ALONE = {"StandIn", "Gateway"}
"""The demonstration's shortcut, without which no site is found here; and what closes the spool."""
INJECT = """
import functools, sys
from pathlib import Path
import proxy_addons.run as run
from proxy_addons.hook import guarded
plain, named = run.assemble, Path(sys.argv[1]) / "fault"
def now():
    try:
        return named.read_text()
    except OSError:
        return ""
def faulty(hook, name):
    @functools.wraps(hook)
    def maybe(self, *given):
        if now() == name:
            with open(str(named) + ".met", "a") as met:
                met.write(name + "\\n")
            raise RuntimeError("a fault put in by the test")
        return hook(self, *given)
    return maybe
def assemble(settings, state, worker=None):
    gateway = plain(settings, state, worker)
    for kind in {type(addon) for addon in gateway.pipeline}:
        for name in HOOKS:
            hook = vars(kind).get(name)
            if hook is not None and kind.__name__ not in OURS_ALONE:
                inner = getattr(hook, "__wrapped__", None)
                label = f"{kind.__name__}.{name}"
                setattr(kind, name, guarded(faulty(inner, label)) if inner else faulty(hook, label))
    return gateway
run.assemble = assemble
"""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web"), answering=UnusualHandler) as web:
        web.expired.add("expired.argos.co.uk")
        yield web


class Faulty:
    """A gateway one of whose hooks raises, whenever `hook` names it."""

    def __init__(self, school: School, web: LocalWeb) -> None:
        self.school, self._web = school, web
        self.trusted = school.root / "both.pem"
        self.trusted.write_text(Path(school.ca).read_text() + web.authority.certificate.read_text())
        self._named, self._met = school.root / "fault", school.root / "fault.met"

    @contextlib.contextmanager
    def raising(self, hook: str) -> Iterator[None]:
        self._named.write_text(hook)
        yield
        self._named.unlink()

    def met(self) -> list[str]:
        return self._met.read_text().split() if self._met.exists() else []

    def browse(self) -> None:
        """Every sort of traffic once, each of which must pass."""
        for url in ("https://www.argos.co.uk/a", "http://www.argos.co.uk/b", "https://www.barclays.co.uk/c"):
            answer = fetch(self.school, url, ca=str(self.trusted))
            assert (answer.status, answer.body[:3]) == (200, "<p>"), (url, answer)
        assert fetch(self.school, "https://expired.argos.co.uk/", ca=str(self.trusted)).status in (0, 502)
        assert fetch(self.school, "http://127.0.0.1:1/").status == 502
        assert fetch(self.school, "https://127.0.0.1:1/").connect in (200, 502)
        assert fetch(self.school, "http://slow.argos.co.uk/hang", "-m", "0.3").status == 0
        self._talk(b"GET http://m.argos.co.uk/switch HTTP/1.1\r\nHost: m.argos.co.uk\r\nUpgrade: m\r\n\r\n", b"dot")
        self._talk(b"CONNECT raw.argos.co.uk:80 HTTP/1.1\r\n\r\n", b"\x00\x01\x02 neither\r\n\r\n", b"400")

    def _talk(self, head: bytes, said: bytes, heard: bytes | None = None) -> None:
        with socket.create_connection(("127.0.0.1", self.school.port), timeout=5) as line:
            line.sendall(head)
            assert line.recv(4096).startswith(b"HTTP/1.1 ")
            line.sendall(said)
            assert (heard or said) in line.recv(4096)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, web: LocalWeb) -> Iterator[Faulty]:
    school = School(tmp_path_factory.mktemp("school") / "state", web)
    school.prepare()
    given = f"HOOKS, OURS_ALONE = {HOOKS!r}, {OURS_ALONE!r}\n"
    process = school.start(command=[sys.executable, "-c", given + INJECT + START, str(school.root)])
    faulty = Faulty(school, web)
    yield faulty
    _every_fault_is_counted(faulty, process)


def _every_fault_is_counted(faulty: Faulty, process: subprocess.Popen[str]) -> None:
    said, met = stop(process), faulty.met()
    assert said.count("hook_failed") == len(met)
    assert "a fault put in" not in said
    (beat,) = [record for record in faulty.school.records() if isinstance(record, Heartbeat)]
    (gap,) = [record for record in faulty.school.records() if isinstance(record, Gap)]
    assert (beat.hook_errors, gap.reason, gap.count) == (len(met), GapReason.HOOK_ERROR, len(met))


def _pairs() -> list[str]:
    """Every hook of every addon in the pipeline, as "Addon.hook"."""
    with tempfile.TemporaryDirectory() as folder:
        school = School(Path(folder) / "state")
        school.prepare()
        gateway = assemble(load_settings(school.state.settings), school.state)
        gateway.close()
    kinds = sorted({type(addon) for addon in gateway.pipeline}, key=lambda kind: kind.__name__)
    return [
        f"{kind.__name__}.{name}"
        for kind in kinds
        for name in HOOKS
        if name in vars(kind) and kind.__name__ not in OURS_ALONE
    ]


def test_without_a_fault_everything_passes(faulty: Faulty) -> None:
    faulty.browse()
    assert faulty.met() == []


def test_with_a_fault_in_any_hook_everything_passes_just_so(faulty: Faulty, subtests: pytest.Subtests) -> None:
    for hook in _pairs():
        with subtests.test(hook=hook), faulty.raising(hook):
            faulty.browse()
            assert wait_until(functools.partial(_was_met, faulty, hook), 5)


def _was_met(faulty: Faulty, hook: str) -> bool:
    return hook in faulty.met()


def test_a_hook_that_failed_is_back_at_once(faulty: Faulty) -> None:
    before = len(faulty.school.events())
    assert page(faulty.school, "https://last.argos.co.uk/").status == 200
    assert wait_until(lambda: len(faulty.school.events()) > before)
