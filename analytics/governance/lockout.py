"""Lock-out: repeated failures make the next try wait, twice as long each time.

Owns the failures table. Promises: usernames that exist and that do not are treated alike, so that waiting tells
nothing; nobody is shut out for longer than a quarter of an hour at a time; what was typed cannot be read back: it is
counted in one of 2^20 buckets, by a keyed hash, because people type passwords into username fields.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select

from analytics.governance.database import Database, Work
from analytics.governance.models import FailureRow, SchoolRow

FREE_TRIES: Final = 5
FIRST_WAIT_MS: Final = 30_000
LONGEST_WAIT_MS: Final = 15 * 60_000
_FORGOTTEN_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Failure:
    """After a failed try: which in a row, how long until the next, how many were turned away since the last."""

    count: int
    wait_ms: int
    turned_away: int


class Lockout:
    """Failed sign-ins at one school."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wait_ms(self, username: str, now: int) -> int:
        """How long this username must still wait; 0 where it may try. A try while waiting is counted, not checked."""
        with self._database.read() as work:
            row = work.get(FailureRow, _bucket(work, username))
            if row is None or row.locked_until_ms <= now:
                return 0
        with self._database.write() as work:
            row = work.get(FailureRow, _bucket(work, username))
            if row is None:
                return 0
            row.turned_away += 1
            return max(row.locked_until_ms - now, 0)

    def failed(self, work: Work, username: str, now: int) -> Failure:
        """Count a failure."""
        work.execute(delete(FailureRow).where(FailureRow.last_ms < now - _FORGOTTEN_MS))
        bucket = _bucket(work, username)
        row = work.get(FailureRow, bucket)
        if row is None:
            row = FailureRow(bucket=bucket, failures=0, turned_away=0, last_ms=now, locked_until_ms=0)
            work.add(row)
        row.failures, row.last_ms = row.failures + 1, now
        wait = wait_after(row.failures)
        row.locked_until_ms = now + wait if wait else 0
        away, row.turned_away = row.turned_away, 0
        return Failure(row.failures, wait, away)

    def succeeded(self, work: Work, username: str) -> None:
        """Forget the failures of this username."""
        work.execute(delete(FailureRow).where(FailureRow.bucket == _bucket(work, username)))


def wait_after(failures: int) -> int:
    """Milliseconds to wait after this many failures in a row."""
    if failures < FREE_TRIES:
        return 0
    return min(FIRST_WAIT_MS << min(failures - FREE_TRIES, 10), LONGEST_WAIT_MS)


def _bucket(work: Work, username: str) -> int:
    secret = work.scalars(select(SchoolRow.bucket_secret)).one()
    digest: bytes = hmac.digest(
        bytes.fromhex(secret), username.strip().casefold().encode("utf-8", "replace"), hashlib.sha256
    )
    return int.from_bytes(digest[:3], "big") >> 4
