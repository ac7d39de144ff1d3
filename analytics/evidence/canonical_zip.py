"""The one form of zip that a bundle has.

Owns its bytes: given files in a given order, stored uncompressed, dated 1 January 1980, without extra fields, comments
or flags. Promises: the same files always make the same bytes, so a checker can ask for exactly these, and no byte of
the zip is outside what it checks. (Compressed bytes would depend on the zlib at hand.)
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Final

from config.errors import EvidenceError

_NEEDS: Final = 20
_DATE_1980_01_01: Final = 0x21
LARGEST: Final = 2**32 - 1


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """The zip of `files`, in their order; names are plain ASCII.

    Raises:
        EvidenceError: too large for a zip without extensions (4 GiB).
    """
    body, directory = bytearray(), bytearray()
    for name, data in files.items():
        shared = _shared_header(name, data)
        directory += b"PK\x01\x02" + struct.pack("<H", _NEEDS) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode("ascii")
        body += b"PK\x03\x04" + shared + name.encode("ascii") + data
    if len(body) + len(directory) > LARGEST:
        raise EvidenceError("The bundle would be larger than 4 GiB. Ask for a shorter period.")
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + end)


def _shared_header(name: str, data: bytes) -> bytes:
    """What a file's own header and its directory entry have in common."""
    if len(data) > LARGEST:
        raise EvidenceError(f"{name} would be larger than 4 GiB. Ask for a shorter period.")
    flags = stored = midnight = no_extra = 0
    return struct.pack(
        "<HHHHHIIIHH",
        _NEEDS,
        flags,
        stored,
        midnight,
        _DATE_1980_01_01,
        zlib.crc32(data),
        len(data),
        len(data),
        len(name),
        no_extra,
    )
