"""A school's spool and its loader, for tests of what reaches the store; and a store that fails on demand."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analytics.loader import Loader
from analytics.records import Record
from analytics.spool import SpoolWriter
from analytics.spool.line import frame
from analytics.store import EventStore
from analytics.store.embedded import EmbeddedStore
from analytics.store.event_store import Parameter
from tests.analytics.spool.samples import SEALER, web_event

DAY_MS = 86_400_000


class Killed(BaseException):
    """Stands for the process ending here."""


def waited(loader: Loader, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        loader.step()


@dataclass
class FailingStore:
    """The real store, until `fault` says otherwise: it is asked before and after each insert."""

    store: EventStore
    fault: Callable[[str, str], None]

    def insert(self, table: str, rows: pa.Table, token: str) -> None:
        self.fault("before", table)
        self.store.insert(table, rows, token)
        self.fault("after", table)

    def query(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pd.DataFrame:
        return self.store.query(sql, params)

    def arrow(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        return self.store.arrow(sql, params)

    def command(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        self.store.command(sql, params)

    def close(self) -> None:
        self.store.close()


@dataclass
class Gate:
    """A school of its own with one spool, over the shared store."""

    root: Path
    store: EmbeddedStore
    school: str

    @property
    def folder(self) -> Path:
        return self.root / "gate-0"

    def loader(self, store: EventStore | None = None, **options: Any) -> Loader:
        return Loader(self.root, store or self.store, self.school, **options)

    def writer(self) -> SpoolWriter:
        return SpoolWriter(self.folder, self.school, "gate-0", SEALER, group_commit_seconds=0.01)

    def spool(self, *spooled: Record) -> None:
        with self.writer() as writer:
            for record in spooled:
                assert writer.put(record)

    def events(self, count: int, **changes: Any) -> list[Record]:
        return [web_event(number, school=self.school, **changes) for number in range(count)]

    def rows(self, table: str, columns: str = "*") -> list[dict[str, Any]]:
        sql = f"SELECT {columns} FROM {table} WHERE school = {{school:String}}"  # noqa: S608 - names from these tests
        found: list[dict[str, Any]] = self.store.arrow(sql, {"school": self.school}).to_pylist()
        return found

    def count(self, table: str) -> int:
        return int(self.rows(table, "count() AS n")[0]["n"])


def closed_segment(gate: Gate, datas: list[bytes]) -> None:
    """A closed segment of these lines, as something else than our writer might leave it."""
    gate.folder.mkdir(parents=True)
    (gate.folder / "00000001.seg").write_bytes(b"".join(map(frame, datas)))


def change_byte(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
