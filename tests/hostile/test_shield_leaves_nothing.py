"""The shield on a real school: processes, files, store, pages, logs and a crash, searched for what must not be there.

People browse through a real gateway; the gateway is stopped, started, cut off from the web and killed. Then every byte
that is left anywhere is searched for the canaries of what was shielded. The same search must find the ordinary ones.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.demonstration.cast import BUNDLE_MEMBER, BY_KEY, CHAIR, HEADTEACHER
from analytics.demonstration.loaded import wait_idle
from analytics.demonstration.school import DemoSchool, found_school
from analytics.event import WebEvent
from analytics.evidence.export import export_report
from analytics.records import Heartbeat, Record, ShieldCount
from analytics.spool import read_records, segments
from analytics.store.remote import RemoteStore
from config.policy import load_policy
from config.settings import load_settings
from dashboard.app import create_app
from dashboard.moments import london_day, now_ms
from tests.hostile import shield_scan
from tests.hostile.shield_scan import Left
from tests.hostile.shielded_visits import Visitor, around, ordinary, shielded, unreachable
from tests.proxy_addons.local_web import LocalWeb, free_port, wait_until
from tests.proxy_addons.running_gateway import School, stop
from tests.proxy_addons.supervised import worker_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed (poppler-utils)"),
]

READER, ONLY_SHIELDED = BUNDLE_MEMBER, "doherty"
"""Somebody who does both, and somebody who never does anything ordinary."""
ASKED_OF_PYTHON = ("PYTHONASYNCIODEBUG", "PYTHONDEVMODE", "PYTHONFAULTHANDLER", "PYTHONTRACEMALLOC")
"""Whatever an operator can set to be told more."""
SETTINGS = """
school = "oakfield-demo"
school_name = "Oakfield"
[gateway]
listen_port = {port}
stand_in = "{web}"
upstream_ca = "{ca}"
heartbeat_seconds = 1
[store]
load_seconds = 0.2
"""


@dataclass
class Place:
    """One school on one folder, and what it left."""

    folder: Path
    school: DemoSchool
    web: LocalWeb
    port: int = field(default_factory=free_port)
    counted_before_crash: int = 0
    left: Left = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.school.state.root

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """`fairgate NAME`, told to say as much as it can and allowed to leave a core dump, once it is ready."""
        ready = self.state / "run" / f"{name}.ready"
        ready.unlink(missing_ok=True)
        told = dict.fromkeys(ASKED_OF_PYTHON, "1")
        told |= {"SSLKEYLOGFILE": str(self.folder / "tls-keys"), "FAIRGATE_LOG_LEVEL": "debug", "LOG_LEVEL": "debug"}
        with (self.folder / "said" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-X", "dev", "-m", "fairgate", name, "--state", str(self.state)],
                cwd=self.folder / "cores",
                stdout=log,
                stderr=log,
                env={**os.environ, **(told if name == "gateway" else {})},
                preexec_fn=allow_cores,
            )
        assert wait_until(lambda: ready.exists() or process.poll() is not None, 120)
        assert process.poll() is None, self.said(name)
        return process

    def said(self, name: str) -> str:
        return (self.folder / "said" / f"{name}.log").read_text("utf-8", "replace")

    def visitor(self, key: str) -> Visitor:
        """A member of the cast, signed in at the proxy."""
        password = self.school.people[key].password
        both = self.folder / "both.pem"
        ours = self.school.state.ca / "mitmproxy-ca-cert.pem"
        both.write_text(self.web.authority.certificate.read_text() + ours.read_text())
        self.visitors.append(Visitor(key, f"http://{BY_KEY[key].username}:{password}@127.0.0.1:{self.port}", both))
        return self.visitors[-1]

    def on_spool(self) -> list[Record]:
        found = (
            line.record for each in segments(self.school.state.spool / "gate-0") for line in read_records(each.path)
        )
        return [record for record in found if record is not None]


def allow_cores() -> None:
    """What a parent would do that wants a core dump."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    return process.wait(30)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("shield")
    for name in ("said", "cores"):
        (folder / name).mkdir()
    school = found_school(folder / "state", load_policy())
    with LocalWeb(folder / "web") as web:
        made = Place(folder, school, web)
        text = SETTINGS.format(port=made.port, web=web.address, ca=web.authority.certificate)
        school.state.settings.write_text(text)
        _browse(made)
    _cut_off_and_crash(made)
    _look_at_everything(made)
    return made


