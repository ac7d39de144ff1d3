"""Where somebody was going, carried past the notice page: encrypted, authenticated, and only for a while.

Owns the token that stands in the notice page's address, the worker's word for who asks for the portal by way of it, and
the key that both are made with, which the gateway's workers and `fairgate identity` share. Promises: nobody who sees a
token learns anything from it; one that was altered, made by somebody else or is too old carries nothing; reading one
never raises; what is carried is a plain web address or none.
"""

import binascii
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from analytics.durable import sync_folder
from config.errors import FairgateError

HOLDS_MS: Final = 900_000
VOUCHED: Final = "Fairgate-Signed-In"
"""The header with a worker's word, on requests for the portal alone."""
VOUCHED_MS: Final = 30_000
"""How long that word holds: until the portal of the same machine has read it."""
LONGEST_URL: Final = 2048
"""Of a longer address only its site is carried."""
LONGEST_TOKEN: Final = 6000
_NONCE: Final = 12
_KEY_BYTES: Final = 32
_PURPOSE: Final = b"fairgate notice 1"
_VOUCHING: Final = b"fairgate signed in 1"
"""Apart, so that what stands in an address, where anybody may copy it, is nobody's word for who asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Who was sent to the notice from where, and how. `url` is "" where there is nowhere to go on to."""

    url: str
    person_id: str
    device_id: str
    client_ip: str
    how: str
    """The channel, as `analytics.records.Acknowledgement` has it."""
    made_ms: int


class Carrier:
    """Makes and reads tokens with the key at `path`, which is made where there is none.

    Raises:
        FairgateError: the key can neither be read nor made.
    """

    def __init__(self, path: Path) -> None:
        self._cipher = AESGCM(_key(path))

    def token(self, carried: Carried) -> str:
        """What stands in the address."""
        return self._sealed(asdict(carried), _PURPOSE)

    def read(self, token: str, now_ms: int) -> Carried | None:
        """What a token carries; None where it is not ours, or too old at `now_ms` (UTC)."""
        found = self._opened(token, _PURPOSE)
        if found is None:
            return None
        carried = Carried(**found)
        fresh = 0 <= now_ms - carried.made_ms <= HOLDS_MS
        return carried if fresh and carried.url == plain_url(carried.url) else None

    def vouch(self, person_id: str, now_ms: int) -> str:
        """A worker's word that it is surely this person who asks."""
        return self._sealed({"person_id": person_id, "made_ms": now_ms}, _VOUCHING)

    def vouched(self, word: str, now_ms: int) -> str:
        """The person whom such a word names; "" where it is none, or too old at `now_ms` (UTC)."""
        found = self._opened(word, _VOUCHING)
        fresh = found is not None and 0 <= now_ms - found["made_ms"] <= VOUCHED_MS
        return str(found["person_id"]) if found is not None and fresh else ""

    def _sealed(self, plain: dict[str, Any], purpose: bytes) -> str:
        nonce = secrets.token_bytes(_NONCE)
        data = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, data, purpose)).decode("ascii").rstrip("=")

    def _opened(self, token: str, purpose: bytes) -> dict[str, Any] | None:
        if not token.isascii() or len(token) > LONGEST_TOKEN:
            return None
        try:
            data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            found: dict[str, Any] = json.loads(self._cipher.decrypt(data[:_NONCE], data[_NONCE:], purpose))
        except (InvalidTag, ValueError, binascii.Error):
            return None
        return found


def plain_url(url: str) -> str:
    """`url` where it is a plain web address to which somebody may be sent on, cut to its site where it is too long;
    else "". Never one with credentials, or with characters that do not belong into an address."""
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in ' \\"<>'):
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or port == 0:
        return ""
    return url if len(url) <= LONGEST_URL else f"{parts.scheme}://{parts.netloc}/"


def _key(path: Path) -> bytes:
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as fault:
        raise FairgateError(
            f"The key {path} can be neither read nor made ({fault.strerror}). Give its folder to the account that "
            "fairgate runs as."
        ) from fault
    if len(key) != _KEY_BYTES:
        raise FairgateError(
            f"The key {path} is damaged. Delete it and restart: a new one is made, and nothing is lost."
        )
    return key


def _make(path: Path) -> None:
    """Whoever comes first, of several processes that start together, makes it whole; the others read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(secrets.token_bytes(_KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    sync_folder(path.parent)
