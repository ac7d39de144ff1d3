"""ClickHouse's native wire: numbers, texts, and blocks of columns, copied between TCP and chDB's Native format.

A block has no length prefix, and TCP's has a little more around it than chDB's (revision 0), so columns are walked by
their types. Only the types our schema and queries use are known; another one is an error, not a guess.
"""

import io
import re
import struct
from typing import BinaryIO, Final

SIZES: Final = {
    "Bool": 1, "Int8": 1, "UInt8": 1, "Int16": 2, "UInt16": 2, "Int32": 4, "UInt32": 4, "Int64": 8, "UInt64": 8,
    "Float32": 4, "Float64": 8, "Date": 2, "DateTime": 4, "UUID": 16,
}  # fmt: skip
_WRAPPED: Final = re.compile(r"^(Nullable|LowCardinality|Array|FixedString)\((.*)\)$")
_INDEX_SIZES: Final = (1, 2, 4, 8)

type Column = tuple[str, str]
"""Name and type."""


class Reader:
    """Reads exact amounts from a stream; its end is `EOFError`."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def take(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) != size:
            raise EOFError
        return data

    def byte(self) -> int:
        return self.take(1)[0]

    def u64(self) -> int:
        return int(struct.unpack("<Q", self.take(8))[0])

    def varint(self) -> int:
        value = shift = 0
        while (byte := self.byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def text(self) -> str:
        return self.take(self.varint()).decode("utf-8", "surrogateescape")


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogateescape")
    return varint(len(data)) + data


class BlockCopier:
    """Copies blocks from `source`; `tcp` says whether each side has TCP's additions."""

    def __init__(self, source: Reader, *, from_tcp: bool, to_tcp: bool) -> None:
        self._source = source
        self._from_tcp = from_tcp
        self._to_tcp = to_tcp

    def block(self) -> tuple[bytes, list[Column], int]:
        """One block's bytes for the other side, its columns, and how many rows it has."""
        out = io.BytesIO()
        if self._from_tcp:
            block_info(self._source)
        if self._to_tcp:
            out.write(BLOCK_INFO)
        width, rows = self._source.varint(), self._source.varint()
        out.write(varint(width) + varint(rows))
        columns = [self._column(rows, out) for _ in range(width)]
        return out.getvalue(), columns, rows

    def _column(self, rows: int, out: BinaryIO) -> Column:
        name, kind = self._source.text(), self._source.text()
        out.write(text(name) + text(kind))
        if self._from_tcp and self._source.byte():
            raise ValueError("custom serialization is not known here")
        if self._to_tcp:
            out.write(b"\0")
        if rows:
            self._prefix(kind, out)
            self._body(kind, rows, out)
        return name, kind

    def _copy(self, size: int, out: BinaryIO) -> bytes:
        data = self._source.take(size)
        out.write(data)
        return data

    def _prefix(self, kind: str, out: BinaryIO) -> None:
        while wrapped := _WRAPPED.match(kind):
            if wrapped[1] == "LowCardinality":
                self._copy(8, out)
            kind = wrapped[2]

    def _body(self, kind: str, rows: int, out: BinaryIO) -> None:
        wrapped = _WRAPPED.match(kind)
        if wrapped is None:
            self._plain(kind, rows, out)
        elif wrapped[1] == "FixedString":
            self._copy(int(wrapped[2]) * rows, out)
        elif wrapped[1] == "Nullable":
            self._copy(rows, out)
            self._body(wrapped[2], rows, out)
        elif wrapped[1] == "Array":
            ends = self._copy(8 * rows, out)
            self._body(wrapped[2], struct.unpack("<Q", ends[-8:])[0] if rows else 0, out)
        elif rows:
            self._low_cardinality(wrapped[2], out)

    def _low_cardinality(self, kind: str, out: BinaryIO) -> None:
        flags = struct.unpack("<Q", self._copy(8, out))[0]
        keys = struct.unpack("<Q", self._copy(8, out))[0]
        self._body(
            kind.removeprefix("Nullable(").removesuffix(")") if kind.startswith("Nullable(") else kind, keys, out
        )
        rows = struct.unpack("<Q", self._copy(8, out))[0]
        self._copy(rows * _INDEX_SIZES[flags & 0xFF], out)

    def _plain(self, kind: str, rows: int, out: BinaryIO) -> None:
        if kind != "String":
            self._copy(SIZES[kind] * rows, out)
            return
        for _ in range(rows):
            size = self._source.varint()
            out.write(varint(size))
            self._copy(size, out)


BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"


def block_info(source: Reader) -> None:
    """Read past a block's info fields."""
    while number := source.varint():
        source.take(1 if number == 1 else 4)


def header(columns: list[Column], *, to_tcp: bool = True) -> bytes:
    """A block of these columns without rows."""
    custom = b"\0" if to_tcp else b""
    body = b"".join(text(name) + text(kind) + custom for name, kind in columns)
    return (BLOCK_INFO if to_tcp else b"") + varint(len(columns)) + varint(0) + body