def _browse(place: Place) -> None:
    gateway = place.start("gateway")
    reader, only = place.visitor(READER), place.visitor(ONLY_SHIELDED)
    for visitor in (reader, only):
        shielded(visitor, place.web.expired.add)
    around(reader)
    ordinary(reader)
    wrong = Visitor("wrong", reader.proxy.replace("@", "x@"), reader.ca)
    place.visitors.append(wrong)
    assert wrong.fetch(f"http://{wrong.site()}/{wrong.canary()}") == 407
    untold = next(member.key for member in BY_KEY.values() if not member.told)
    assert place.visitor(untold).fetch(f"http://{place.visitors[-1].site()}/{place.visitors[-1].canary()}") == 200
    health = subprocess.run(
        [sys.executable, "-m", "fairgate", "health", "gateway", "--state", str(place.state)],
        capture_output=True,
        check=True,
    )
    place.left["health"] = health.stdout + health.stderr
    assert end(gateway) == 0, place.said("gateway")
    place.counted_before_crash = sum(visitor.counted for visitor in place.visitors)
    place.records = place.on_spool()


def _cut_off_and_crash(place: Place) -> None:
    """No site answers any more; then the worker is killed in a way that asks for a core dump, and is started again."""
    gateway = place.start("gateway")
    unreachable(place.visitors[0])
    assert wait_until(lambda: place.visitors[0].ordinary[-1] in repr(place.on_spool()))
    os.kill(killed := worker_of(place.state), signal.SIGABRT)
    assert wait_until(lambda: worker_of(place.state) not in (0, killed), 120)
    assert end(gateway) == 0


def _look_at_everything(place: Place) -> None:
    store_process = place.start("store")
    try:
        store = RemoteStore(place.school.state.store_socket)
        wait_idle(store)
        today = london_day(now_ms())
        settings, people = load_settings(place.school.state.settings), place.school.people
        for key in (READER, ONLY_SHIELDED):
            out = place.folder / f"{key}.zip"
            first = today - timedelta(days=1)
            export_report(settings, place.school.state, people[key].person_id, first, today, out)
        app = create_app(settings, place.school.state)
        for key in (HEADTEACHER, CHAIR):
            ids = [enrolled.person_id for enrolled in people.values()]
            place.left |= shield_scan.pages(app, BY_KEY[key].username, people[key].password, ids, store)
        place.left |= shield_scan.rows(store)
    finally:
        assert end(store_process) == 0
    # The stand-in web saw every request, and keeps a certificate for each name: that folder is the world, not ours.
    for name in ("state", "said", "cores"):
        place.left |= shield_scan.files(place.folder / name)
    for bundle in place.folder.glob("*.zip"):
        place.left |= shield_scan.opened(str(bundle), bundle.read_bytes())


def test_nothing_shielded_is_anywhere(place: Place) -> None:
    canaries = [word for visitor in place.visitors for word in visitor.canaries]
    assert len(canaries) > 60
    assert shield_scan.holding(place.left, canaries) == {}
    # Nor is what was asked for, but for the canaries: the policy's own words lie elsewhere.
    assert shield_scan.holding(place.left, ["samaritans", "online-doctor", "union rep", "panic-attacks"]) == {}


def test_the_same_search_finds_all_that_is_ordinary_in_files_rows_pages_and_bundle(place: Place) -> None:
    reader = place.visitors[0]
    found = shield_scan.holding(place.left, reader.ordinary)
    assert set(found) == set(reader.ordinary)
    for sort in ("/spool/", "table ", f"page /person/{place.school.people[READER].person_id}", f"{READER}.zip!"):
        assert any(sort in where for where in found[reader.ordinary[2]]), sort
    assert any(where.endswith(" as text") for where in place.left), "the report's own words were read"


