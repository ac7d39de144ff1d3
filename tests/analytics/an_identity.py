"""An identity for tests of its sources and pages: a register, a table, and a spool that keeps what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics.bindings import Binding, Heart, IdentityTable
from analytics.live_register import LiveRegister
from analytics.records import BindingChange, Record
from analytics.registrar import Registrar
from analytics.snapshot import Device, Person, Snapshot, write_snapshot
from analytics.sources.source import Identity, now_ms, rules_of
from config.policy import load_policy
from config.settings import Settings
from config.state import StateFolder
from tests.proxy_addons.running_gateway import ANNE, BEN


@dataclass
class Kept:
    """In the place of a spool; what it takes is durable at once."""

    records: list[Record] = field(default_factory=list)

    def offer(self, record: Record) -> bool:
        self.records.append(record)
        return True

    @property
    def taken(self) -> int:
        return len(self.records)

    @property
    def durable(self) -> int:
        return len(self.records)

    @property
    def faults(self) -> int:
        return 0

    @property
    def changes(self) -> list[BindingChange]:
        return [record for record in self.records if isinstance(record, BindingChange)]


@dataclass
class Desk:
    """An identity and what it wrote."""

    identity: Identity
    kept: Kept

    @property
    def bound(self) -> list[Binding]:
        """What is open."""
        return list(self.identity.registrar.open_bindings)

    def publish(self, *devices: Device, people: tuple[Person, ...] = (ANNE, BEN)) -> None:
        """Another snapshot is in force."""
        write_snapshot(_snapshot(people, devices), self.identity.state.snapshot)
        self.identity.register.look()


@contextmanager
def an_identity(
    folder: Path, *devices: Device, people: tuple[Person, ...] = (ANNE, BEN), **identity: Any
) -> Iterator[Desk]:
    """With these people, devices and settings of the section [identity]."""
    state = StateFolder(folder / "state").prepare()
    write_snapshot(_snapshot(people, devices), state.snapshot)
    settings = Settings(school="oak", school_name="Oak Primary", identity=identity)
    table, kept, register = IdentityTable(state.identity), Kept(), LiveRegister(state.snapshot, "oak")
    Heart(state.identity).beat()
    try:
        yield Desk(
            Identity(
                settings=settings,
                state=state,
                policy=load_policy(None),
                register=register,
                registrar=Registrar(
                    table, kept, "oak", "gate-identity", now_ms, rules_of(settings, register, lambda *_: False)
                ),
            ),
            kept,
        )
    finally:
        table.close()


def _snapshot(people: tuple[Person, ...], devices: tuple[Device, ...]) -> Snapshot:
    return Snapshot(school="oak", made_ms=1, people=people, devices=devices, permissions=(), notice_version="notice-1")
