"""A server that speaks ClickHouse's native TCP protocol on loopback and runs every statement on an in-process chDB.

What it proves, since the engine is today's ClickHouse: the driver's encoding, our SQL, types, bound parameters,
deduplication tokens, settings and errors. What it cannot: a real server's insert atomicity (whole inserts are buffered
here), authentication and quotas, TLS, progress, compression, replication.

Run as a process (`python -m tests.support.native_server FOLDER`): chDB has one path a process, and the tests' own is
taken by the embedded store. It writes its port as the first line of its output, and ends when its input closes.
"""

import argparse
import io
import json
import re
import socketserver
import struct
import sys
import threading
from pathlib import Path
from typing import Any, Final

from chdb.state.sqlitelike import Connection

from tests.support.native_wire import BLOCK_INFO, BlockCopier, Column, Reader, header, text, varint

_REVISION: Final = 54468
_HELLO, _QUERY, _DATA, _PING = 0, 1, 2, 4
_SERVER_DATA, _EXCEPTION, _PONG, _END, _PROFILE_EVENTS = 1, 2, 4, 5, 14
_ANSWERED: Final = re.compile(r"^\s*(SELECT|WITH|SHOW|DESCRIBE|EXPLAIN|EXISTS)\b", re.IGNORECASE)
_INSERT: Final = re.compile(r"^\s*INSERT\s+INTO\s+(\w+)\s*\(([^)]*)\)\s*VALUES\s*$", re.IGNORECASE)
_NO_COLUMNS: Final = BLOCK_INFO + b"\0\0"