def test_who_did_nothing_ordinary_is_in_no_record_and_no_log(place: Place) -> None:
    person, name = place.school.people[ONLY_SHIELDED].person_id, BY_KEY[ONLY_SHIELDED].username
    found = shield_scan.holding(place.left, [person, name])
    recorded = [where for places in found.values() for where in places if "/gateway/" in where or "table " in where]
    assert recorded == []
    assert not any("/said/" in where for places in found.values() for where in places)
    assert person in {where.split("/")[2].split(" ")[0] for where in place.left if where.startswith("page /person/")}


def test_exactly_a_count_is_kept(place: Place) -> None:
    counts = [record for record in place.records if isinstance(record, ShieldCount)]
    assert sum(record.count for record in counts) == place.counted_before_crash
    beats = [record for record in place.records if isinstance(record, Heartbeat)]
    events = [record for record in place.records if isinstance(record, WebEvent)]
    untold = sum(beat.untold for beat in beats)
    assert sum(beat.requests for beat in beats) == len(events) + untold, "more would tell the minute of the shielded"
    assert sum(beat.passed_through for beat in beats) == 0
    assert sum(beat.hook_errors for beat in beats) == 0


def test_a_click_from_a_shielded_page_and_the_way_back_from_one_look_typed(place: Place) -> None:
    marks = place.visitors[0].ordinary[:2]
    found = [event for event in place.records if isinstance(event, WebEvent) and event.host.partition(".")[0] in marks]
    assert [(event.initiator_host, event.kind_reason) for event in found] == [("", "typed_or_clicked")] * 2


def test_a_crash_leaves_no_core_and_no_tls_secret_is_written(place: Place) -> None:
    assert list((place.folder / "cores").iterdir()) == []
    assert not (place.folder / "tls-keys").exists()


def test_another_process_would_have_left_one(place: Place, tmp_path: Path) -> None:
    if not Path("/proc/sys/kernel/core_pattern").read_text("ascii").startswith("core"):
        pytest.skip("this system hands core dumps to a program")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this system allows no core dumps at all")
    subprocess.run([sys.executable, "-c", "import os; os.abort()"], cwd=tmp_path, preexec_fn=allow_cores, check=False)
    assert [path.name.partition(".")[0] for path in tmp_path.iterdir()] == ["core"]


WITHOUT_POWERS = (
    "import ctypes, os, sys\n"
    "for power in range(64): ctypes.CDLL(None).prctl(24, power, 0, 0, 0)\n"  # PR_CAPBSET_DROP
    "os.execv(sys.executable, [sys.executable, '-W', 'ignore', *sys.argv[1:]])\n"
)
"""Starts Python as any account would: root is root only by its powers, which no other account has."""
READ_MEMORY = (
    "import pathlib, sys\n"
    "maps = pathlib.Path('/proc', sys.argv[1], 'maps').read_text().splitlines()\n"
    "start, end = (int(part, 16) for part in next(m for m in maps if '[heap]' in m).split()[0].split('-'))\n"
    "memory = open(f'/proc/{sys.argv[1]}/mem', 'rb', 0)\n"
    "memory.seek(start)\n"
    "print(len(memory.read(end - start)))\n"
)


def plainly(*arguments: str) -> list[str]:
    """The command that runs Python with `arguments`, without powers."""
    return [sys.executable, "-c", WITHOUT_POWERS, *arguments]


def readable(process_id: int) -> bool:
    """Whether another process of the same account can read this one's memory."""
    return subprocess.run(plainly("-c", READ_MEMORY, str(process_id)), capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can close a process's memory")
def test_its_memory_is_closed_to_other_processes_of_its_account(tmp_path: Path) -> None:
    other = subprocess.Popen(plainly("-c", "print('up', flush=True); input()"), stdin=-1, stdout=-1)
    assert other.stdout is not None
    other.stdout.readline()
    with_that_right = readable(other.pid)
    other.communicate(b"\n")
    if not with_that_right:
        pytest.skip("this system lets no process read another's memory")
    school = School(tmp_path / "state")
    school.prepare()
    gateway = school.start(command=plainly("-m", "fairgate", "gateway", "--state", str(school.root)))
    try:
        assert not readable(worker_of(school.root))
    finally:
        stop(gateway)
