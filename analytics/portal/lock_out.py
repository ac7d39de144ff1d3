"""How often a wrong password may be tried at the portal.

Owns the counts, in memory alone. Promises: after a few wrong ones each further try waits longer, for that name at that
device, for that device, and for that name from everywhere; a right one clears the first; names are kept as keyed
digests; the memory is bounded.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

SHORTEST_SECONDS: Final = 30.0
LONGEST_SECONDS: Final = 900.0
FORGOTTEN_SECONDS: Final = 7200.0
PAIR, DEVICE, NAME = 5, 20, 50
"""Wrong tries that are free: of one name at one device, at one device, of one name anywhere."""
REMEMBERED: Final = 8192


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    last: float = 0.0
    locked_until: float = 0.0


class LockOut:
    """Counts wrong tries. Times are seconds on a clock that only goes forward."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._tries: OrderedDict[bytes, _Tries] = OrderedDict()

    def locked(self, username: str, client_ip: str, now: float) -> bool:
        """Whether this try is refused unlooked at."""
        found = (self._tries.get(key) for key, _ in self._keys(username, client_ip))
        return any(tries is not None and now < tries.locked_until for tries in found)

    def wrong(self, username: str, client_ip: str, now: float) -> None:
        """The password was wrong."""
        for key, free in self._keys(username, client_ip):
            tries = self._tries.pop(key, None) or _Tries()
            if now - tries.last > FORGOTTEN_SECONDS:
                tries = _Tries()
            tries.wrong, tries.last = tries.wrong + 1, now
            if tries.wrong >= free:
                tries.locked_until = now + min(SHORTEST_SECONDS * 2 ** min(tries.wrong - free, 10), LONGEST_SECONDS)
            self._tries[key] = tries
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

    def right(self, username: str, client_ip: str) -> None:
        """It was right: that name at that device begins anew."""
        key, _ = self._keys(username, client_ip)[0]
        self._tries.pop(key, None)

    def _keys(self, username: str, client_ip: str) -> tuple[tuple[bytes, int], ...]:
        name = username.casefold()
        parts = ((f"pair\0{name}\0{client_ip}", PAIR), (f"device\0{client_ip}", DEVICE), (f"name\0{name}", NAME))
        return tuple(
            (hmac.digest(self._key, text.encode("utf-8", "replace"), hashlib.sha256), free) for text, free in parts
        )
