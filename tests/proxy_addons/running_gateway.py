"""A school with a real gateway process for tests: its state folder, snapshot and settings, and what it spooled."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from analytics.event import WebEvent
from analytics.records import Record
from analytics.snapshot import Device, DeviceClass, Permission, Person, Snapshot, write_snapshot
from analytics.spool import read_records, segments
from config.state import DEMONSTRATION_MARK, StateFolder
from tests.proxy_addons.local_web import LocalWeb, free_port, wait_until

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "correct horse"
# Cheap on purpose: the cost of a password check is not what these tests are about.
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
START = (
    "import sys; from pathlib import Path; from config.errors import FairgateError\n"
    "from config.settings import load_settings; from config.state import StateFolder\n"
    "from proxy_addons.run import run_gateway\n"
    "state = StateFolder(Path(sys.argv[1]))\n"
    "try:\n    run_gateway(load_settings(state.settings), state)\n"
    "except FairgateError as fault:\n    print(fault, file=sys.stderr); sys.exit(2)\n"
)

ANNE = Person(
    person_id="p-anne", username="anne", password_hash=HASHED, from_ms=1, until_ms=0, told_ms=1, hours="teacher"
)
BEN = replace(ANNE, person_id="p-ben", username="ben")
UNTOLD = replace(ANNE, person_id="p-una", username="una", told_ms=0)


def device(device_class: DeviceClass, person: str | None = None, *addresses: str) -> Device:
    """A device at 127.0.0.1 unless told otherwise."""
    return Device(
        device_id="d-1",
        device_class=device_class,
        addresses=addresses or ("127.0.0.1",),
        person_id=person,
        from_ms=1,
    )


ANNES_LAPTOP = device(DeviceClass.STAFF, "p-anne")


@dataclass
class School:
    """One school in `root`. Change what it needs before `start`."""

    root: Path
    web: LocalWeb | None = None
    devices: tuple[Device, ...] = (ANNES_LAPTOP,)
    people: tuple[Person, ...] = (ANNE, BEN, UNTOLD)
    permissions: tuple[Permission, ...] = ()
    gateway: dict[str, Any] = field(default_factory=dict)
    notice_version: str = ""
    transparent: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    identity: dict[str, Any] = field(
        default_factory=lambda: {
            "listen_host": "127.0.0.1",
            "portal_port": free_port(),
            "portal_tls_port": free_port(),
        }
    )

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.root)

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signed_in(self, username: str, password: str = PASSWORD) -> str:
        """The proxy's address with credentials."""
        return f"http://{username}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}"

    @property
    def ca(self) -> str:
        return str(self.state.ca / "mitmproxy-ca-cert.pem")

    @property
    def spool(self) -> Path:
        return self.state.spool / "gate-0"

    def prepare(self) -> None:
        self.state.prepare()
        options: dict[str, Any] = {"listen_port": self.port, "heartbeat_seconds": 600}
        if self.web is not None:
            (self.root / DEMONSTRATION_MARK).touch()
            options |= {"stand_in": self.web.address, "upstream_ca": str(self.web.authority.certificate)}
        lines = [f"{name} = {json.dumps(value)}" for name, value in (options | self.gateway).items()]
        lines += ["[transparent]", *(f"{name} = {json.dumps(value)}" for name, value in self.transparent.items())]
        text = 'school = "oak"\nschool_name = "Oak Primary"\n[gateway]\n' + "\n".join(lines) + "\n"
        text += "[identity]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in self.identity.items())
        self.state.settings.write_text(text)
        self.publish()

    def publish(self) -> None:
        """Write the snapshot as this school now is."""
        snapshot = Snapshot(
            school="oak",
            made_ms=1,
            people=self.people,
            devices=self.devices,
            permissions=self.permissions,
            notice_version=self.notice_version,
        )
        write_snapshot(snapshot, self.state.snapshot)

    def start(self, *, ready: bool = True, command: list[str] | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command or [sys.executable, "-c", START, str(self.root)],
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore", "FAIRGATE_STATE": str(self.root)},
        )
        if ready and not wait_until(lambda: self._ready() or process.poll() is not None):
            process.kill()
        if ready and process.poll() is not None:
            raise AssertionError(f"the gateway did not start: {process.communicate()[1]}")
        return process

    def _ready(self) -> bool:
        return (self.root / "run" / "gateway.ready").exists()

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """A gateway that has ended, cleanly, when the context ends."""
        self.prepare()
        process = self.start()
        try:
            yield process
        finally:
            stop(process)

    def records(self) -> list[Record]:
        """All good records on the spool; a damaged line fails the test."""
        lines = [line for segment in segments(self.spool) for line in read_records(segment.path)]
        assert [line.fault for line in lines if line.fault] == []
        return [line.record for line in lines if line.record is not None]

    def events(self) -> list[WebEvent]:
        return [record for record in self.records() if isinstance(record, WebEvent)]


def stop(process: subprocess.Popen[str]) -> str:
    """SIGTERM, and what it said on standard error."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        said = process.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.returncode == 0, said
    return said
