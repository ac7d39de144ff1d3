"""An archive or folder of lists, read without ever being unpacked.

Owns the walk over its members. Promises: nothing is written, so no name in it can reach outside; a name that tries
("../", "/etc") makes the whole archive suspect, and it is refused; it is read in one pass, and no more than
`LARGEST_BYTES` and `MOST_MEMBERS` of it, however small it was packed; one that ends in the middle, or is damaged, is
refused whole.
"""

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, cast

from analytics.lists.lines import ByteLines
from config.errors import ConfigError

LARGEST_BYTES: Final = 2**30
MOST_MEMBERS: Final = 20_000
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Member:
    """One file (`stream` to be read at once, before the next member), or a link to another name."""

    parts: tuple[str, ...]
    """Of its path inside, such as ("blacklists", "games", "domains")."""
    stream: ByteLines | None
    link: str | None


class _Bounded(io.RawIOBase):
    """Counts what is read of an unpacked stream, and stops a bomb."""

    def __init__(self, stream: IO[bytes], path: Path, largest: int) -> None:
        self._stream, self._path, self._left = stream, path, largest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ConfigError(
                f"{self._path} unpacks to more than any list of sites needs. Nothing of it was taken; "
                "ask its publisher for a sound copy."
            )
        buffer[: len(data)] = data
        return len(data)


def members(path: Path, largest: int = LARGEST_BYTES) -> Iterator[Member]:
    """Every file and link in the archive or folder at `path`.

    Raises:
        ConfigError: there is none, it is damaged, too large, or names places outside itself.
    """
    return _of_folder(path) if path.is_dir() else _of_archive(path, largest)


def _of_archive(path: Path, largest: int) -> Iterator[Member]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            plain = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if packed else file
            bounded = cast(IO[bytes], io.BufferedReader(_Bounded(plain, path, largest), 2**16))
            with tarfile.open(fileobj=bounded, mode="r|") as archive:
                yield from _of_tar(archive, path)
            # To its very end: only there does gzip tell whether it was whole.
            while bounded.read(2**16):
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise ConfigError(
            f"{path} is not a whole tar archive ({fault}). Nothing of it was taken; fetch it again."
        ) from fault
    except OSError as fault:
        raise ConfigError(f"{path} cannot be read ({fault.strerror}).") from fault


def _of_tar(archive: tarfile.TarFile, path: Path) -> Iterator[Member]:
    for number, member in enumerate(archive):
        if number >= MOST_MEMBERS:
            raise ConfigError(f"{path} holds more than {MOST_MEMBERS} files. Nothing of it was taken.")
        parts = _inside(member.name, path)
        if member.isreg():
            stream = archive.extractfile(member)
            assert stream is not None  # noqa: S101 - for the type checker; it is a file
            yield Member(parts, cast(ByteLines, stream), None)
        elif member.issym() or member.islnk():
            yield Member(parts, None, member.linkname)


def _inside(name: str, path: Path) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or "\x00" in name:
        raise ConfigError(
            f"{path} holds {name[:80]!r}, a name outside itself: it is not what a list's publisher makes. "
            "Nothing of it was taken."
        )
    return parts


def _of_folder(path: Path) -> Iterator[Member]:
    for folder, folders, names in os.walk(path):
        here = Path(folder)
        for name in sorted((*names, *(sub for sub in folders if (here / sub).is_symlink()))):
            found = here / name
            parts = found.relative_to(path.parent).parts
            if found.is_symlink():
                yield Member(parts, None, str(found.readlink()))
            elif found.is_file():
                with found.open("rb") as stream:
                    yield Member(parts, stream, None)
        folders.sort()
