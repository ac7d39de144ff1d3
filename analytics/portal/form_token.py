"""The token that a form of the portal carries, so that only whoever was shown it can send it.

Owns it. Promises: it holds for one purpose, one address, one person and one version of what was shown, for an hour;
a page of another site cannot have one. After a restart all are void, and the page asks to be sent again.
"""

import hashlib
import hmac
import secrets
from typing import Final

HOLDS_MS: Final = 3_600_000


class FormTokens:
    """Makes and checks the tokens of one process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def make(self, now_ms: int, *bound: str) -> str:
        """A token for what it is `bound` to."""
        return f"{now_ms:x}.{self._mac(now_ms, bound)}"

    def holds(self, token: str, now_ms: int, *bound: str) -> bool:
        """Whether it was made for this, within the hour before `now_ms` (UTC)."""
        made, _, mac = token.partition(".")
        if not 0 < len(made) <= 12 or not made.isascii() or not made.isalnum() or not mac.isascii():
            return False
        try:
            made_ms = int(made, 16)
        except ValueError:
            return False
        return 0 <= now_ms - made_ms <= HOLDS_MS and hmac.compare_digest(mac, self._mac(made_ms, bound))

    def _mac(self, made_ms: int, bound: tuple[str, ...]) -> str:
        said = "\0".join((str(made_ms), *bound)).encode("utf-8", "replace")
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()
