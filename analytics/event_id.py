"""Event ids: UUIDv7 (RFC 9562) whose 74 random bits come from the operating system.

Owns nothing but the id. The random bits are not for uniqueness alone: leaf hashes of purged or undisclosed events
stay in seals, and without unpredictable bits somebody could guess an event and confirm it by its hash.
"""

import os
import time
import uuid


def new_event_id(ts_ms: int | None = None) -> str:
    """A fresh id in its usual 36-character form; `ts_ms` is UTC milliseconds, now where not given."""
    when = time.time_ns() // 1_000_000 if ts_ms is None else ts_ms
    bits = int.from_bytes(os.urandom(10), "big")
    value = (
        (when & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (bits >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | bits & 0x3FFF_FFFF_FFFF_FFFF
    )
    return str(uuid.UUID(int=value))