class NativeServer(socketserver.ThreadingTCPServer):
    """Serves the chDB in `folder` on a free loopback port."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keeper = Connection(str(folder))
        self.opening = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Session)


class _Session(socketserver.StreamRequestHandler):
    """One client's connection, with a chDB handle of its own: settings and USE belong to the handle."""

    server: NativeServer
    wbufsize = -1

    def handle(self) -> None:
        self._in = Reader(self.rfile)
        with self.server.opening:
            self._handle = Connection(str(self.server.folder))
        try:
            if self._in.varint() == _HELLO:
                self._hello()
                while True:
                    self._packet(self._in.varint())
        except (EOFError, OSError):
            pass
        finally:
            self._handle.close()

    def _hello(self) -> None:
        self._in.text(), self._in.varint(), self._in.varint(), self._in.varint()
        self._database, _user, _password = self._in.text(), self._in.text(), self._in.text()
        out = self.wfile
        out.write(varint(_HELLO) + text("Fairgate test server") + varint(26) + varint(9) + varint(_REVISION))
        out.write(text("UTC") + text("test") + varint(2) + varint(0) + struct.pack("<Q", 0))
        out.flush()
        self._in.text()
        self._missing = self._use(self._database)

    def _use(self, database: str) -> str:
        try:
            self._handle.query(f"USE {database}")
        except RuntimeError as fault:
            return str(fault)
        return ""

    def _packet(self, kind: int) -> None:
        if kind == _PING:
            self.wfile.write(varint(_PONG))
        elif kind == _QUERY:
            settings, sql, params = self._query()
            self._run(settings, sql, params)
        else:
            raise OSError(f"packet {kind} is not known here")
        self.wfile.flush()

    def _query(self) -> tuple[dict[str, str], str, dict[str, str]]:
        self._in.text()
        self._client_info()
        settings = self._pairs()
        self._in.text(), self._in.varint(), self._in.varint()
        sql = self._in.text()
        params = {name: _restored(value) for name, value in self._pairs().items()}
        while self._block()[2]:
            raise OSError("external tables are not known here")
        return settings, sql, params

    def _client_info(self) -> None:
        read = self._in
        if not read.byte():
            return
        read.text(), read.text(), read.text(), read.u64(), read.byte()
        read.text(), read.text(), read.text(), read.varint(), read.varint(), read.varint()
        read.text(), read.varint(), read.varint()
        if read.byte():
            raise OSError("tracing is not known here")
        read.varint(), read.varint(), read.varint()

    def _pairs(self) -> dict[str, str]:
        found = {}
        while name := self._in.text():
            self._in.varint()
            found[name] = self._in.text()
        return found

    def _block(self) -> tuple[bytes, list[Column], int]:
        """The client's next Data packet, as chDB's Native format."""
        if self._in.varint() != _DATA:
            raise OSError("a Data packet was due")
        self._in.text()
        return BlockCopier(self._in, from_tcp=True, to_tcp=False).block()

    def _run(self, settings: dict[str, str], sql: str, params: dict[str, str]) -> None:
        applied: list[str] = []
        try:
            if self._missing:
                raise RuntimeError(self._missing)
            for name, value in settings.items():
                self._handle.query(f"SET {name}='{_escaped(value)}'")
                applied.append(name)
            self._answer(sql, params)
            self.wfile.write(varint(_END))
        except RuntimeError as fault:
            self.wfile.write(_exception(str(fault)))
        finally:
            self._undo(applied)

    def _undo(self, names: list[str]) -> None:
        if "readonly" in names:
            # Read-only for good: the next statement needs a handle that is not.
            self._handle.close()
            with self.server.opening:
                self._handle = Connection(str(self.server.folder))
            self._use(self._database)
            return
        for name in names:
            self._handle.query(f"SET {name}=DEFAULT")

    def _answer(self, sql: str, params: dict[str, str]) -> None:
        if insert := _INSERT.match(sql):
            self._insert(insert[1], insert[2])
        elif _ANSWERED.match(sql):
            self._select(sql, params)
        else:
            self._handle.query(sql, params=params)

    def _select(self, sql: str, params: dict[str, str]) -> None:
        data = self._handle.query(sql, "Native", params=params).bytes()
        stream = io.BytesIO(data)
        copier = BlockCopier(Reader(stream), from_tcp=False, to_tcp=True)
        blocks = []
        while stream.tell() < len(data):
            blocks.append(copier.block())
        columns = blocks[0][1] if blocks else self._columns(sql, params)
        for block in (header(columns), *(block for block, _, _ in blocks)):
            self.wfile.write(varint(_SERVER_DATA) + text("") + block)

    def _columns(self, sql: str, params: dict[str, str]) -> list[Column]:
        meta = json.loads(self._handle.query(sql, "JSONCompact", params=params).bytes())["meta"]
        return [(column["name"], column["type"]) for column in meta]

    def _insert(self, table: str, names: str) -> None:
        columns = self._columns(f"SELECT {names} FROM {table} LIMIT 0", {})  # noqa: S608 - names of our own tables
        self.wfile.write(varint(_SERVER_DATA) + text("") + header(columns))
        self.wfile.flush()
        blocks = []
        while True:
            block, _, rows = self._block()
            self.wfile.write(varint(_PROFILE_EVENTS) + text("") + _NO_COLUMNS)
            self.wfile.flush()
            if not rows:
                break
            blocks.append(block)
        with self._handle.send_insert(f"INSERT INTO {table} ({names})", "Native") as sink:
            for block in blocks:
                sink.append(block)
            sink.finish()


def _exception(said: str) -> bytes:
    found = re.search(r"Code: (\d+)", said)
    code = int(found[1]) if found else 1000
    return varint(_EXCEPTION) + struct.pack("<i", code) + text("DB::Exception") + text(said) + text("stack") + b"\0"


_UNESCAPED: Final = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}


def _restored(dumped: str) -> str:
    """A parameter as the driver dumps it: in quotes, with escapes."""
    return re.sub(r"\\(.)", lambda found: _UNESCAPED.get(found[1], found[1]), dumped[1:-1], flags=re.DOTALL)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def main(argv: list[str]) -> Any:
    """Serve until standard input closes."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    with NativeServer(options.parse_args(argv).folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main(sys.argv[1:])
