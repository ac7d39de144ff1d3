"""Faults of an engine, in plain words.

Owns the one place where an exception of chDB, clickhouse-driver or Flight becomes a `StoreError`.
Promises: the engine's error code is kept, its stack and the statement are not.
"""

import re

from config.errors import StoreError

_CODE = re.compile(r"Code: (\d+)")
_NOISE = re.compile(
    r"(?:Code: \d+\.\s*)|(?:DB::Exception:\s*)|(?:\s*Stack trace:.*)|(?:\s*\(version [^)]*\)\s*)", re.DOTALL
)
_LONGEST = 300


def engine_fault(text: str, code: int | None = None) -> StoreError:
    """The error for what an engine said, with its code where it gave one."""
    if code is None and (found := _CODE.search(text)):
        code = int(found[1])
    said = " ".join(_NOISE.sub("", text).split())[:_LONGEST].rstrip(". ")
    return StoreError(f"The store refused a statement (code {code or 'unknown'}): {said}.")


def store_is_down(where: str) -> StoreError:
    """The error for a store that does not answer at `where`."""
    return StoreError(
        f"The store does not answer at {where}. Start it with `fairgate store`, or wait for it to come back; "
        "what the gateway records is kept meanwhile."
    )
